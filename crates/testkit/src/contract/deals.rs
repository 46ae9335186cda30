//! Deals, their history, and how many there may be.

use std::sync::Arc;

use domain_accounts::AccountsWork;
use domain_kernel::field::{Count, DoneBy, Link, Member, Moment, Word};
use domain_kernel::policy::RoleSet;
use domain_kernel::{Id, OpContext, PersonId, Record, Result, Which};
use domain_sales::{DealStage, Opportunity, Pipeline, StageChange};

use super::Fixture;
use super::steps::insert;
use crate::builders::{deal, pipeline, stage};

impl Fixture {
    /// A pipeline with one stage.
    async fn way(&self, ctx: &OpContext) -> (Id<Pipeline>, Id<DealStage>) {
        let made = self.insert(ctx, pipeline("Inbound")).await.id;
        (made, self.insert(ctx, stage("First", made)).await.id)
    }
}

/// A deal is found with the names of what it leads to, as they are now.
pub async fn a_deal_is_found_with_the_names_of_what_it_leads_to(fixture: &Fixture) {
    let member = fixture.member().await;
    let ctx = &member.ctx;
    let (pipeline, first) = fixture.way(ctx).await;
    let data = Opportunity {
        owner: Member(Some(member.person.id)),
        ..deal("Rockets", (pipeline, first), 999)
    };
    let made = fixture.insert(ctx, data.clone()).await;
    let found = fixture.find(ctx, made.id).await.expect("it is found");
    let named = Opportunity {
        pipeline_name: Word::trusted("Inbound"),
        stage_name: Word::trusted("First"),
        owner_name: Word::trusted(member.person.display_name()),
        ..data
    };
    assert_eq!(found.data, named, "it is found as it was, with names");
    let current = fixture.find(ctx, first).await.expect("a stage");
    fixture.rewrite(ctx, &current, stage("Renamed", pipeline)).await.expect("nobody else writes");
    let listed = fixture.list::<Opportunity>(ctx, &super::asked::<Opportunity>(&[])).await;
    assert_eq!(&*listed.records[0].data.stage_name, "Renamed", "a name is that of now");
}

/// A deal of somebody who is no member is refused.
pub async fn a_deal_of_nobody_of_the_workspaces_is_refused(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await);
    let way = fixture.way(&ctx).await;
    for owner in [other.person.id, PersonId::new(1 << 50)] {
        let data = Opportunity { owner: Member(Some(owner)), ..deal("Theirs", way, 1) };
        let mut work = fixture.writing(&ctx).await;
        assert!(
            work.opportunities().insert(data, fixture.now()).await.is_err(),
            "it is not stored"
        );
    }
}

/// An owner who has left stays, with their name.
pub async fn an_owner_who_has_left_stays(fixture: &Fixture) {
    let member = fixture.member().await;
    let colleague = fixture.colleague(&member, RoleSet::default()).await;
    let way = fixture.way(&member.ctx).await;
    let data = Opportunity { owner: Member(Some(colleague.person.id)), ..deal("D", way, 1) };
    let made = fixture.insert(&member.ctx, data).await;
    let begun: Result<Box<dyn AccountsWork>> = fixture.accounts.begin_write(&member.ctx).await;
    let mut work = begun.expect("a unit for writing");
    let user = Id::new(colleague.person.id.raw());
    let user = work.users().find(&[user], Which::Live).await.expect("a look-up").remove(0);
    let gone = user.rewritten(user.data.clone(), fixture.now());
    let gone = Record { deleted_at: Some(fixture.now()), ..gone };
    assert!(work.users().update(&gone).await.expect("an update"));
    work.commit().await.expect("a commit");
    let found = fixture.find(&member.ctx, made.id).await.expect("it stays");
    assert_eq!(found.data.owner, made.data.owner);
    assert_eq!(&*found.data.owner_name, colleague.person.display_name());
    let again = found.data.clone();
    fixture.rewrite(&member.ctx, &found, again).await.expect("it can be written");
}

