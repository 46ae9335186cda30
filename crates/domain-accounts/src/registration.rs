//! Registration: a new person with a new workspace.

use domain_kernel::field::{Email, ShortText};
use domain_kernel::journal::Verb;
use domain_kernel::policy::RoleSet;
use domain_kernel::{Actor, Error, Field, FieldErrors, FieldType, Input, Random, Result, TenantId};
use serde_json::Value;

use crate::profile::{bad_locale, bad_timezone};
use crate::{
    Accounts, AccountsWork, Acting, Organization, Person, PersonDraft, Profile, SignedIn, Subject,
};

/// The plan of a new workspace.
pub(crate) const FIRST_PLAN: &str = "free";
/// Fewest characters of a password.
const MIN_PASSWORD: usize = 12;
/// Most characters of a password.
const MAX_PASSWORD: usize = 128;
/// How often a free slug is looked for before giving up.
const SLUG_ATTEMPTS: usize = 8;

/// The fields of a registration, beside the password.
pub const REGISTRATION_FIELDS: [Field; 7] = [
    Field::new("email", "The e-mail address to sign in with.", Email::KIND, false).required(),
    Field::new(
        "username",
        "Another name to sign in with; the e-mail unless given.",
        ShortText::<150>::KIND,
        false,
    ),
    Field::new("first_name", "The first name.", ShortText::<150>::KIND, false),
    Field::new("last_name", "The last name.", ShortText::<150>::KIND, false),
    Field::new(
        "organization_name",
        "The name of the new workspace.",
        ShortText::<255>::KIND,
        false,
    ),
    Field::new(
        "invite_token",
        "An invitation to an existing workspace.",
        ShortText::<255>::KIND,
        false,
    ),
    Field::new(
        "plan_key",
        "The plan that is wished for; every workspace begins on the free one.",
        ShortText::<64>::KIND,
        false,
    ),
];
/// The password's field.
pub const PASSWORD_FIELD: Field =
    Field::new("password", "12 to 128 characters, hard to guess.", ShortText::<128>::KIND, false)
        .required();

/// A registration that was read from a request.
pub struct Registration {
    /// The new person.
    pub person: PersonDraft,
    /// Their password.
    pub password: String,
    /// The name of the new workspace, if they gave one.
    pub organization_name: String,
    /// The invitation, if they gave one.
    pub invite_token: String,
    /// The plan, if they gave one.
    pub plan_key: String,
}

impl Registration {
    /// Reads a registration. Whether the password is weak is judged later, when all else is right.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every message of every field.
    pub fn read(json: Value) -> Result<Self> {
        let [email, username, first_name, last_name, organization, invite, plan] =
            &REGISTRATION_FIELDS;
        let mut input = Input::new(json)?;
        let email = input.take::<Email>(email);
        let username = input.take::<ShortText<150>>(username);
        let first_name = input.take::<ShortText<150>>(first_name);
        let last_name = input.take::<ShortText<150>>(last_name);
        let organization_name = input.take::<ShortText<255>>(organization);
        let invite_token = input.take::<ShortText<255>>(invite);
        let plan_key = input.take::<ShortText<64>>(plan);
        let password = input.take_verbatim(&PASSWORD_FIELD);
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let person = PersonDraft {
            username: text(
                username.as_deref().filter(|name| !name.is_empty()).or(email.as_deref()),
            ),
            email: text(email.as_deref()),
            first_name: text(first_name.as_deref()),
            last_name: text(last_name.as_deref()),
            ..PersonDraft::new()
        };
        // An e-mail that stands in for it was checked as one: it may hold other characters.
        let given = username.as_deref().filter(|name| !name.is_empty());
        if let Some(message) = given.and_then(bad_username) {
            input.error("username", message);
        }
        if let Some(message) = too_long::<ShortText<150>>(&person.username) {
            input.error("username", format!("{message} Give one beside the e-mail."));
        }
        if let Some(message) = password.as_deref().and_then(|text| bad_password(text, &person)) {
            input.error("password", message);
        }
        let (organization_name, invite_token) =
            (text(organization_name.as_deref()), text(invite_token.as_deref()));
        if !organization_name.is_empty() && !invite_token.is_empty() {
            input.error("non_field_errors", "Give either organization_name or invite_token.");
        }
        input.finish()?;
        Ok(Self {
            person,
            password: password.unwrap_or_default(),
            organization_name,
            invite_token,
            plan_key: text(plan_key.as_deref()),
        })
    }
}

impl PersonDraft {
    /// An empty draft with the defaults of time zone and language.
    pub fn new() -> Self {
        Self { timezone: "UTC".to_owned(), locale: "en-US".to_owned(), ..Self::default() }
    }
}

/// What is wrong with a person's data, by field, by the rules that requests are held to.
pub(crate) fn check_draft(person: &PersonDraft) -> FieldErrors {
    let PersonDraft { username, email, first_name, last_name, title, timezone, locale } = person;
    let mut errors = FieldErrors::default();
    let mut check = |field: &str, message: Option<String>| {
        if let Some(message) = message {
            errors.add(field, message);
        }
    };
    check("username", bad_username(username).map(str::to_owned));
    check("username", too_long::<ShortText<150>>(username));
    check("email", too_long::<Email>(email));
    check("first_name", too_long::<ShortText<150>>(first_name));
    check("last_name", too_long::<ShortText<150>>(last_name));
    check("title", too_long::<ShortText<255>>(title));
    check("timezone", bad_timezone(timezone).map(str::to_owned));
    check("locale", bad_locale(locale).map(str::to_owned));
    errors
}

/// What a field of this type says against a text.
fn too_long<T: FieldType>(text: &str) -> Option<String> {
    let field = Field::new("", "", T::KIND, false);
    T::read(Value::String(text.to_owned()), &field).err()
}

