//! Rows, people and workspaces in a few words.
//!
//! A builder takes what a reader must see; the rest has defaults and is named with struct update:
//! `Contact { email: Email::trusted("ada@example.com"), ..contact("Ada", "Lovelace") }`.

use std::sync::Arc;

use domain_accounts::{AccountsStore, Organization, Person, PersonDraft};
use domain_kernel::field::{Choice, Link, Moment, Money, OwnCurrency, ShortText};
use domain_kernel::policy::{Role, RoleSet};
use domain_kernel::{Actor, Amount, Currency, Id, IdempotencyKey, OpContext, Result};
use domain_sales::{Company, Contact, DealStage, DealStatus, Lead, Opportunity, Pipeline};
use jiff::Timestamp;

/// A company with a name.
pub fn company(name: &str) -> Company {
    Company { name: ShortText::trusted(name), ..Company::default() }
}

/// A contact with a name.
pub fn contact(first: &str, last: &str) -> Contact {
    Contact {
        first_name: ShortText::trusted(first),
        last_name: ShortText::trusted(last),
        ..Contact::default()
    }
}

/// A contact with a name who works for a company.
pub fn employee(first: &str, last: &str, company: Id<Company>) -> Contact {
    Contact { company: Link::to(Some(company)), ..contact(first, last) }
}

/// A lead from somewhere.
pub fn lead(source: &str) -> Lead {
    Lead { source: ShortText::trusted(source), ..Lead::default() }
}

/// A pipeline with a name.
pub fn pipeline(name: &str) -> Pipeline {
    Pipeline { name: ShortText::trusted(name) }
}

/// A stage of a pipeline.
pub fn stage(name: &str, pipeline: Id<Pipeline>) -> DealStage {
    DealStage {
        name: ShortText::trusted(name),
        pipeline: Link::to(Some(pipeline)),
        ..DealStage::default()
    }
}

/// An open deal about so many cents in a stage of a pipeline.
pub fn deal(
    name: &str,
    (pipeline, stage): (Id<Pipeline>, Id<DealStage>),
    cents: i64,
) -> Opportunity {
    Opportunity {
        name: ShortText::trusted(name),
        pipeline: Link::to(Some(pipeline)),
        stage: Link::to(Some(stage)),
        amount: Money(Amount::from_ten_thousandths(cents * 100)),
        currency: OwnCurrency(Some(Currency::USD)),
        status: Choice::trusted(DealStatus::OPEN),
        stage_entered_at: Moment(Some(Timestamp::UNIX_EPOCH)),
        ..Opportunity::default()
    }
}

/// An amount of money as a field holds it.
///
/// # Panics
/// For what is no amount.
pub fn amount<const DIGITS: u32>(text: &str) -> Money<DIGITS> {
    Money(text.parse().expect("an amount"))
}

/// A person with a user name and the address `<user name>@example.com`.
pub fn person(username: &str) -> PersonDraft {
    PersonDraft {
        username: username.to_owned(),
        email: format!("{username}@example.com"),
        first_name: username.to_owned(),
        ..PersonDraft::new()
    }
}

/// A set of roles.
pub fn roles(roles: &[Role]) -> RoleSet {
    roles.iter().copied().collect()
}

/// A member of a workspace, with the context in which they act.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// Where.
    pub organization: Organization,
    /// The context of one of their requests.
    pub ctx: OpContext,
}

impl Member {
    /// The context of a request that may be sent twice.
    pub fn repeating(&self, key: &str, fingerprint: &[u8]) -> OpContext {
        let (key, fingerprint) = (key.to_owned(), fingerprint.to_vec());
        OpContext { idempotency: Some(IdempotencyKey { key, fingerprint }), ..self.ctx.clone() }
    }
}

/// Founds a workspace named `name` on the free plan, with an admin of the same name.
///
/// # Errors
/// Those of the store, also when the name is taken.
pub async fn found(accounts: &dyn AccountsStore, name: &str, now: Timestamp) -> Result<Member> {
    let mut work = accounts.open_write().await?;
    let made = work.insert_organization(name, name, now).await?;
    let organization =
        made.ok_or_else(|| domain_kernel::Error::Conflict(format!("{name} is taken")))?;
    work.enter(organization.id).await?;
    work.commit().await?;
    join(accounts, &organization, name, RoleSet::ADMIN, now).await
}

/// Registers a person and makes them a member of a workspace.
///
/// # Errors
/// Those of the store, also when the user name is taken.
pub async fn join(
    accounts: &dyn AccountsStore,
    organization: &Organization,
    username: &str,
    roles: RoleSet,
    now: Timestamp,
) -> Result<Member> {
    let mut work = accounts.open_write().await?;
    let person = work.insert_person(&person(username), "no hash", false, now).await?;
    work.enter(organization.id).await?;
    work.insert_membership(person.id, roles, now).await?;
    work.commit().await?;
    let ctx = OpContext {
        tenant: organization.id,
        actor: Actor::Member(person.id),
        roles,
        features: Arc::default(),
        request_id: "a request of a test".into(),
        idempotency: None,
    };
    Ok(Member { person, organization: organization.clone(), ctx })
}

/// The day of an instant, in the time zone that new workspaces have.
pub fn today(now: Timestamp) -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(now).date()
}
