//! Slots, turns of workspaces, schedules.

use std::collections::BTreeMap;

use domain_jobs::{JobFilter, Queue as _, Schedule, State};
use testkit::builders::found;

use crate::place::{Place, Task};

#[tokio::test(start_paused = true)]
async fn as_many_jobs_run_at_a_time_as_there_are_slots() {
    let place = Place::new().await;
    for _ in 0..7 {
        place.enqueue(Task::Take(10)).await;
    }
    let _worker = place.worker(3);
    for (seconds, done) in [(5, 0), (10, 3), (10, 6), (10, 7)] {
        place.pass(seconds).await;
        let filter = JobFilter { state: Some(State::Done), limit: 10, ..JobFilter::default() };
        assert_eq!(place.store.jobs(&filter).await.expect("a list").len(), done, "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_workspaces_thousands_delay_anothers_one_by_a_few() {
    const FLOOD: usize = 10_000;
    let place = Place::new().await;
    let other = found(&place.store, "bolt", place.clock.now()).await.expect("a workspace");
    place.flood(FLOOD).await;
    let _worker = place.worker(1);
    place.pass(50).await;
    let before = place.diary().len() / 2;
    let id = place.enqueue_in(&other.ctx, Task::Take(1)).await;
    place.pass(5).await;
    assert_eq!(place.row(id).await.state, State::Done);
    let (all, began) = (place.diary(), (id.raw(), 1, "began"));
    let began = all.iter().position(|entry| *entry == began).expect("it began") / 2;
    assert!(before > 20 && began - before <= 3, "{began} after {before}");
}

#[tokio::test(start_paused = true)]
async fn many_workers_do_each_hour_once() {
    let mut place = Place::new().await;
    place.schedules =
        vec![Schedule::of_platform("hourly", "0 * * * *", "UTC", &Task::Take(1)).expect("valid")];
    let _workers: Vec<_> = (0..5).map(|_| place.worker(2)).collect();
    place.pass(24 * 3_600 + 60).await;
    let mut times: BTreeMap<i64, usize> = BTreeMap::new();
    for (id, _, what) in place.diary() {
        *times.entry(id).or_default() += usize::from(what == "began");
    }
    assert_eq!(times.len(), 24, "{times:?}");
    assert!(times.values().all(|times| *times == 1), "{times:?}");
}
