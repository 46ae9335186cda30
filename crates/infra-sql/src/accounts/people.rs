//! The table of people.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain_accounts::{NO_PASSWORD, Person, PersonDraft};
use domain_kernel::{Error, FieldErrors, Id, PersonId, Result, fold};
use jiff::Timestamp;

use crate::columns::At;
use crate::dialect::{Db, Handle, load_locked};
use crate::errors::of_query;

diesel::table! {
    use crate::dialect::types::*;

    people (id) {
        id -> BigInt,
        username -> Text,
        username_folded -> Text,
        email -> Text,
        email_folded -> Text,
        first_name -> Text,
        first_name_folded -> Text,
        last_name -> Text,
        last_name_folded -> Text,
        title -> Text,
        title_folded -> Text,
        timezone -> Text,
        timezone_folded -> Text,
        locale -> Text,
        locale_folded -> Text,
        password_hash -> Text,
        is_active -> Bool,
        is_superuser -> Bool,
        email_verified_at -> Nullable<Moment>,
        second_factor_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = people, check_for_backend(Db))]
struct Row {
    id: i64,
    version: i64,
    is_active: bool,
    is_superuser: bool,
    email_verified_at: Option<At>,
    second_factor_at: Option<At>,
    password_hash: String,
    created_at: At,
    #[diesel(embed)]
    draft: Draft,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = people, check_for_backend(Db))]
struct Draft {
    username: String,
    username_folded: String,
    email: String,
    email_folded: String,
    first_name: String,
    first_name_folded: String,
    last_name: String,
    last_name_folded: String,
    title: String,
    title_folded: String,
    timezone: String,
    timezone_folded: String,
    locale: String,
    locale_folded: String,
}

impl From<&PersonDraft> for Draft {
    fn from(draft: &PersonDraft) -> Self {
        let PersonDraft { username, email, first_name, last_name, title, timezone, locale } =
            draft.clone();
        Self {
            username_folded: fold(&username),
            username,
            email_folded: fold(&email),
            email,
            first_name_folded: fold(&first_name),
            first_name,
            last_name_folded: fold(&last_name),
            last_name,
            title_folded: fold(&title),
            title,
            timezone_folded: fold(&timezone),
            timezone,
            locale_folded: fold(&locale),
            locale,
        }
    }
}

impl From<Draft> for PersonDraft {
    fn from(row: Draft) -> Self {
        let Draft { username, email, first_name, last_name, title, timezone, locale, .. } = row;
        Self { username, email, first_name, last_name, title, timezone, locale }
    }
}

impl From<Row> for Person {
    fn from(row: Row) -> Self {
        Self {
            id: Id::new(row.id),
            version: row.version,
            draft: row.draft.into(),
            is_active: row.is_active,
            is_superuser: row.is_superuser,
            email_verified_at: row.email_verified_at.map(|at| at.0),
            second_factor_at: row.second_factor_at.map(|at| at.0),
            has_password: row.password_hash != NO_PASSWORD,
            created_at: row.created_at.0,
        }
    }
}

/// The person whose user name this is, or else whose e-mail.
///
/// A user name wins: a person must not be shut out because another took their name as e-mail.
pub(super) async fn by_login(
    handle: &mut Handle<'_>,
    folded: &str,
) -> QueryResult<Option<(Person, String)>> {
    if folded.is_empty() {
        return Ok(None);
    }
    let found: Vec<(Row, String)> = people::table
        .filter(people::username_folded.eq(folded).or(people::email_folded.eq(folded)))
        .select((Row::as_select(), people::password_hash))
        .load(handle)
        .await?;
    let best = found.into_iter().max_by_key(|(row, _)| row.draft.username_folded == folded);
    Ok(best.map(|(row, hash)| (row.into(), hash)))
}

pub(super) async fn by_id(handle: &mut Handle<'_>, id: PersonId) -> QueryResult<Option<Person>> {
    let query = people::table.find(id.raw()).select(Row::as_select());
    Ok(query.first(handle).await.optional()?.map(Into::into))
}

/// The person and the hash of their password, locked until the unit ends.
pub(super) async fn locked(
    handle: &mut Handle<'_>,
    id: PersonId,
) -> QueryResult<Option<(Person, String)>> {
    let query = people::table
        .filter(people::id.eq(id.raw()))
        .select((Row::as_select(), people::password_hash));
    let found: QueryResult<Vec<(Row, String)>> = load_locked!(query, people::id, handle);
    Ok(found?.pop().map(|(row, hash)| (row.into(), hash)))
}

pub(super) async fn all(handle: &mut Handle<'_>) -> QueryResult<Vec<Person>> {
    let query = people::table.order(people::id).select(Row::as_select());
    Ok(query.load(handle).await?.into_iter().map(Into::into).collect())
}

