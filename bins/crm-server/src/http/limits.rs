//! How often one may call: who is counted under what, and how the answer says so.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage as _, HttpRequest};
use domain_accounts::{Principal, registration_demand};
use domain_kernel::Error;
use domain_kernel::limit::{ClientAddress, Count, Demand, Rule};
use infra_runtime::config::Config;

use super::caller::{Identity, credential};
use super::client;
use super::failure::Failure;
use super::state::State;
use crate::pages;

/// Pages for people and what they load. They cost nothing, and opening one page must not use up
/// what a client may ask of the API.
const FREE: [&str; 3] = ["/api/docs/", "/api/redoc/", "/api/assets/"];

/// What was counted for a request.
#[derive(Default)]
struct Counted(Vec<Count>);

/// Lets a request in, or refuses it because there were too many like it.
///
/// On the way it is found out who sends it; the extractor of the caller takes it from there.
///
/// # Errors
/// [`Error::Throttled`]; what fails when the token is looked up.
pub(crate) async fn admit(state: &State, request: &HttpRequest) -> Result<(), Failure> {
    let (config, path) = (state.config(), request.path());
    let counted = path.starts_with("/api/") || pages::is_page(path);
    let limited = counted && !FREE.iter().any(|free| path.starts_with(free));
    if !config.throttle || !limited {
        return Ok(());
    }
    let address = client::address(config, request);
    let mut demands: Vec<Demand> = demand("burst", &address, config.burst.rule()).collect();
    let caller = match credential(config, request) {
        Err(_) => None,
        Ok(token) => {
            let accounts = state.application().accounts.clone();
            let found = match accounts.remembered(&token).await {
                Some(principal) => Ok(principal),
                None => {
                    // Counted before anything is asked of the database.
                    take(state, request, std::mem::take(&mut demands)).await?;
                    state.run(async move { accounts.authenticate(&token).await }).await
                }
            };
            let identity = match found {
                Ok(principal) => Identity::Member(token, principal),
                Err(Failure::Domain(Error::Unauthenticated(why))) => Identity::Refused(why),
                Err(other) => return Err(other),
            };
            request.extensions_mut().insert(identity.clone());
            identity.principal()
        }
    };
    match caller {
        Some(principal) => demands.extend(of_member(config, &principal)),
        None => demands.extend(of_stranger(config, request, &address)),
    }
    take(state, request, demands).await
}

/// Who is signed in is counted by themselves and with their workspace.
fn of_member(config: &Config, principal: &Principal) -> impl Iterator<Item = Demand> {
    let minute = Rule {
        limit: principal.calls_per_minute,
        window: std::time::Duration::from_secs(60),
        penalty: None,
    };
    demand("user", &principal.person, config.rates.user.map(Into::into)).chain(demand(
        "workspace",
        &principal.tenant,
        Some(minute),
    ))
}

/// Who is not, by where they come from.
fn of_stranger(
    config: &Config,
    request: &HttpRequest,
    address: &ClientAddress,
) -> impl Iterator<Item = Demand> {
    let registers = request.method() == Method::POST && request.path() == "/api/auth/register/";
    let registration = config.rates.registration.filter(|_| registers);
    demand("anonymous", address, config.rates.anon.map(Into::into))
        .chain(registration.map(|rate| registration_demand(address, rate.into())))
}

fn demand(
    what: &str,
    whose: &dyn std::fmt::Display,
    rule: Option<Rule>,
) -> impl Iterator<Item = Demand> + use<> {
    rule.map(|rule| Demand { key: format!("{what}:{whose}"), rule }).into_iter()
}

async fn take(state: &State, request: &HttpRequest, demands: Vec<Demand>) -> Result<(), Failure> {
    let limiter = state.application().limiter.clone();
    let counts = if state.config().redis_url.is_some() {
        // Its connection belongs to the runtime of the use cases.
        state.run(async move { limiter.take(&demands).await }).await?
    } else {
        limiter.take(&demands).await?
    };
    let refused = counts.iter().find(|count| !count.granted).copied();
    for count in counts {
        note(request, count);
    }
    refused.map_or(Ok(()), |count| Err(Error::Throttled(count).into()))
}

/// Notes what else was counted for a request.
pub(crate) fn note(request: &HttpRequest, count: Count) {
    let mut extensions = request.extensions_mut();
    match extensions.get_mut::<Counted>() {
        Some(counted) => counted.0.push(count),
        None => {
            extensions.insert(Counted(vec![count]));
        }
    }
}

/// Says in an answer's headers which limit is the tightest: the one that refused it, else the one
/// with the fewest left.
pub(crate) fn say(
    request: &HttpRequest,
    refused: Option<Count>,
    status: StatusCode,
    headers: &mut HeaderMap,
) {
    let extensions = request.extensions();
    let counted = extensions.get::<Counted>().map_or(&[][..], |counted| &counted.0);
    let Some(count) = refused.or_else(|| tightest(counted)) else { return };
    let mut set = |name: &'static str, value: u64| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    };
    set("ratelimit-limit", count.limit.into());
    set("ratelimit-remaining", count.remaining.into());
    set("ratelimit-reset", count.reset_seconds());
    if status == StatusCode::TOO_MANY_REQUESTS {
        set("retry-after", count.reset_seconds().max(1));
    }
}

fn tightest(counts: &[Count]) -> Option<Count> {
    counts
        .iter()
        .min_by_key(|count| (count.granted, count.remaining, std::cmp::Reverse(count.reset)))
        .copied()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_tightest_limit_is_named() {
        let count = |granted, remaining, seconds| Count {
            granted,
            limit: 10,
            remaining,
            reset: Duration::from_secs(seconds),
        };
        let (some, few, longer) = (count(true, 5, 60), count(true, 2, 1), count(true, 2, 9));
        assert_eq!(tightest(&[some, few, longer]), Some(longer));
        let refused = count(false, 0, 3);
        assert_eq!(tightest(&[count(true, 0, 60), refused]), Some(refused));
        assert_eq!(tightest(&[]), None);
    }
}
