//! Registration: a new person with a new workspace.

use domain_kernel::field::{Email, ShortText};
use domain_kernel::{Actor, Field, FieldType, Input, Result, TenantId};
use serde_json::Value;

use crate::draft::{bad_username, refused};
use crate::password::bad_password;
use crate::{Accounts, Acting, Device, PersonDraft, Profile, SendLetter, SignedIn};

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

/// Where an invitation stands in a registration.
const INVITE_TOKEN: &str = "invite_token";

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
        if let Some(message) = refused::<ShortText<150>>(&person.username) {
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

impl Accounts {
    /// Registers a person with a workspace of their own, whose admin they are, or as a member of the
    /// one that they are invited to; and signs them in.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the name or e-mail is taken, the invitation or the plan unknown.
    pub async fn register(
        &self,
        registration: Registration,
        device: &Device,
        request_id: &str,
    ) -> Result<SignedIn> {
        let invite_token = registration.invite_token.as_str();
        if !invite_token.is_empty() {
            self.check_invitation(invite_token, INVITE_TOKEN).await?;
        }
        self.refuse_weak(&registration.password, &registration.person).await?;
        let hash = self.passwords.hash(&registration.password).await?;
        let mut work = self.store.open_write().await?;
        let draft = &registration.person;
        let person = work.insert_person(draft, &hash, false, self.clock.now()).await?;
        let acting =
            |tenant: TenantId| Acting { tenant, actor: Actor::Member(person.id), request_id };
        let mut is_verified = false;
        let organization = if invite_token.is_empty() {
            let name = workspace_name(&registration.organization_name, draft);
            let organization = self.found(&mut *work, &name, None, Some(&person), acting).await?;
            let context = acting(organization.id).context();
            self.wish_for_plan(&mut *work, &context, &registration.plan_key).await?;
            organization
        } else {
            let invitation = self.invitation(&mut *work, invite_token, INVITE_TOKEN).await?;
            let organization = invitation.organization().clone();
            is_verified = invitation.was_mailed_to(&draft.email);
            self.join(&mut *work, invitation, &person, INVITE_TOKEN, request_id).await?;
            organization
        };
        let token =
            self.issue_token(&mut *work, person.id, device, &acting(organization.id)).await?;
        work.note_address(person.id, &device.address, self.clock.now()).await?;
        if !is_verified {
            let letter = SendLetter::EmailVerification { person: person.id };
            self.send_to(&mut *work, &person, &letter, request_id).await?;
        }
        let entitlements = work.entitlements(self.today(&organization)).await?;
        work.commit().await?;
        Ok(SignedIn { token, profile: Profile { person, organization, entitlements } })
    }
}

/// A new workspace's name: as wished, or made from its founder's.
pub(crate) fn workspace_name(wished: &str, person: &PersonDraft) -> String {
    if !wished.is_empty() {
        return wished.to_owned();
    }
    let full = format!("{} {}", person.first_name, person.last_name);
    let name = match full.trim() {
        "" => person.username.split('@').next().unwrap_or_default(),
        full => full,
    };
    format!("{name}'s workspace").chars().take(255).collect()
}
