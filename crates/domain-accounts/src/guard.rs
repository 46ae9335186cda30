//! What stands before every way to sign in: the rate, then the lockout.

use std::sync::Arc;
use std::time::Duration;

use domain_kernel::limit::{ClientAddress, Count, Demand, Limiter, Rule};
use domain_kernel::{Error, Result};

use crate::lockout::{Lockout, NameDigest};
use crate::{Accounts, Device, SecondFactors, SessionLimits};

/// The limits of signing in.
#[derive(Clone)]
pub struct SignInLimits {
    /// Counts the attempts.
    pub limiter: Arc<dyn Limiter>,
    /// How often a name may be tried at an address; none is no limit.
    pub rate: Option<Rule>,
    /// How often somebody may register at an address; none is no limit.
    pub registration: Option<Rule>,
    /// How many letters somebody may have sent; none is no limit.
    pub letters: Option<Rule>,
    /// What happens after failures.
    pub lockout: Lockout,
    /// How long sessions last.
    pub sessions: SessionLimits,
    /// What stands behind the password.
    pub second_factors: SecondFactors,
}

/// Most letters that one asks for, to an address or by a person, in an hour.
pub const LETTERS: Rule = Rule { limit: 5, window: Duration::from_secs(3600), penalty: None };

/// Leave to try a name at an address once; every way to sign in takes one.
#[derive(Debug)]
#[must_use = "it was counted"]
pub struct Admission {
    pub(crate) login: String,
    pub(crate) name: NameDigest,
    pub(crate) device: Device,
    /// What was counted, unless there is no limit.
    pub count: Option<Count>,
}

/// What a registration at an address counts under; whoever lets one in counts it once.
pub fn registration_demand(address: &ClientAddress, rule: Rule) -> Demand {
    Demand { key: format!("registration:{address}"), rule }
}

impl Accounts {
    /// Lets somebody try a name at an address.
    ///
    /// # Errors
    /// [`Error::Throttled`] when it was tried too often.
    pub async fn admit(&self, login: &str, device: impl Into<Device>) -> Result<Admission> {
        let (name, device) = (NameDigest::of(login), device.into());
        let mut count = None;
        if let Some(rule) = self.limits.rate {
            let key = format!("sign-in:{}:{}", name.hex(), device.address);
            count = self.limits.limiter.take(&[Demand { key, rule }]).await?.first().copied();
        }
        match count {
            Some(refused) if !refused.granted => Err(Error::Throttled(refused)),
            _ => Ok(Admission { login: login.to_owned(), name, device, count }),
        }
    }

    /// Counts a letter that somebody asks for; what refuses it, if anything does.
    pub(crate) async fn count_letter(&self, key: String) -> Result<Option<Count>> {
        let Some(rule) = self.limits.letters else { return Ok(None) };
        let counts = self.limits.limiter.take(&[Demand { key, rule }]).await?;
        Ok(counts.into_iter().find(|count| !count.granted))
    }

    /// Counts a registration that comes by another way than its own address of the API.
    pub(crate) async fn count_registration(&self, address: &ClientAddress) -> Result<()> {
        let Some(rule) = self.limits.registration else { return Ok(()) };
        let counts = self.limits.limiter.take(&[registration_demand(address, rule)]).await?;
        match counts.first() {
            Some(refused) if !refused.granted => Err(Error::Throttled(*refused)),
            _ => Ok(()),
        }
    }
}