/// Registers a person, unless the name or the e-mail is taken.
pub(super) async fn insert(
    handle: &mut Handle<'_>,
    draft: &PersonDraft,
    password_hash: &str,
    is_superuser: bool,
    now: Timestamp,
) -> Result<Person> {
    refuse_taken(handle, draft, None).await?;
    let row: Option<Row> = diesel::insert_into(people::table)
        .values((
            Draft::from(draft),
            people::password_hash.eq(password_hash),
            people::is_active.eq(true),
            people::is_superuser.eq(is_superuser),
            people::version.eq(1),
            people::created_at.eq(At(now)),
            people::updated_at.eq(At(now)),
        ))
        .on_conflict_do_nothing()
        .returning(Row::as_returning())
        .get_result(handle)
        .await
        .optional()
        .map_err(of_query)?;
    match row {
        Some(row) => Ok(row.into()),
        None => {
            // Somebody was faster.
            refuse_taken(handle, draft, None).await?;
            Err(Error::Busy)
        }
    }
}

/// Stores a person anew if the stored version is one less.
pub(super) async fn update(
    handle: &mut Handle<'_>,
    person: &Person,
    now: Timestamp,
) -> Result<bool> {
    refuse_taken(handle, &person.draft, Some(person.id)).await?;
    let row = people::table
        .filter(people::id.eq(person.id.raw()))
        .filter(people::version.eq(person.version - 1));
    let written = diesel::update(row)
        .set((
            Draft::from(&person.draft),
            people::email_verified_at.eq(still_verified(&person.draft)),
            people::is_active.eq(person.is_active),
            people::version.eq(person.version),
            people::updated_at.eq(At(now)),
        ))
        .execute(handle)
        .await
        .map_err(of_query)?;
    Ok(written == 1)
}

/// Stores what is a person's own anew, and raises the version where asked to.
pub(super) async fn rewrite(
    handle: &mut Handle<'_>,
    id: PersonId,
    draft: &PersonDraft,
    raise: bool,
    now: Timestamp,
) -> Result<()> {
    refuse_taken(handle, draft, Some(id)).await?;
    diesel::update(people::table.find(id.raw()))
        .set((
            Draft::from(draft),
            people::email_verified_at.eq(still_verified(draft)),
            people::version.eq(people::version + i64::from(raise)),
            people::updated_at.eq(At(now)),
        ))
        .execute(handle)
        .await
        .map_err(of_query)?;
    Ok(())
}

/// When the e-mail address was verified, if it stays the same; another one is not.
#[diesel::dsl::auto_type(no_type_alias)]
fn still_verified(draft: &PersonDraft) -> _ {
    let email: String = fold(&draft.email);
    diesel::dsl::case_when(people::email_folded.eq(email), people::email_verified_at)
}

pub(super) async fn verify_email(
    handle: &mut Handle<'_>,
    person: PersonId,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::update(people::table.find(person.raw()))
        .set(people::email_verified_at.eq(At(now)))
        .execute(handle)
        .await?;
    Ok(())
}

/// Notes since when a second factor counts.
pub(super) async fn enable_factor(
    handle: &mut Handle<'_>,
    person: PersonId,
    since: Option<Timestamp>,
) -> QueryResult<()> {
    diesel::update(people::table.find(person.raw()))
        .set(people::second_factor_at.eq(since.map(At)))
        .execute(handle)
        .await?;
    Ok(())
}

pub(super) async fn set_hash(
    handle: &mut Handle<'_>,
    person: PersonId,
    hash: &str,
) -> QueryResult<()> {
    diesel::update(people::table.find(person.raw()))
        .set(people::password_hash.eq(hash))
        .execute(handle)
        .await?;
    Ok(())
}

/// Refuses names that somebody else signs in with, be it as user name or as e-mail.
async fn refuse_taken(
    handle: &mut Handle<'_>,
    draft: &PersonDraft,
    except: Option<PersonId>,
) -> Result<()> {
    let Draft { username_folded, email_folded, .. } = draft.into();
    let names = [&username_folded, &email_folded];
    let others: Vec<(String, String)> = people::table
        .filter(people::id.ne(except.map_or(0, Id::raw)))
        .filter(people::username_folded.eq_any(names).or(people::email_folded.eq_any(names)))
        .select((people::username_folded, people::email_folded))
        .load(handle)
        .await
        .map_err(of_query)?;
    let taken = |name: &str| {
        !name.is_empty() && others.iter().any(|(user, email)| user == name || email == name)
    };
    let mut errors = FieldErrors::default();
    if taken(&username_folded) {
        errors.add("username", "A user with that username already exists.");
    }
    if taken(&email_folded) {
        errors.add("email", "A user with that email already exists.");
    }
    errors.into_result()
}
