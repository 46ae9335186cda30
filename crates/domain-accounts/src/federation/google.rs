//! Signing in with an ID token of Google's, which the client got by itself.

use domain_kernel::field::{LongText, ShortText};
use domain_kernel::{Field, FieldType, Input, Result};
use serde_json::Value;

use super::{Entered, NewWorkspace};
use crate::{Accounts, Admission};

/// The name of Google among the providers.
pub const GOOGLE: &str = "google";

/// The fields of a sign-in with Google.
pub const GOOGLE_FIELDS: [Field; 4] = [
    Field::new("token", "Google's ID token.", LongText::KIND, false),
    Field::new(
        "credential",
        "The same, by the name that Google's button gives it.",
        LongText::KIND,
        false,
    ),
    Field::new(
        "organization_name",
        "The name of the workspace of a new account.",
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

/// A sign-in with Google that was read from a request.
pub struct GoogleSignIn {
    token: String,
    wish: NewWorkspace,
}

impl GoogleSignIn {
    /// Reads a sign-in.
    ///
    /// # Errors
    /// [`Error::Invalid`](domain_kernel::Error::Invalid) with every message of every field.
    pub fn read(json: Value) -> Result<Self> {
        let [token, credential, organization, plan] = &GOOGLE_FIELDS;
        let mut input = Input::new(json)?;
        let token = input.take::<LongText>(token).unwrap_or_default();
        let credential = input.take::<LongText>(credential).unwrap_or_default();
        let organization = input.take::<ShortText<255>>(organization).unwrap_or_default();
        let plan = input.take::<ShortText<64>>(plan).unwrap_or_default();
        match (token.is_empty(), credential.is_empty()) {
            (true, true) => input.error("token", "This field is required."),
            (false, false) => input.error("non_field_errors", "Give either token or credential."),
            _ => {}
        }
        input.finish()?;
        let token = if token.is_empty() { credential } else { token };
        let wish = NewWorkspace { name: organization.into_inner(), plan_key: plan.into_inner() };
        Ok(Self { token: token.into_inner(), wish })
    }
}

impl Accounts {
    /// Signs somebody in with Google; who is new gets an account with a workspace of their own.
    ///
    /// # Errors
    /// [`Error::NotFound`](domain_kernel::Error::NotFound) when it is off; what
    /// [`IdentityProviders`](crate::IdentityProviders) says of the token;
    /// [`Error::Invalid`](domain_kernel::Error::Invalid) under `detail` for who may not come in.
    pub async fn sign_in_with_google(
        &self,
        admission: Admission,
        sign_in: GoogleSignIn,
        request_id: &str,
    ) -> Result<Entered> {
        let provider = self.google()?;
        let claims = self.federation.identities.verify_google(&sign_in.token).await?;
        self.enter(&admission.device, provider, claims, &sign_in.wish, request_id).await
    }
}
