//! What a provider says about a person, and whether it may.

use domain_kernel::field::{Email, ShortText};
use domain_kernel::{Field, FieldType, Kind, Result};
use serde_json::Value;

use super::{Provider, ProviderSubject, refused};
use crate::PersonDraft;

/// What a provider says about a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// Who it is there.
    pub subject: ProviderSubject,
    /// Their e-mail address, if it tells.
    pub email: Option<String>,
    /// Whether it made sure that the address is theirs.
    pub email_verified: bool,
    /// The domain that the provider keeps them for (`hd`).
    pub hosted_domain: Option<String>,
    /// The first name, or nothing.
    pub first_name: String,
    /// The last name, or nothing.
    pub last_name: String,
    /// The groups that they belong to; none when it does not tell.
    pub groups: Option<Vec<String>>,
}

impl Provider {
    /// The e-mail address that the provider vouches for.
    ///
    /// # Errors
    /// [`Error::Invalid`](domain_kernel::Error::Invalid) when it vouches for none, or for one that
    /// it does not speak for.
    pub(super) fn vouched_email(&self, claims: &Claims) -> Result<String> {
        let address = claims.email.as_deref().unwrap_or_default();
        let field = Field::new("email", "", Email::KIND, false).required();
        let Ok(email) = Email::read(Value::from(address), &field) else {
            return Err(refused("The provider tells no e-mail address that can be used."));
        };
        if !claims.email_verified && !self.trusts_email {
            return Err(refused("The e-mail address is not verified by the provider."));
        }
        if self.domains.is_empty() {
            return Ok(email.into_inner());
        }
        let hosted = claims.hosted_domain.as_deref().unwrap_or_default();
        let is_hosted = self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(hosted));
        if !self.owns(&email) || (self.hosts_domains && !is_hosted) {
            return Err(refused("Accounts of this domain may not sign in here."));
        }
        Ok(email.into_inner())
    }
}

impl Claims {
    /// A new person as the provider describes them.
    pub(super) fn draft(&self, email: &str) -> PersonDraft {
        PersonDraft {
            username: email.to_owned(),
            email: email.to_owned(),
            first_name: name(&self.first_name),
            last_name: name(&self.last_name),
            ..PersonDraft::new()
        }
    }
}

/// A name that a provider gave, as far as it is one here.
fn name(text: &str) -> String {
    const MOST: usize = 150;
    let short: String = text.chars().take(MOST).collect();
    let field = Field::new("", "", Kind::ShortText { max: MOST }, false);
    ShortText::<MOST>::read(Value::String(short), &field)
        .map_or_else(|_| String::new(), ShortText::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            subject: ProviderSubject { issuer: "https://id.example".into(), subject: "1".into() },
            email: Some("ada@example.com".to_owned()),
            email_verified: true,
            hosted_domain: None,
            first_name: "Ada".to_owned(),
            last_name: "x".repeat(200),
            groups: None,
        }
    }

    fn email(provider: &Provider, claims: &Claims) -> Option<String> {
        provider.vouched_email(claims).ok()
    }

    #[test]
    fn an_address_counts_when_it_is_verified() {
        let (any, ada) = (Provider::default(), Some("ada@example.com".to_owned()));
        assert_eq!(email(&any, &claims()), ada);
        let unverified = Claims { email_verified: false, ..claims() };
        assert_eq!(email(&any, &unverified), None);
        let trusting = Provider { trusts_email: true, ..Provider::default() };
        assert_eq!(email(&trusting, &unverified), ada);
        for address in [None, Some(""), Some("ada"), Some("Ada <ada@example.com>")] {
            let claims = Claims { email: address.map(str::to_owned), ..claims() };
            assert_eq!(email(&trusting, &claims), None, "{address:?}");
        }
    }

    #[test]
    fn a_provider_speaks_for_its_domains_only() {
        let of =
            |domain: &str| Provider { domains: vec![domain.to_owned()], ..Provider::default() };
        assert!(email(&of("EXAMPLE.com"), &claims()).is_some());
        for domain in ["example.org", "ample.com", "mail.example.com", "com"] {
            assert_eq!(email(&of(domain), &claims()), None, "{domain}");
        }
        let google = Provider { hosts_domains: true, ..of("example.com") };
        let hosted =
            |domain: Option<&str>| Claims { hosted_domain: domain.map(str::to_owned), ..claims() };
        assert!(email(&google, &hosted(Some("example.com"))).is_some());
        assert_eq!(email(&google, &hosted(None)), None);
        assert_eq!(email(&google, &hosted(Some("example.org"))), None);
    }

    #[test]
    fn names_are_cut_to_what_is_kept() {
        let draft = claims().draft("ada@example.com");
        assert_eq!((draft.first_name.as_str(), draft.last_name.len()), ("Ada", 150));
    }
}
