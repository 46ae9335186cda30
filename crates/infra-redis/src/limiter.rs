//! The limiter that servers share.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain_kernel::Result;
use domain_kernel::limit::{Count, Demand, Limiter};
use redis::Script;

use crate::PREFIX;
use crate::connection::{Redis, millis};

/// For each key: whether it is granted, what remains, and the milliseconds until the window ends;
/// up to the first that is refused. What it does is what `Rule::take` says: the contract suite
/// holds both to it. The time is that of Redis, the same for all servers.
const TAKE: &str = r"
local answer = {}
for place, key in ipairs(KEYS) do
    local limit = tonumber(ARGV[3 * place - 2])
    local window = tonumber(ARGV[3 * place - 1])
    local penalty = tonumber(ARGV[3 * place])
    local left = redis.call('PTTL', key)
    local used = 0
    if left > 0 then
        used = tonumber(redis.call('GET', key))
    end
    local granted = used < limit
    if granted then
        used = used + 1
        if left > 0 then
            redis.call('INCR', key)
        else
            left = window
            redis.call('SET', key, used, 'PX', window)
        end
    else
        if left <= 0 then
            left = window
        end
        if penalty > 0 and used == limit then
            used = limit + 1
            left = penalty
            redis.call('SET', key, used, 'PX', penalty)
        end
    end
    answer[#answer + 1] = granted and 1 or 0
    answer[#answer + 1] = math.max(limit - used, 0)
    answer[#answer + 1] = left
    if not granted then
        break
    end
end
return answer
";

/// Counts in Redis; while that is away, as another limiter does.
pub struct RedisLimiter {
    redis: Arc<Redis>,
    meanwhile: Arc<dyn Limiter>,
    take: Script,
}

impl RedisLimiter {
    /// A limiter over a Redis, with one for the time without it.
    pub fn new(redis: Arc<Redis>, meanwhile: Arc<dyn Limiter>) -> Self {
        Self { redis, meanwhile, take: Script::new(TAKE) }
    }
}

#[async_trait]
impl Limiter for RedisLimiter {
    async fn take(&self, demands: &[Demand]) -> Result<Vec<Count>> {
        if demands.is_empty() {
            return Ok(Vec::new());
        }
        let mut call = self.take.prepare_invoke();
        for Demand { key, rule } in demands {
            call.key(format!("{PREFIX}:limit:{key}"));
            call.arg(rule.limit).arg(millis(rule.window));
            call.arg(rule.penalty.map_or(0, millis));
        }
        let answer: Option<Vec<(bool, u32, u64)>> =
            self.redis.ask(async |connection| call.invoke_async(connection).await).await;
        let Some(answer) = answer else { return self.meanwhile.take(demands).await };
        let count = |((granted, remaining, left), demand): ((bool, u32, u64), &Demand)| Count {
            granted,
            limit: demand.rule.limit,
            remaining,
            reset: Duration::from_millis(left),
        };
        Ok(answer.into_iter().zip(demands).map(count).collect())
    }
}
