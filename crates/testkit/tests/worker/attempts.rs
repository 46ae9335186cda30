//! Attempts: success, failure, panic, the lease.

use std::time::Duration;

use domain_jobs::{How, Queue as _, State};
use serde_json::json;

use crate::place::{Place, Task};

#[tokio::test(start_paused = true)]
async fn a_job_is_done_as_soon_as_it_is_committed() {
    let place = Place::new().await;
    let _worker = place.worker(1);
    place.pass(10).await;
    let id = place.enqueue(Task::Take(0)).await;
    // Far less than until the worker would look by itself.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let row = place.row(id).await;
    assert_eq!((row.state, row.outcome), (State::Done, Some(json!({ "attempt": 1 }))));
}

#[tokio::test(start_paused = true)]
async fn a_failed_job_is_tried_again_with_growing_delays_and_then_dead() {
    let place = Place::new().await;
    let _worker = place.worker(1);
    let (some, all) = (place.enqueue(Task::Fail(2)).await, place.enqueue(Task::Fail(9)).await);
    place.pass(5).await;
    let row = place.row(some).await;
    assert_eq!(
        (row.state, row.attempts, row.last_error.as_str()),
        (State::Waiting, 1, "No answer.")
    );
    let wait = row.run_at.duration_since(row.created_at).as_secs();
    assert!((7..=10).contains(&wait), "{wait}");
    place.pass(60).await;
    let row = place.row(some).await;
    assert_eq!((row.state, row.attempts, row.last_error.as_str()), (State::Done, 3, ""));
    let row = place.row(all).await;
    assert_eq!((row.state, row.attempts, row.last_error.as_str()), (State::Dead, 3, "No answer."));
    let ended = |how| place.ends().iter().filter(|(_, ended, _)| *ended == how).count();
    assert_eq!((ended(How::Retried), ended(How::Done), ended(How::Dead)), (4, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_hopeless_is_not_tried_again() {
    let place = Place::new().await;
    let _worker = place.worker(1);
    let id = place.enqueue(Task::Hopeless).await;
    place.pass(1).await;
    let row = place.row(id).await;
    assert_eq!((row.state, row.attempts), (State::Dead, 1));
    assert_eq!(row.last_error, "No such address.");
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure_and_shows_nothing() {
    let place = Place::new().await;
    let _worker = place.worker(1);
    let id = place.enqueue(Task::Panic).await;
    let next = place.enqueue(Task::Take(0)).await;
    place.pass(100).await;
    let row = place.row(id).await;
    assert_eq!((row.state, row.attempts), (State::Dead, 3));
    assert!(row.last_error.contains("fault of the program"), "{}", row.last_error);
    assert!(!row.last_error.contains("secret"), "{}", row.last_error);
    assert_eq!(place.row(next).await.state, State::Done, "the worker goes on");
}

#[tokio::test(start_paused = true)]
async fn a_long_job_keeps_its_lease_and_shows_how_far_it_is() {
    let place = Place::new().await;
    let (_one, _other) = (place.worker(1), place.worker(1));
    let (long, shown) = (place.enqueue(Task::Take(300)).await, place.enqueue(Task::Progress).await);
    place.pass(7).await;
    let row = place.row(shown).await;
    assert_eq!((row.progress.percent, row.progress.note.as_str()), (40, "40 of 100 rows"));
    place.pass(300).await;
    let row = place.row(long).await;
    assert_eq!((row.state, row.attempts), (State::Done, 1));
    let began = place.diary().iter().filter(|(id, ..)| *id == long.raw()).count();
    assert_eq!(began, 2, "it began once and ended once: {:?}", place.diary());
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_job_is_dropped_in_the_middle() {
    let place = Place::new().await;
    let _worker = place.worker(1);
    let id = place.enqueue(Task::Take(300)).await;
    place.pass(7).await;
    assert!(place.store.cancel(id).await.expect("cancelling"));
    let next = place.enqueue(Task::Take(0)).await;
    place.pass(6).await;
    assert_eq!(place.row(next).await.state, State::Done, "its slot is free");
    place.pass(400).await;
    assert_eq!(place.row(id).await.state, State::Cancelled);
    assert_eq!(place.ends()[0], (id.raw(), How::Lost, String::new()));
    assert!(!place.diary().contains(&(id.raw(), 1, "ended")), "{:?}", place.diary());
}

#[tokio::test(start_paused = true)]
async fn the_job_of_a_killed_worker_goes_on_within_half_a_minute() {
    let place = Place::new().await;
    let orphan = place.enqueue(Task::Take(0)).await;
    let ask = domain_jobs::Ask {
        kinds: &["test.task"],
        after: 0,
        lease: jiff::SignedDuration::from_secs(15),
        worker: "killed",
    };
    // Claimed, and nobody beats: as after a SIGKILL.
    let claimed = place.store.claim(&ask).await.expect("a claim").expect("a job");
    assert_eq!(claimed.claim.job, orphan);
    let begun = place.clock.now();
    let _worker = place.worker(2);
    place.pass(30).await;
    let row = place.row(orphan).await;
    assert_eq!((row.state, row.attempts), (State::Done, 2));
    let waited = row.started_at.expect("it began").duration_since(begun).as_secs();
    assert!((14..=17).contains(&waited), "{waited}");
}
