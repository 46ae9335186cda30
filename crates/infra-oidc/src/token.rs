//! What an ID token says, once it is sure who says it.

use std::ops::Deref;
use std::time::Duration;

use domain_accounts::{Claims, ProviderSubject};
use domain_kernel::Result;
use jiff::Timestamp;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdToken, IdTokenClaims, IdTokenVerifier,
    LocalizedClaim, Nonce, SignatureVerificationError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::issuer::{Issuer, Published};
use crate::refused;

/// Every claim beside those that the standard names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Others(pub(crate) Map<String, Value>);

impl AdditionalClaims for Others {}

/// An ID token that nobody has looked at.
pub(crate) type Token =
    IdToken<Others, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
/// What one says.
pub(crate) type TokenClaims = IdTokenClaims<Others, CoreGenderClaim>;

/// The ways to sign with a key that only the provider has. What both sides know (HS256 and its
/// like) is none, whatever the provider offers.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// How far a provider's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(60);

/// What a token must be for.
pub(crate) struct Wanted<'a> {
    /// One of these clients.
    pub(crate) clients: &'a [ClientId],
    /// The sign-in with this nonce, where we began one.
    pub(crate) nonce: Option<&'a Nonce>,
}

/// What a token says, if its issuer signed it, for us, and it is valid now.
///
/// # Errors
/// [`Error::Invalid`](domain_kernel::Error::Invalid) when it is not;
/// [`Error::Unavailable`](domain_kernel::Error::Unavailable).
pub(crate) async fn verified(
    issuer: &Issuer,
    token: &Token,
    wanted: &Wanted<'_>,
) -> Result<TokenClaims> {
    let published = issuer.published().await?;
    let mut checked = check(issuer, &published, token, wanted);
    if matches!(&checked, Err(error) if is_unknown_key(error))
        && let Some(newer) = issuer.newer_than(&published).await?
    {
        checked = check(issuer, &newer, token, wanted);
    }
    checked.map_err(|error| {
        let error = crate::issuer::with_causes(&error);
        tracing::info!(issuer = issuer.url().as_str(), error, "an ID token was refused");
        refused("The ID token is not valid.")
    })
}

fn is_unknown_key(error: &ClaimsVerificationError) -> bool {
    let unknown = SignatureVerificationError::NoMatchingKey;
    matches!(error, ClaimsVerificationError::SignatureVerification(error) if *error == unknown)
}

/// Checks a token for each of our clients; which one it is for, it says itself.
fn check(
    issuer: &Issuer,
    published: &Published,
    token: &Token,
    wanted: &Wanted<'_>,
) -> Result<TokenClaims, ClaimsVerificationError> {
    let mut refusal = ClaimsVerificationError::InvalidAudience("there is no client".to_owned());
    for client in wanted.clients {
        let verifier = verifier(issuer, published, client);
        let nonce = |sent: Option<&Nonce>| match wanted.nonce {
            Some(nonce) => openidconnect::NonceVerifier::verify(nonce, sent),
            None => Ok(()),
        };
        match token.claims(&verifier, nonce) {
            Ok(claims) => {
                not_before(issuer.now(), claims.additional_claims())?;
                return Ok(claims.clone());
            }
            Err(error @ ClaimsVerificationError::InvalidAudience(_)) => refusal = error,
            Err(other) => return Err(other),
        }
    }
    Err(refusal)
}

fn verifier<'i>(
    issuer: &'i Issuer,
    published: &Published,
    client: &ClientId,
) -> IdTokenVerifier<'i, CoreJsonWebKey> {
    let (client, keys) = (client.clone(), published.jwks().clone());
    // A client with a secret would admit what is signed with that secret.
    IdTokenVerifier::new_public_client(client, issuer.url().clone(), keys)
        .set_allowed_algs(SIGNATURES)
        .set_time_fn(|| in_chrono(issuer.now()))
        .set_issue_time_verifier_fn(|issued| {
            let latest = in_chrono(domain_kernel::limit::after(issuer.now(), AHEAD));
            if issued <= latest { Ok(()) } else { Err("issued in the future".to_owned()) }
        })
}

/// The library's kind of instant.
fn in_chrono(at: Timestamp) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_micros(at.as_microsecond()).unwrap_or_default()
}

/// `nbf`, which the library leaves to us.
fn not_before(now: Timestamp, others: &Others) -> Result<(), ClaimsVerificationError> {
    let refusal = |text: &str| ClaimsVerificationError::Other(text.to_owned());
    let Some(begins) = others.0.get("nbf") else { return Ok(()) };
    let begins = begins.as_f64().ok_or_else(|| refusal("nbf is no number"))?;
    let latest = domain_kernel::limit::after(now, AHEAD).as_duration().as_secs_f64();
    if begins <= latest { Ok(()) } else { Err(refusal("not valid yet")) }
}

/// Standard claims in the domain's words.
pub(crate) fn in_our_words(claims: &TokenClaims) -> Claims {
    let text = |name: &str| claims.additional_claims().0.get(name)?.as_str().map(str::to_owned);
    let given = plain(claims.given_name());
    Claims {
        subject: ProviderSubject {
            issuer: claims.issuer().as_str().to_owned(),
            subject: claims.subject().as_str().to_owned(),
        },
        email: claims.email().map(|email| email.as_str().to_owned()),
        email_verified: claims.email_verified().unwrap_or(false),
        hosted_domain: text("hd"),
        first_name: given.or_else(|| plain(claims.name())).unwrap_or_default(),
        last_name: plain(claims.family_name()).unwrap_or_default(),
        groups: None,
    }
}

/// A claim in no particular language.
pub(crate) fn plain<T: Deref<Target = String>>(
    claim: Option<&LocalizedClaim<T>>,
) -> Option<String> {
    claim?.get(None).map(|text| text.deref().clone())
}
