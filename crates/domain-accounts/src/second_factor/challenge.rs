//! Signing in in two steps: who has given the right password gets a sealed note that says so, and
//! comes back with it and a code within some minutes. Nothing is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain_kernel::limit::after;
use domain_kernel::{Error, FieldErrors, PersonId, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::sign_in::{Outcome, Proof};
use crate::{Accounts, Admission, SignedIn};

/// How long one may look for the code.
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(300);
/// What the note is sealed for.
const PURPOSE: &str = "challenge";

/// What the first step of a sign-in gives.
#[derive(Debug)]
pub enum SignInStep {
    /// They are in.
    Done(Box<SignedIn>),
    /// The password was right, and a code is missing; what to come back with.
    Code(String),
}

/// That somebody has given the right password.
#[derive(Serialize, Deserialize)]
pub struct Challenge {
    person: i64,
    /// The name that they typed.
    login: String,
    /// Of the password's hash: with another password it is over.
    password: [u8; 32],
    /// Until when it is good, in seconds.
    ends_at: i64,
}

impl Challenge {
    /// The name that was typed, which tries are counted under.
    pub fn login(&self) -> &str {
        &self.login
    }
}

/// What says that the right password was given, of its hash.
fn digest(hash: &str) -> [u8; 32] {
    Sha256::digest(hash.as_bytes()).into()
}

/// The error of a sign-in that lacks a code, or has a wrong one.
pub(crate) fn second_factor_error(detail: &str, code: &str) -> Error {
    let mut errors = FieldErrors::one("detail", detail);
    errors.add("second_factor", code);
    Error::Invalid(errors)
}

impl SignInStep {
    /// The sign-in, where there is no second step.
    ///
    /// # Errors
    /// [`Error::Invalid`] that says what is missing.
    pub fn at_once(self) -> Result<SignedIn> {
        match self {
            Self::Done(signed_in) => Ok(*signed_in),
            Self::Code(_) => {
                let detail = "Give a code of your authenticator app, or a recovery code, as otp.";
                Err(second_factor_error(detail, "required"))
            }
        }
    }
}

impl Accounts {
    /// Notes that somebody has given the right password.
    pub(crate) fn challenge(&self, person: PersonId, login: &str, hash: &str) -> Result<String> {
        let challenge = Challenge {
            person: person.raw(),
            login: login.to_owned(),
            password: digest(hash),
            ends_at: after(self.clock.now(), LIFETIME).as_second(),
        };
        let note = serde_json::to_vec(&challenge).map_err(Error::internal)?;
        let sealed = self.limits.second_factors.vault.seal(PURPOSE, &note)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Reads the note that somebody came back with.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is none of ours, or over.
    pub fn challenged(&self, text: &str) -> Result<Challenge> {
        let over = || Error::field("detail", "It took too long. Please sign in again.");
        let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| over())?;
        let note = self.limits.second_factors.vault.open(PURPOSE, &sealed)?.ok_or_else(over)?;
        let challenge: Challenge = serde_json::from_slice(&note).map_err(Error::internal)?;
        match challenge.ends_at > self.clock.now().as_second() {
            true => Ok(challenge),
            false => Err(over()),
        }
    }

    /// The second step of a sign-in.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a wrong code, which counts towards the lockout; [`Error::Locked`].
    pub async fn answer_challenge(
        &self,
        admission: Admission,
        challenge: &Challenge,
        code: &str,
        request_id: &str,
    ) -> Result<SignedIn> {
        let Admission { name, device, .. } = admission;
        let person = PersonId::new(challenge.person);
        let mut work = self.store.open_read().await?;
        let known = work.knows_address(person, &device.address, self.clock.now()).await?;
        work.commit().await?;
        let guess = self.limits.lockout.admit(name, &device.address, known).await?;
        let right = |hash: &str| digest(hash) == challenge.password;
        let proof = Proof { person, right: &right, upgraded: None, code: Some(code) };
        let outcome = self.come_in(proof, &device, request_id).await;
        self.settle(guess, outcome).await.and_then(|outcome| match outcome {
            Outcome::In(signed_in) => Ok(*signed_in),
            Outcome::CodeMissing => Err(second_factor_error("Give a code.", "required")),
        })
    }
}