/// What deals went through is kept as it was.
pub async fn what_deals_went_through_is_kept_as_it_was(fixture: &Fixture) {
    let member = fixture.member().await;
    let ctx = &member.ctx;
    let (pipeline, first) = fixture.way(ctx).await;
    let second = fixture.insert(ctx, stage("Second", pipeline)).await.id;
    let made = fixture.insert(ctx, deal("D", (pipeline, first), 1)).await;
    let step = |from: Option<Id<DealStage>>, to, seconds| StageChange {
        opportunity: Link::to(Some(made.id)),
        from_stage: Link::to(from),
        from_stage_name: Word::trusted(if from.is_some() { "Old" } else { "" }),
        to_stage: Link::to(Some(to)),
        to_stage_name: Word::trusted("New"),
        seconds_in_former_stage: Count(seconds),
        changed_by: DoneBy(Some(member.person.id)),
        changed_by_name: Word::default(),
        changed_at: Moment(Some(fixture.now())),
    };
    let steps = [step(None, first, 0), step(Some(first), second, 86_400)];
    let mut work = fixture.writing(ctx).await;
    for step in &steps {
        work.stage_changes().insert(step.clone(), fixture.now()).await.expect("it is added");
    }
    work.commit().await.expect("a commit");
    let current = fixture.find(ctx, second).await.expect("a stage");
    fixture.delete(ctx, &current).await;
    let mut work = fixture.reading(ctx).await;
    let all = work.stage_changes().list(&super::asked::<StageChange>(&[])).await.expect("a list");
    let found: Vec<_> = all.records.into_iter().map(|row| row.data).collect();
    let name = Word::trusted(member.person.display_name());
    let mut expected = steps.map(|step| StageChange { changed_by_name: name.clone(), ..step });
    expected[1].to_stage = Link::stored(Some(second.raw()), None);
    assert_eq!(found, expected, "with the names of then, and a link that is hidden now");
    let of =
        work.stage_changes().list(&super::asked::<StageChange>(&[("from_stage", "null")])).await;
    assert_eq!(of.expect("a list").records.len(), 1);
}

/// Deals are counted while they are there: not those that are deleted, nor another workspace's.
pub async fn deals_are_counted_while_they_are_there(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let (way, theirs) = (fixture.way(&ctx).await, fixture.way(&other).await);
    let first = fixture.insert(&ctx, deal("A", way, 1)).await;
    fixture.insert(&ctx, deal("B", way, 1)).await;
    fixture.insert(&other, deal("C", theirs, 1)).await;
    let counts = async || {
        let mut sales = fixture.reading(&ctx).await;
        let begun: Result<Box<dyn AccountsWork>> = fixture.accounts.begin_read(&ctx).await;
        let mut accounts = begun.expect("a unit for reading");
        let counted = sales.deals().await.expect("a count");
        (counted, accounts.deals_in_use().await.expect("a count"))
    };
    assert_eq!(counts().await, (2, 2));
    let gone = fixture.delete(&ctx, &first).await;
    assert_eq!(counts().await, (1, 1));
    fixture.restore(&ctx, &gone).await;
    assert_eq!(counts().await, (2, 2));
}

/// The plan says how many deals there may be.
pub async fn the_plan_says_how_many_deals_there_may_be(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let mut work = fixture.reading(&ctx).await;
    // New workspaces are on the free plan.
    assert_eq!(work.max_deals(fixture.now()).await.expect("a limit"), 500);
    assert_eq!(work.currency().await.expect("a currency").code(), "USD");
}

/// A member has a name, and nobody else.
pub async fn a_member_has_a_name_and_nobody_else(fixture: &Fixture) {
    let (member, other) = (fixture.member().await, fixture.member().await);
    let mut work = fixture.reading(&member.ctx).await;
    let ours = work.member_name(member.person.id).await.expect("a look-up");
    assert_eq!(ours, member.person.display_name());
    assert_eq!(work.member_name(other.person.id).await.expect("a look-up"), "");
}

/// Those who lock the deals take turns, so that none counts what another is about to add.
pub async fn those_who_lock_the_deals_take_turns(fixture: &Fixture) {
    const ALLOWED: i64 = 3;
    let ctx = fixture.member().await.ctx;
    let way = fixture.way(&ctx).await;
    let now = fixture.now();
    let attempts = (0..12).map(|_| {
        let (sales, ctx) = (Arc::clone(&fixture.sales), ctx.clone());
        tokio::spawn(async move {
            let mut work = sales.begin_write(&ctx).await.expect("a unit for writing");
            work.lock_deals().await.expect("the lock");
            let room = work.deals().await.expect("a count") < ALLOWED;
            if room {
                insert(&mut *work, deal("D", way, 1), now).await;
            }
            work.commit().await.expect("a commit");
            room
        })
    });
    let mut made = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        made += i64::from(attempt.await.expect("no panic"));
    }
    assert_eq!(made, ALLOWED);
}
