//! The tallies of failed sign-ins that servers share.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain_accounts::{Ceiling, FailedSignIns, FailureKey, NameDigest};
use domain_kernel::Result;
use redis::Script;

use crate::PREFIX;
use crate::connection::{Redis, millis};

/// Reserves a guess under every key, or gives the longest lock in milliseconds. What it does to
/// one is what `Ceiling::reserve` says: the contract suite holds both to it.
const RESERVE: &str = r"
local locked = 0
for place, key in ipairs(KEYS) do
    local most = tonumber(ARGV[3 * place - 2])
    local left = redis.call('PTTL', key)
    if left > 0 and tonumber(redis.call('GET', key)) >= most then
        locked = math.max(locked, left)
    end
end
if locked > 0 then
    return locked
end
for place, key in ipairs(KEYS) do
    local most = tonumber(ARGV[3 * place - 2])
    local used
    if redis.call('PTTL', key) > 0 then
        used = redis.call('INCR', key)
    else
        used = 1
        redis.call('SET', key, used, 'PX', tonumber(ARGV[3 * place - 1]))
    end
    if used == most then
        redis.call('PEXPIRE', key, tonumber(ARGV[3 * place]))
    end
end
return 0
";

/// Forgets as many keys as the argument says, and takes one back under the others.
const SETTLE: &str = r"
for place, key in ipairs(KEYS) do
    if place <= tonumber(ARGV[1]) then
        redis.call('DEL', key)
    elseif tonumber(redis.call('GET', key) or '0') > 0 then
        redis.call('DECR', key)
    end
end
";

/// How many keys a step of a walk over all of them looks at.
const STEP: usize = 1_000;

/// Keeps the tallies in Redis; while that is away, as another adapter does.
pub struct RedisFailedSignIns {
    redis: Arc<Redis>,
    meanwhile: Arc<dyn FailedSignIns>,
    reserve: Script,
    settle: Script,
}

impl RedisFailedSignIns {
    /// The tallies in a Redis, with what keeps them in the time without it.
    pub fn new(redis: Arc<Redis>, meanwhile: Arc<dyn FailedSignIns>) -> Self {
        Self { redis, meanwhile, reserve: Script::new(RESERVE), settle: Script::new(SETTLE) }
    }
}

fn key(of: &FailureKey) -> String {
    let (address, of_name) = match of {
        FailureKey::Address(address) => (address.as_str(), None),
        FailureKey::Name(name) => ("", Some(name)),
        FailureKey::NameAtAddress(name, address) => (address.as_str(), Some(name)),
    };
    format!("{}{address}", beginning(of_name))
}

/// What the keys of a name begin with.
fn beginning(name: Option<&NameDigest>) -> String {
    format!("{PREFIX}:failed-sign-ins:{}:", name.map(NameDigest::hex).unwrap_or_default())
}

#[async_trait]
impl FailedSignIns for RedisFailedSignIns {
    async fn reserve(&self, guess: &[(FailureKey, Ceiling)]) -> Result<Option<Duration>> {
        let mut call = self.reserve.prepare_invoke();
        for (of, ceiling) in guess {
            call.key(key(of)).arg(ceiling.most);
            call.arg(millis(ceiling.window)).arg(millis(ceiling.lockout));
        }
        let locked: Option<u64> =
            self.redis.ask(async |connection| call.invoke_async(connection).await).await;
        match locked {
            Some(0) => Ok(None),
            Some(left) => Ok(Some(Duration::from_millis(left))),
            None => self.meanwhile.reserve(guess).await,
        }
    }

    async fn settle(&self, cleared: &[FailureKey], taken_back: &[FailureKey]) -> Result<()> {
        let mut call = self.settle.prepare_invoke();
        for of in cleared.iter().chain(taken_back) {
            call.key(key(of));
        }
        call.arg(cleared.len());
        let settled: Option<()> =
            self.redis.ask(async |connection| call.invoke_async(connection).await).await;
        match settled {
            Some(()) => Ok(()),
            None => self.meanwhile.settle(cleared, taken_back).await,
        }
    }

    async fn clear_name(&self, name: NameDigest) -> Result<()> {
        // Nothing in it is a wildcard.
        let pattern = format!("{}*", beginning(Some(&name)));
        let _cleared: Option<()> = self
            .redis
            .ask(async |connection| {
                let mut cursor = 0_u64;
                loop {
                    let (next, keys): (u64, Vec<String>) = redis::cmd("SCAN")
                        .arg(cursor)
                        .arg("MATCH")
                        .arg(&pattern)
                        .arg("COUNT")
                        .arg(STEP)
                        .query_async(connection)
                        .await?;
                    if !keys.is_empty() {
                        redis::cmd("DEL").arg(keys).query_async::<()>(connection).await?;
                    }
                    if next == 0 {
                        return Ok(());
                    }
                    cursor = next;
                }
            })
            .await;
        // What was counted while Redis was away, too.
        self.meanwhile.clear_name(name).await
    }
}
