//! Counting within windows.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain_kernel::limit::{Count, Demand, Limiter, Rule};

use crate::SeededRandom;

/// Lets time pass for an adapter.
#[async_trait]
pub trait Passing: Send + Sync {
    /// Lets so much time pass, or what comes to the same.
    async fn pass(&self, time: Duration);
}

/// A limiter with its time. Others may share what it counts in, under other seeds.
pub struct Limits {
    /// The limiter.
    pub limiter: Arc<dyn Limiter>,
    /// Its time.
    pub time: Arc<dyn Passing>,
    /// What keys are made from.
    pub random: SeededRandom,
    /// What must live as long.
    pub keep: Box<dyn Any + Send + Sync>,
}

const MINUTE: Duration = Duration::from_secs(60);
const TWO: Rule = Rule { limit: 2, window: MINUTE, penalty: None };

impl Limits {
    fn key(&self) -> String {
        format!("contract:{:x}", self.random.number())
    }

    async fn take(&self, demands: &[(&str, Rule)]) -> Vec<Count> {
        let demand = |(key, rule): &(&str, Rule)| Demand { key: (*key).to_owned(), rule: *rule };
        let demands: Vec<Demand> = demands.iter().map(demand).collect();
        self.limiter.take(&demands).await.expect("counts")
    }

    /// Whether one is granted, and how many remain.
    async fn one(&self, key: &str, rule: Rule) -> (bool, u32) {
        let counts = self.take(&[(key, rule)]).await;
        let [count] = counts[..] else { panic!("one count: {counts:?}") };
        (count.granted, count.remaining)
    }

    async fn reset(&self, key: &str, rule: Rule) -> u64 {
        self.take(&[(key, rule)]).await[0].reset_seconds()
    }
}

/// The limit is granted and no more, and the counts say so.
pub async fn the_limit_is_granted_and_no_more(limits: &Limits) {
    let key = limits.key();
    assert_eq!(limits.one(&key, TWO).await, (true, 1));
    assert_eq!(limits.one(&key, TWO).await, (true, 0));
    assert_eq!(limits.one(&key, TWO).await, (false, 0));
    assert_eq!(limits.one(&key, TWO).await, (false, 0));
    let reset = limits.reset(&key, TWO).await;
    assert!((1..=60).contains(&reset), "{reset}");
    let none = Rule { limit: 0, ..TWO };
    assert_eq!(limits.one(&limits.key(), none).await, (false, 0), "nothing is nothing");
}

/// What is counted under one key does not count under another.
pub async fn keys_are_counted_apart(limits: &Limits) {
    let (one, other) = (limits.key(), limits.key());
    for _ in 0..3 {
        limits.one(&one, TWO).await;
    }
    assert_eq!(limits.one(&other, TWO).await, (true, 1));
}

/// A window ends its length after its first use, whatever was used later.
pub async fn a_window_ends_after_its_first_use(limits: &Limits) {
    let key = limits.key();
    limits.one(&key, TWO).await;
    limits.time.pass(MINUTE / 2).await;
    assert_eq!(limits.one(&key, TWO).await, (true, 0));
    let left = limits.reset(&key, TWO).await;
    assert!((1..=30).contains(&left), "{left}");
    limits.time.pass(MINUTE / 2).await;
    assert_eq!(limits.one(&key, TWO).await, (true, 1), "a new window begins");
}

/// A penalty begins with the first refusal, and further ones do not prolong it.
pub async fn a_penalty_begins_with_the_first_refusal(limits: &Limits) {
    let (key, rule) = (limits.key(), Rule { penalty: Some(10 * MINUTE), ..TWO });
    assert_eq!(limits.one(&key, rule).await, (true, 1));
    assert_eq!(limits.one(&key, rule).await, (true, 0));
    assert_eq!(limits.one(&key, rule).await, (false, 0));
    limits.time.pass(2 * MINUTE).await;
    assert_eq!(limits.one(&key, rule).await, (false, 0), "longer than the window");
    let left = limits.reset(&key, rule).await;
    assert!((470..=480).contains(&left), "{left}");
    limits.time.pass(8 * MINUTE).await;
    assert_eq!(limits.one(&key, rule).await, (true, 1));
}

/// The first refusal ends it: what stands behind is not counted.
pub async fn the_first_refusal_ends_it(limits: &Limits) {
    let (one, two, three) = (limits.key(), limits.key(), limits.key());
    let single = Rule { limit: 1, ..TWO };
    let demands = [(one.as_str(), TWO), (two.as_str(), single), (three.as_str(), TWO)];
    let granted = |counts: Vec<Count>| counts.iter().map(|c| c.granted).collect::<Vec<_>>();
    assert_eq!(granted(limits.take(&demands).await), [true, true, true]);
    assert_eq!(granted(limits.take(&demands).await), [true, false]);
    assert_eq!(limits.one(&three, TWO).await, (true, 0), "it was counted once");
    assert_eq!(granted(limits.take(&demands).await), [false]);
}

/// Who demands nothing is told nothing.
pub async fn no_demand_is_no_count(limits: &Limits) {
    assert_eq!(limits.take(&[]).await, []);
}

/// At the same time exactly the limit is granted.
pub async fn at_the_same_time_exactly_the_limit_is_granted(limits: &Limits) {
    let key = limits.key();
    let rule = Rule { limit: 30, ..TWO };
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let limiter = limits.limiter.clone();
            let demand = Demand { key: key.clone(), rule };
            tokio::spawn(async move { limiter.take(&[demand]).await.expect("counts")[0].granted })
        })
        .collect();
    let mut granted = 0;
    for task in tasks {
        granted += usize::from(task.await.expect("no panic"));
    }
    assert_eq!(granted, 30);
}

/// A lower limit holds at once, as a smaller plan does.
pub async fn a_lower_limit_holds_at_once(limits: &Limits) {
    let key = limits.key();
    for _ in 0..5 {
        assert!(limits.one(&key, Rule { limit: 9, ..TWO }).await.0);
    }
    assert_eq!(limits.one(&key, TWO).await, (false, 0));
    assert_eq!(limits.one(&key, Rule { limit: 9, ..TWO }).await, (true, 3), "and a higher one");
}
