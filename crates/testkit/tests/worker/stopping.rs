//! Being told to stop.

use std::time::Duration;

use domain_jobs::{How, State};

use crate::place::{Place, Task};

#[tokio::test(start_paused = true)]
async fn running_jobs_may_finish_and_no_other_begins() {
    let place = Place::new().await;
    let worker = place.worker(1);
    let (first, second) = (place.enqueue(Task::Take(20)).await, place.enqueue(Task::Take(0)).await);
    place.pass(5).await;
    worker.stop.cancel();
    let begun = place.clock.now();
    worker.task.await.expect("it ends");
    let took = place.clock.now().duration_since(begun).as_secs();
    assert!((14..=16).contains(&took), "as long as the job: {took}");
    assert_eq!(place.row(first).await.state, State::Done);
    let row = place.row(second).await;
    assert_eq!((row.state, row.attempts), (State::Waiting, 0));
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_given_back_at_once() {
    let mut place = Place::new().await;
    place.patience = Duration::from_secs(3);
    let (worker, other) = (place.worker(2), Place::worker);
    let id = place.enqueue(Task::Take(300)).await;
    place.pass(1).await;
    worker.stop.cancel();
    let begun = place.clock.now();
    worker.task.await.expect("it ends");
    let took = place.clock.now().duration_since(begun).as_secs();
    assert!((2..=4).contains(&took), "{took}");
    let row = place.row(id).await;
    assert_eq!((row.state, row.attempts), (State::Waiting, 0), "the attempt does not count");
    assert_eq!(place.ends(), [(id.raw(), How::Released, String::new())]);
    let _next = other(&place, 1);
    place.pass(1).await;
    assert_eq!(place.row(id).await.state, State::Running, "nobody waits for the lease");
}

#[tokio::test(start_paused = true)]
async fn an_idle_worker_ends_at_once() {
    let place = Place::new().await;
    let worker = place.worker(4);
    place.pass(5).await;
    worker.stop.cancel();
    let begun = place.clock.now();
    worker.task.await.expect("it ends");
    assert_eq!(place.clock.now(), begun);
}
