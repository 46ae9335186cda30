//! The authorization-code flow: the browser goes to the provider and comes back with a code.
//!
//! All that must be remembered meanwhile (state, nonce, the verifier of PKCE) follows from one
//! secret, which the browser keeps. Here is only its digest, deleted when the browser comes back:
//! what comes back in another browser, or twice, leads to nothing, and what is stored is worth
//! nothing to a thief.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain_kernel::limit::after;
use domain_kernel::{Random, Result};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Entered, NewWorkspace, refused};
use crate::{Accounts, Admission, TokenKind, done};

/// What a browser keeps between going and coming back.
pub struct FlowSecret([u8; 32]);

/// What is stored of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FlowDigest(pub [u8; 32]);

/// What goes to the provider, each of it in its own way: none tells another.
pub struct FlowKeys {
    /// Comes back beside the code.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Goes along when the code is redeemed; its digest was sent before.
    pub verifier: String,
}

/// A sign-in that has begun.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// At which provider.
    pub provider: String,
    /// Where the browser wants to go in the end; may be empty.
    pub next: String,
    /// What it leads to: whoever began it says so.
    pub kind: TokenKind,
    /// Until when it may come back.
    pub ends_at: Timestamp,
}

/// What a browser needs to go to the provider.
pub struct Begun {
    /// Where.
    pub address: String,
    /// What it keeps.
    pub secret: FlowSecret,
}

/// What a browser came back with.
pub struct Answered {
    /// What it kept; none when that is not there, or no secret.
    pub secret: Option<FlowSecret>,
    /// The state in the address.
    pub state: String,
    /// The code in the address; none when the provider refused.
    pub code: Option<String>,
}

/// A sign-in that has ended well.
#[derive(Debug)]
pub struct Finished {
    /// Who came in.
    pub entered: Entered,
    /// Where the browser wanted to go; may be empty.
    pub next: String,
    /// What they were given.
    pub kind: TokenKind,
}

impl FlowSecret {
    /// How long a browser may stay at the provider.
    pub const LIFETIME: std::time::Duration = std::time::Duration::from_secs(600);

    fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(bytes)
    }

    /// The secret that a text is, if it is one.
    pub fn of(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The text that the browser keeps.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What goes to the provider.
    pub fn keys(&self) -> FlowKeys {
        let key = |name: &str| URL_SAFE_NO_PAD.encode(self.derive(name));
        FlowKeys { state: key("state"), nonce: key("nonce"), verifier: key("verifier") }
    }

    /// What is stored.
    pub fn digest(&self) -> FlowDigest {
        FlowDigest(self.derive("stored"))
    }

    fn derive(&self, name: &str) -> [u8; 32] {
        Sha256::new().chain_update(name).chain_update(self.0).finalize().into()
    }
}

impl fmt::Debug for FlowSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FlowSecret(…)")
    }
}

impl fmt::Debug for FlowDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FlowDigest(…)")
    }
}

impl Accounts {
    /// Begins a sign-in at a provider.
    ///
    /// # Errors
    /// [`Error::NotFound`](domain_kernel::Error::NotFound) when there is no such provider;
    /// [`Error::Unavailable`](domain_kernel::Error::Unavailable) when it does not answer.
    pub async fn begin_flow(&self, provider: &str, next: String, kind: TokenKind) -> Result<Begun> {
        let provider = self.provider(provider)?.name.clone();
        let secret = FlowSecret::generate(&*self.random);
        let address = self.federation.identities.begin(&provider, &secret.keys()).await?;
        let ends_at = after(self.clock.now(), FlowSecret::LIFETIME);
        let mut work = self.store.open_write().await?;
        work.insert_flow(&secret.digest(), &Flow { provider, next, kind, ends_at }).await?;
        done(work, Begun { address, secret }).await
    }

    /// Ends a sign-in at a provider.
    ///
    /// # Errors
    /// As [`Accounts::sign_in_with_google`]; and for a browser that did not begin it, begins it
    /// too late, or comes back twice.
    pub async fn finish_flow(
        &self,
        admission: Admission,
        provider: &str,
        answered: Answered,
        request_id: &str,
    ) -> Result<Finished> {
        let provider = self.provider(provider)?;
        let unknown = || refused("This sign-in did not begin in this browser, or it has ended.");
        let Answered { secret, state, code } = answered;
        let secret = secret.filter(|secret| secret.keys().state == state).ok_or_else(unknown)?;
        let mut work = self.store.open_write().await?;
        let flow = work.take_flow(&secret.digest(), self.clock.now()).await?;
        // Whatever comes of it, it is used up.
        let flow = done(work, flow).await?.filter(|flow| flow.provider == provider.name);
        let flow = flow.ok_or_else(unknown)?;
        let code = code.ok_or_else(|| refused("The provider did not let you in."))?;
        let claims =
            self.federation.identities.finish(&provider.name, &secret.keys(), &code).await?;
        let wish = NewWorkspace::default();
        let device = admission.device.keeping(flow.kind);
        let entered = self.enter(&device, provider, claims, &wish, request_id).await?;
        Ok(Finished { entered, next: flow.next, kind: flow.kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_again_and_tells_four_things_apart() {
        let secret = FlowSecret([7; 32]);
        let again = FlowSecret::of(&secret.reveal()).expect("the same");
        assert!(again.digest() == secret.digest());
        let FlowKeys { state, nonce, verifier } = again.keys();
        let stored = URL_SAFE_NO_PAD.encode(again.digest().0);
        let all =
            std::collections::BTreeSet::from([state, nonce, verifier, stored, again.reveal()]);
        assert_eq!(all.len(), 5);
        assert!(all.iter().all(|text| text.len() == 43), "as long as PKCE wants it");
        for text in ["", "x", &again.reveal()[1..], "!".repeat(43).as_str()] {
            assert!(FlowSecret::of(text).is_none(), "{text}");
        }
    }
}
