//! The queue: what happens by the clock.

use domain_jobs::{Ending, Schedule};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Fixture;
use super::queue::{Count, KINDS, number};
use super::steps::soon;

fn hourly(minute: u32, number: u32) -> Schedule {
    let cron = format!("{minute} * * * *");
    Schedule::of_platform("contract", &cron, "UTC", &Count { number }).expect("a schedule")
}

impl Fixture {
    async fn declare(&self, schedule: &Schedule) {
        self.queue.declare(schedule).await.expect("declaring");
    }

    async fn fire(&self) -> usize {
        self.queue.fire(KINDS).await.expect("firing")
    }

    async fn next_at(&self) -> Timestamp {
        self.queue.schedules().await.expect("a list")[0].next_at
    }

    fn in_an_hour(&self) {
        self.clock.advance(SignedDuration::from_hours(1));
    }
}

/// A schedule fires when it is due, and is moved on.
pub async fn a_schedule_fires_when_it_is_due(fixture: &Fixture) {
    // It is 12:00 and a little.
    fixture.declare(&hourly(30, 7)).await;
    let due: Timestamp = "2026-01-15T12:30:00Z".parse().expect("an instant");
    assert_eq!(fixture.next_at().await, due);
    assert_eq!(fixture.queue.agenda(KINDS).await.expect("an agenda").schedule, Some(due));
    assert_eq!(fixture.fire().await, 0, "not before");
    fixture.clock.set(due);
    assert_eq!((fixture.fire().await, fixture.fire().await), (1, 0), "once");
    let row = fixture.queue.schedules().await.expect("a list").remove(0);
    assert_eq!((row.last_at, row.next_at.to_string()), (Some(due), "2026-01-15T13:30:00Z".into()));
    let claimed = fixture.claim().await;
    assert_eq!((number(&claimed), &*claimed.request_id), (7, "schedule-contract"));
}

/// Of many workers that look at once, one fires.
pub async fn racing_workers_fire_a_schedule_once(fixture: &Fixture) {
    fixture.declare(&hourly(30, 1)).await;
    for round in 0..3 {
        fixture.in_an_hour();
        let racers: Vec<_> = (0..20)
            .map(|_| {
                let queue = fixture.queue.clone();
                tokio::spawn(async move { queue.fire(KINDS).await.expect("firing") })
            })
            .collect();
        let mut fired = 0;
        for racer in racers {
            fired += soon("firing", racer).await.expect("no panic");
        }
        assert_eq!(fired, 1, "round {round}");
        fixture.end(&fixture.claim().await, Ending::Done(json!(null))).await;
        assert_eq!(fixture.claim_after(0).await, None, "one job came of it");
    }
}

/// Times that nobody was there for are made up for by one job; nor is there a second one while the
/// first has not ended.
pub async fn missed_times_are_made_up_for_once(fixture: &Fixture) {
    fixture.declare(&hourly(0, 1)).await;
    fixture.clock.advance(SignedDuration::from_hours(100));
    assert_eq!((fixture.fire().await, fixture.fire().await), (1, 0));
    let claimed = fixture.claim().await;
    fixture.in_an_hour();
    assert_eq!(fixture.fire().await, 1, "it is due again");
    assert_eq!(fixture.claim_after(0).await, None, "and the job before still runs");
    fixture.end(&claimed, Ending::Done(json!(null))).await;
    fixture.in_an_hour();
    fixture.fire().await;
    fixture.claim().await;
}

/// Declared again, a schedule stays; declared differently, it counts anew from now.
pub async fn a_declaration_changes_what_differs(fixture: &Fixture) {
    fixture.declare(&hourly(30, 1)).await;
    fixture.clock.advance(SignedDuration::from_hours(3));
    fixture.declare(&hourly(30, 1)).await;
    assert_eq!(fixture.next_at().await.to_string(), "2026-01-15T12:30:00Z", "still due");
    fixture.declare(&hourly(45, 2)).await;
    let rows = fixture.queue.schedules().await.expect("a list");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].schedule, hourly(45, 2));
    assert_eq!(rows[0].next_at.to_string(), "2026-01-15T15:45:00Z");
}

/// Workspaces have schedules of their own, under names of their own.
pub async fn workspaces_have_their_own_schedules(fixture: &Fixture) {
    let member = fixture.member().await;
    let tenant = member.organization.id;
    let theirs = Schedule::of_workspace(
        tenant,
        "contract",
        "0 9 * * *",
        "Europe/Berlin",
        &Count { number: 2 },
    );
    fixture.declare(&hourly(30, 1)).await;
    fixture.declare(&theirs.expect("a schedule")).await;
    let rows = fixture.queue.schedules().await.expect("a list");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].next_at.to_string(), "2026-01-16T08:00:00Z", "nine in Berlin");
    fixture.clock.set(rows[1].next_at);
    assert_eq!(fixture.fire().await, 2);
    let claimed = fixture.claim_after(1).await.expect("a job is due");
    assert_eq!((claimed.claim.tenant, number(&claimed)), (tenant, 2));
}

/// A schedule of a kind that no worker here can do is left to others.
pub async fn only_known_kinds_are_fired(fixture: &Fixture) {
    let schedule = Schedule { kind: "contract.unknown".to_owned(), ..hourly(30, 1) };
    fixture.declare(&schedule).await;
    fixture.in_an_hour();
    assert_eq!(fixture.fire().await, 0);
    assert_eq!(fixture.queue.agenda(KINDS).await.expect("an agenda").first(), None);
}
