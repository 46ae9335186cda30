//! The way of a browser: to a provider, and back with a code.

use std::sync::Arc;

use domain_accounts::{Claims, FlowKeys};
use domain_kernel::{Clock, Error, Result};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthType, AuthenticationFlow, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
    UserInfoClaims,
};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::http::{Http, HttpError};
use crate::issuer::{Issuer, Published, with_causes};
use crate::token::{Others, TokenClaims, Wanted, in_our_words, plain, verified};
use crate::{ProviderSettings, refused, unavailable};

/// A provider of the authorization-code flow.
pub(crate) struct CodeFlow {
    pub(crate) name: String,
    issuer: Issuer,
    client: [ClientId; 1],
    secret: Option<ClientSecret>,
    scopes: Vec<Scope>,
    groups_claim: Option<String>,
    callback: RedirectUrl,
}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Others,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;
type TokenError = StandardErrorResponse<CoreErrorResponseType>;
/// The library's client, with our claims.
type OurClient = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    TokenError,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
type UserInfo = UserInfoClaims<Others, CoreGenderClaim>;

impl CodeFlow {
    pub(crate) fn new(
        settings: ProviderSettings,
        http: Http,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let issuer = IssuerUrl::new(settings.issuer).map_err(Error::internal)?;
        let callback = RedirectUrl::new(settings.callback).map_err(Error::internal)?;
        let secret =
            settings.client_secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        Ok(Self {
            name: settings.name,
            issuer: Issuer::new(issuer, http, clock),
            client: [ClientId::new(settings.client_id)],
            secret: secret.map(ClientSecret::new),
            scopes: settings.scopes.into_iter().map(Scope::new).collect(),
            groups_claim: settings.groups_claim,
            callback,
        })
    }

    /// The address that a browser is sent to.
    pub(crate) async fn begin(&self, keys: &FlowKeys) -> Result<String> {
        let client = self.client_of(&self.issuer.published().await?);
        let (state, nonce) = (keys.state.clone(), keys.nonce.clone());
        let verifier = PkceCodeVerifier::new(keys.verifier.clone());
        let (address, ..) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(address.into())
    }

    /// Redeems the code that a browser came back with.
    pub(crate) async fn finish(&self, keys: &FlowKeys, code: &str) -> Result<Claims> {
        let client = self.client_of(&self.issuer.published().await?);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| self.broken(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(keys.verifier.clone()))
            .request_async(&self.issuer.http)
            .await
            .map_err(|error| self.not_redeemed(&error))?;
        let token = tokens.id_token().ok_or_else(|| refused("The provider sent no ID token."))?;
        let nonce = Nonce::new(keys.nonce.clone());
        let wanted = Wanted { clients: &self.client, nonce: Some(&nonce) };
        let said = verified(&self.issuer, token, &wanted).await?;
        let mut claims = in_our_words(&said);
        let mut others = said.additional_claims().clone();
        if self.is_incomplete(&said, &others)
            && let Some(asked) = self.ask(&client, &tokens, &said).await?
        {
            complete(&mut claims, &asked);
            // What was signed counts before what was asked for.
            let mut all = asked.additional_claims().0.clone();
            all.append(&mut others.0);
            others = Others(all);
        }
        claims.groups = self.groups_claim.as_ref().and_then(|claim| groups(claim, &others));
        Ok(claims)
    }

    fn client_of(&self, published: &Published) -> OurClient {
        let (client, secret) = (self.client[0].clone(), self.secret.clone());
        let basic = CoreClientAuthMethod::ClientSecretBasic;
        let ways = published.token_endpoint_auth_methods_supported();
        let way = match ways {
            Some(ways) if !ways.contains(&basic) => AuthType::RequestBody,
            _ => AuthType::BasicAuth,
        };
        OurClient::from_provider_metadata((**published).clone(), client, secret)
            .set_auth_type(way)
            .set_redirect_uri(self.callback.clone())
    }

    /// Whether the token leaves out what we need, as the standard allows it to.
    fn is_incomplete(&self, said: &TokenClaims, others: &Others) -> bool {
        said.email().is_none()
            || self.groups_claim.as_ref().is_some_and(|claim| !others.0.contains_key(claim))
    }

    /// Asks the provider about the person; none when it answers no such questions.
    async fn ask(
        &self,
        client: &OurClient,
        tokens: &Tokens,
        said: &TokenClaims,
    ) -> Result<Option<UserInfo>> {
        let subject = Some(said.subject().clone());
        let Ok(request) = client.user_info(tokens.access_token().clone(), subject) else {
            return Ok(None);
        };
        let asked: Result<UserInfo, _> = request.request_async(&self.issuer.http).await;
        asked.map(Some).map_err(|error| self.broken(&error))
    }

    fn not_redeemed(&self, error: &RequestTokenError<HttpError, TokenError>) -> Error {
        match error {
            RequestTokenError::ServerResponse(answer)
                if *answer.error() == CoreErrorResponseType::InvalidGrant =>
            {
                tracing::info!(provider = self.name, "a code was not redeemed");
                refused("The provider does not accept this sign-in any more. Please begin again.")
            }
            other => self.broken(other),
        }
    }

    /// What the operator should know, and the client not.
    fn broken(&self, error: &dyn std::error::Error) -> Error {
        tracing::warn!(provider = self.name, error = with_causes(error), "a sign-in failed");
        unavailable()
    }
}

/// Adds what a token left out.
fn complete(claims: &mut Claims, asked: &UserInfo) {
    if claims.email.is_none() {
        claims.email = asked.email().map(|email| email.as_str().to_owned());
        claims.email_verified = asked.email_verified().unwrap_or(false);
    }
    if claims.first_name.is_empty() && claims.last_name.is_empty() {
        let first = plain(asked.given_name()).or_else(|| plain(asked.name()));
        claims.first_name = first.unwrap_or_default();
        claims.last_name = plain(asked.family_name()).unwrap_or_default();
    }
}

/// The groups in a claim: none at all without it, unless the provider says that it left them out
/// because they are too many.
fn groups(claim: &str, others: &Others) -> Option<Vec<String>> {
    let left_out = others.0.get("_claim_names").is_some_and(|names| names.get(claim).is_some());
    match others.0.get(claim) {
        None if left_out => {
            tracing::warn!(claim, "a provider left out the groups: roles stay as they are");
            None
        }
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(all)) => {
            Some(all.iter().filter_map(|group| group.as_str().map(str::to_owned)).collect())
        }
        Some(_) => {
            tracing::warn!(claim, "the claim holds no groups: roles stay as they are");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_read_in_each_form_that_providers_send() {
        let read = |claims: Value| {
            let Value::Object(map) = claims else { panic!("an object") };
            groups("groups", &Others(map))
        };
        let some = |groups: &[&str]| Some(groups.iter().map(|&group| group.to_owned()).collect());
        assert_eq!(read(json!({ "groups": ["a", "b", 1] })), some(&["a", "b"]));
        assert_eq!(read(json!({ "groups": "a" })), some(&["a"]));
        assert_eq!(read(json!({ "roles": ["a"] })), some(&[]));
        assert_eq!(read(json!({ "groups": null })), some(&[]));
        assert_eq!(read(json!({ "_claim_names": { "groups": "src1" } })), None);
        assert_eq!(read(json!({ "groups": { "a": true } })), None);
    }
}