/// What is wrong with a user name; an empty one is.
pub(crate) fn bad_username(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
    if name.is_empty() {
        Some("This field may not be blank.")
    } else if name.chars().all(allowed) {
        None
    } else {
        Some("Enter a valid username: letters, digits and @/./+/-/_ only.")
    }
}

/// What is wrong with a password, for a person like this.
pub(crate) fn bad_password(password: &str, person: &PersonDraft) -> Option<String> {
    let length = password.chars().count();
    if length < MIN_PASSWORD {
        return Some(format!(
            "This password is too short. It must contain at least {MIN_PASSWORD} characters."
        ));
    }
    if length > MAX_PASSWORD {
        return Some(format!("Ensure this field has no more than {MAX_PASSWORD} characters."));
    }
    let too_like = hints(person).iter().any(|hint| {
        hint.chars().count() >= 4 && password.to_lowercase().contains(&hint.to_lowercase())
    });
    too_like.then(|| "This password is too similar to your other data.".to_owned())
}

/// What a person's password must not be made of.
fn hints(person: &PersonDraft) -> [&str; 5] {
    let local_part = person.email.split('@').next().unwrap_or_default();
    [&person.email, local_part, &person.username, &person.first_name, &person.last_name]
}

impl Accounts {
    /// Refuses a password that attackers guess early.
    pub(crate) async fn refuse_weak(&self, password: &str, person: &PersonDraft) -> Result<()> {
        if self.passwords.is_weak(password, &hints(person)).await? {
            return Err(Error::field("password", "This password is too easy to guess."));
        }
        Ok(())
    }

    /// Registers a person with a workspace of their own, whose admin they are, and signs them in.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the name or e-mail is taken, the invitation or the plan unknown.
    pub async fn register(&self, registration: Registration, request_id: &str) -> Result<SignedIn> {
        if !registration.invite_token.is_empty() {
            let message = "This invitation does not exist or is no longer valid.";
            return Err(Error::field("invite_token", message));
        }
        self.refuse_weak(&registration.password, &registration.person).await?;
        let hash = self.passwords.hash(&registration.password).await?;
        let mut work = self.store.open_write().await?;
        if !registration.plan_key.is_empty()
            && !work.plans().await?.iter().any(|known| known.plan.key == registration.plan_key)
        {
            return Err(Error::field("plan_key", "There is no such plan."));
        }
        let draft = &registration.person;
        let person = work.insert_person(draft, &hash, false, self.clock.now()).await?;
        let name = match registration.organization_name.as_str() {
            "" => default_name(draft),
            given => given.to_owned(),
        };
        let acting =
            |tenant: TenantId| Acting { tenant, actor: Actor::Member(person.id), request_id };
        let organization = self.found(&mut *work, &name, None, Some(&person), acting).await?;
        let token = self.issue_token(&mut *work, person.id, &acting(organization.id)).await?;
        let entitlements = work.entitlements(self.today(&organization)).await?;
        work.commit().await?;
        Ok(SignedIn { token, profile: Profile { person, organization, entitlements } })
    }

    /// Founds a workspace on the first plan and makes its founder, if there is one, the admin.
    /// The unit of work is in the workspace afterwards.
    pub(crate) async fn found<'r>(
        &self,
        work: &mut dyn AccountsWork,
        name: &str,
        slug: Option<&str>,
        founder: Option<&Person>,
        acting: impl FnOnce(TenantId) -> Acting<'r>,
    ) -> Result<Organization> {
        let now = self.clock.now();
        let organization = match slug {
            Some(slug) => work
                .insert_organization(name, slug, now)
                .await?
                .ok_or_else(|| Error::field("slug", "A workspace with this slug exists."))?,
            None => self.insert_with_free_slug(work, name).await?,
        };
        work.enter(organization.id).await?;
        if !work.subscribe(FIRST_PLAN, self.today(&organization)).await? {
            return Err(Error::internal("the first plan is missing"));
        }
        let acting = acting(organization.id);
        if let Some(person) = founder {
            work.insert_membership(person.id, RoleSet::ADMIN, now).await?;
        }
        let id = organization.id.raw();
        let subject = Subject { entity: "organizations", singular: "organization", id, version: 1 };
        self.note(work, &acting, Verb::Created, subject, &Value::Null, organization.reference());
        if let Some(person) = founder {
            let id = person.id.raw();
            let subject = Subject { entity: "users", singular: "user", id, version: 1 };
            self.note(work, &acting, Verb::Created, subject, &Value::Null, person.json());
        }
        Ok(organization)
    }

    async fn insert_with_free_slug(
        &self,
        work: &mut dyn AccountsWork,
        name: &str,
    ) -> Result<Organization> {
        let base = match slug::slugify(name) {
            empty if empty.is_empty() => "workspace".to_owned(),
            slug => slug.chars().take(200).collect(),
        };
        let mut slug = base.clone();
        for _ in 0..SLUG_ATTEMPTS {
            if let Some(made) = work.insert_organization(name, &slug, self.clock.now()).await? {
                return Ok(made);
            }
            slug = format!("{base}-{}", suffix(&*self.random));
        }
        Err(Error::Conflict("No free slug was found for this name.".to_owned()))
    }
}

/// A workspace's name, made from its founder's.
fn default_name(person: &PersonDraft) -> String {
    let full = format!("{} {}", person.first_name, person.last_name);
    let name = match full.trim() {
        "" => person.username.split('@').next().unwrap_or_default(),
        full => full,
    };
    format!("{name}'s workspace").chars().take(255).collect()
}

/// Five digits that tell slugs of the same name apart.
fn suffix(random: &dyn Random) -> String {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    format!("{:05}", u32::from_le_bytes(bytes) % 100_000)
}
