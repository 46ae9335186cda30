//! The signed-in person's own data.

use domain_kernel::field::{Email, Locale, ShortText, ZoneName};
use domain_kernel::journal::Verb;
use domain_kernel::{
    Error, Field, FieldType, Input, OpContext, Patch, PersonId, Result, fold, replayed,
};
use serde_json::{Value, json};

use crate::session::signed_in;
use crate::sign_in::organization;
use crate::{
    Accounts, AccountsWork, Acting, Entitlements, Organization, Person, PersonDraft, SendLetter,
    done,
};

/// Who is signed in, where, and what they may use.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The person.
    pub person: Person,
    /// The workspace.
    pub organization: Organization,
    /// What it may use.
    pub entitlements: Entitlements,
}

impl Profile {
    /// The profile as the API shows it.
    pub fn json(&self) -> Value {
        let Person { id, draft, is_superuser, .. } = &self.person;
        let PersonDraft { username, email, first_name, last_name, title, timezone, locale } = draft;
        json!({
            "id": id, "username": username, "email": email,
            "first_name": first_name, "last_name": last_name, "title": title,
            "timezone": timezone, "locale": locale,
            "is_staff": is_superuser, "is_superuser": is_superuser,
            "organization": self.organization.reference(),
            "feature_flags": self.entitlements.features,
        })
    }
}

/// A profile that was written, as the API shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenProfile {
    /// The profile.
    pub shown: Value,
    /// Whether it is what the same request gave before, under the same idempotency key.
    pub replayed: bool,
}

/// The fields that people write of themselves.
pub const PROFILE_FIELDS: [Field; 6] = [
    Field::new("first_name", "The first name.", ShortText::<150>::KIND, false),
    Field::new("last_name", "The last name.", ShortText::<150>::KIND, false),
    Field::new("email", "The e-mail address; also a name to sign in with.", Email::KIND, false),
    Field::new("title", "The position.", ShortText::<255>::KIND, false),
    Field::new("timezone", "The time zone, by its IANA name.", ZoneName::KIND, false),
    Field::new("locale", "The language, as a BCP 47 tag.", Locale::KIND, false),
];

/// How often a change is tried again when somebody else wrote the person in between.
const ATTEMPTS: usize = 16;

/// What only the server writes of a profile.
const SERVER_WRITTEN: [&str; 6] =
    ["id", "username", "is_staff", "is_superuser", "organization", "feature_flags"];

/// A change of one's own data.
#[derive(Debug, Clone, Default)]
pub struct ProfilePatch {
    first_name: Patch<ShortText<150>>,
    last_name: Patch<ShortText<150>>,
    email: Patch<Email>,
    title: Patch<ShortText<255>>,
    timezone: Patch<ZoneName>,
    locale: Patch<Locale>,
}

impl ProfilePatch {
    /// Reads a change from a request. No field is required, so that PUT and PATCH are alike.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every message of every field.
    pub fn read(json: Value) -> Result<Self> {
        let [first_name, last_name, email, title, timezone, locale] = &PROFILE_FIELDS;
        let mut input = Input::new(json)?;
        input.ignore(SERVER_WRITTEN);
        let patch = Self {
            first_name: input.take_patch(first_name),
            last_name: input.take_patch(last_name),
            email: input.take_patch(email),
            title: input.take_patch(title),
            timezone: input.take_patch(timezone),
            locale: input.take_patch(locale),
        };
        input.finish()?;
        Ok(patch)
    }

    fn apply(self, draft: &mut PersonDraft) {
        let Self { first_name, last_name, email, title, timezone, locale } = self;
        set(first_name, &mut draft.first_name, ShortText::into_inner);
        set(last_name, &mut draft.last_name, ShortText::into_inner);
        set(email, &mut draft.email, Email::into_inner);
        set(title, &mut draft.title, ShortText::into_inner);
        set(timezone, &mut draft.timezone, ZoneName::into_inner);
        set(locale, &mut draft.locale, Locale::into_inner);
    }
}

fn set<T>(patch: Patch<T>, target: &mut String, text: impl Fn(T) -> String) {
    if let Patch::Set(value) = patch {
        *target = text(value);
    }
}

impl Accounts {
    /// The caller's profile.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when no person is signed in.
    pub async fn profile(&self, ctx: &OpContext) -> Result<Profile> {
        let person = signed_in(ctx)?;
        let mut work = self.store.begin_read(ctx).await?;
        let profile = self.load_profile(ctx, &mut *work, person).await?;
        done(work, profile).await
    }

    /// Changes the caller's own data.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the e-mail is taken.
    pub async fn update_profile(
        &self,
        ctx: &OpContext,
        patch: ProfilePatch,
    ) -> Result<WrittenProfile> {
        let id = signed_in(ctx)?;
        for _ in 0..ATTEMPTS {
            if let Some(written) = self.try_update_profile(ctx, id, patch.clone()).await? {
                return Ok(written);
            }
        }
        Err(Error::Busy)
    }

    /// One attempt; none when somebody else wrote the person in between.
    async fn try_update_profile(
        &self,
        ctx: &OpContext,
        id: PersonId,
        patch: ProfilePatch,
    ) -> Result<Option<WrittenProfile>> {
        let mut work = self.store.begin_write(ctx).await?;
        if let Some(outcome) = replayed(ctx, &mut *work).await? {
            return Ok(Some(WrittenProfile { shown: outcome, replayed: true }));
        }
        let mut profile = self.load_profile(ctx, &mut *work, id).await?;
        let (before, email) = (profile.person.json(), profile.person.draft.email.clone());
        patch.apply(&mut profile.person.draft);
        let after = profile.person.json();
        if after != before {
            profile.person.version += 1;
            if !work.update_person(&profile.person, self.clock.now()).await? {
                return done(work, None).await;
            }
            let acting =
                Acting { tenant: ctx.tenant, actor: ctx.actor, request_id: &ctx.request_id };
            let subject = profile.person.subject();
            self.note(&mut *work, &acting, Verb::Updated, subject, &before, after);
            if fold(&profile.person.draft.email) != fold(&email) {
                let letter = SendLetter::EmailVerification { person: id };
                self.send_to(&mut *work, &profile.person, &letter, &ctx.request_id).await?;
            }
        }
        let shown = profile.json();
        if ctx.idempotency.is_some() {
            work.remember(shown.clone());
        }
        done(work, Some(WrittenProfile { shown, replayed: false })).await
    }

    async fn load_profile(
        &self,
        ctx: &OpContext,
        work: &mut dyn AccountsWork,
        person: PersonId,
    ) -> Result<Profile> {
        let gone = || Error::Unauthenticated("User inactive or deleted.");
        let person = work.person(person).await?.ok_or_else(gone)?;
        let organization = organization(work, ctx.tenant).await?;
        let entitlements = work.entitlements(self.today(&organization)).await?;
        Ok(Profile { person, organization, entitlements })
    }
}
