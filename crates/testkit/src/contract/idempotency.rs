//! Requests that may be sent twice.

use domain_kernel::policy::RoleSet;
use domain_kernel::{Error, OpContext, Remembered, replayed};
use domain_sales::SalesWork;
use jiff::SignedDuration;
use serde_json::{Value as JsonValue, json};

use super::Fixture;
use super::steps::{insert, soon};
use crate::builders::company;

async fn remember(fixture: &Fixture, ctx: &OpContext, outcome: JsonValue) {
    let mut work = free(fixture, ctx).await;
    work.remember(outcome);
    work.commit().await.expect("a commit");
}

async fn remembered(fixture: &Fixture, ctx: &OpContext) -> Option<Remembered> {
    let mut work = free(fixture, ctx).await;
    work.remembered().await.expect("a look-up")
}

/// A unit under a key whose last unit has ended; a database may learn that a moment later.
async fn free(fixture: &Fixture, ctx: &OpContext) -> Box<dyn SalesWork> {
    soon("a key becomes free", async {
        loop {
            match fixture.sales.begin_write(ctx).await {
                Ok(work) => return work,
                Err(Error::IdempotencyInProgress) => tokio::task::yield_now().await,
                Err(error) => panic!("a unit for writing can be begun: {error}"),
            }
        }
    })
    .await
}

/// An outcome is remembered with its request.
pub async fn an_outcome_is_remembered_with_its_request(fixture: &Fixture) {
    let member = fixture.member().await;
    for (key, outcome) in [
        ("object", json!({ "id": 7, "name": "Zürich 🦀", "nested": [1, 2.5, null] })),
        ("", json!(null)),
        ("ключ ' \" \\ %", json!([])),
    ] {
        let ctx = member.repeating(key, &[0, 1, 255]);
        let before = remembered(fixture, &ctx).await;
        assert_eq!(before, None, "at first nothing is remembered");
        remember(fixture, &ctx, outcome.clone()).await;
        let expected = Remembered { fingerprint: vec![0, 1, 255], outcome };
        let found = remembered(fixture, &ctx).await;
        assert_eq!(found, Some(expected), "the outcome is remembered with the request's digest");
    }
}

/// Another request under the key is told apart.
pub async fn another_request_under_the_key_is_told_apart(fixture: &Fixture) {
    let member = fixture.member().await;
    remember(fixture, &member.repeating("key", b"one"), json!(1)).await;
    let same = member.repeating("key", b"one");
    let mut work = free(fixture, &same).await;
    let replay = replayed(&same, &mut *work).await.expect("the same request");
    assert_eq!(replay, Some(json!(1)), "the same request gets its outcome");
    drop(work);
    let other = member.repeating("key", b"two");
    let mut work = free(fixture, &other).await;
    let refused = replayed(&other, &mut *work).await;
    assert!(matches!(refused, Err(Error::IdempotencyMismatch)), "another is refused: {refused:?}");
}

/// Nothing is remembered without a key.
pub async fn nothing_is_remembered_without_a_key(fixture: &Fixture) {
    let member = fixture.member().await;
    remember(fixture, &member.ctx, json!(1)).await;
    assert_eq!(remembered(fixture, &member.ctx).await, None, "without a key there is no memory");
}

/// An outcome is forgotten with its unit.
pub async fn an_outcome_is_forgotten_with_its_unit(fixture: &Fixture) {
    let ctx = fixture.member().await.repeating("key", b"print");
    let mut work = fixture.writing(&ctx).await;
    insert(&mut *work, company("Lost"), fixture.now()).await;
    work.remember(json!(1));
    drop(work);
    assert_eq!(remembered(fixture, &ctx).await, None, "a dropped unit's outcome is forgotten");
    remember(fixture, &ctx, json!(2)).await;
    let found = remembered(fixture, &ctx).await.map(|found| found.outcome);
    assert_eq!(found, Some(json!(2)), "and another can take its place");
}

/// An outcome is forgotten after its lifetime, and another can take its place.
pub async fn an_outcome_is_forgotten_after_its_lifetime(fixture: &Fixture) {
    let member = fixture.member().await;
    let ctx = member.repeating("key", b"print");
    remember(fixture, &ctx, json!(1)).await;
    fixture.clock.advance(SignedDuration::from_secs(24 * 60 * 60 - 1));
    assert!(remembered(fixture, &ctx).await.is_some(), "it is remembered for a day");
    fixture.clock.advance(SignedDuration::from_secs(2));
    assert_eq!(remembered(fixture, &ctx).await, None, "and no longer");
    let next = member.repeating("key", b"another");
    remember(fixture, &next, json!(2)).await;
    let expected = Remembered { fingerprint: b"another".to_vec(), outcome: json!(2) };
    assert_eq!(remembered(fixture, &next).await, Some(expected), "the key can be used anew");
    fixture.clock.advance(SignedDuration::from_hours(23));
    assert!(remembered(fixture, &next).await.is_some(), "for another day");
}

/// The keys of others are others.
pub async fn the_keys_of_others_are_others(fixture: &Fixture) {
    let member = fixture.member().await;
    let colleague = fixture.colleague(&member, RoleSet::ADMIN).await;
    let stranger = fixture.member().await;
    let ctx = member.repeating("key", b"print");
    remember(fixture, &ctx, json!(1)).await;
    for (whose, other) in [
        ("a colleague's", colleague.repeating("key", b"print")),
        ("another workspace's", stranger.repeating("key", b"print")),
        ("another", member.repeating("Key", b"print")),
    ] {
        assert_eq!(remembered(fixture, &other).await, None, "{whose} key is another");
        remember(fixture, &other, json!(2)).await;
    }
    let found = remembered(fixture, &ctx).await.map(|found| found.outcome);
    assert_eq!(found, Some(json!(1)), "and changes nothing");
}

/// A key is taken while its unit is open.
pub async fn a_key_is_taken_while_its_unit_is_open(fixture: &Fixture) {
    let member = fixture.member().await;
    let ctx = member.repeating("key", b"print");
    let first = fixture.writing(&ctx).await;
    let refused = soon("being refused", fixture.sales.begin_write(&ctx)).await;
    assert!(
        matches!(refused, Err(Error::IdempotencyInProgress)),
        "a second unit with the key is refused at once"
    );
    let refused = fixture.sales.begin_write(&member.repeating("key", b"another")).await;
    assert!(matches!(refused, Err(Error::IdempotencyInProgress)), "whatever it asks for");
    let reading = fixture.reading(&ctx).await;
    reading.commit().await.expect("reading needs no key");
    drop(first);
    let second = free(fixture, &ctx).await;
    second.commit().await.expect("a commit");
    free(fixture, &ctx).await;
}
