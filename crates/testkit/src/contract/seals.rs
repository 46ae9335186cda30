//! The chain over the trail's entries.

use domain_accounts::{AccountsWork, Seal};
use domain_kernel::journal::Verb;
use domain_kernel::{OpContext, Result};
use jiff::SignedDuration;
use serde_json::json;

use super::Fixture;
use crate::builders::Member;

impl Fixture {
    /// Leaves so many entries in a workspace's trail.
    async fn trail(&self, member: &Member, entries: i64) {
        let begun: Result<Box<dyn AccountsWork>> = self.accounts.begin_write(&member.ctx).await;
        let mut work = begun.expect("a unit for writing");
        for number in 0..entries {
            let ctx: &OpContext = &member.ctx;
            let of = ("companies", "company");
            work.journal(self.entry_of(
                ctx,
                Verb::Updated,
                of,
                (number + 1, 2),
                json!({"n": number}),
            ));
        }
        work.commit().await.expect("a commit");
    }

    /// The entries that are not sealed, by id.
    async fn unsealed(&self, member: &Member, most: i64) -> Vec<i64> {
        self.unsealed_after(member, 0, most).await
    }

    /// Those after one.
    async fn unsealed_after(&self, member: &Member, after: i64, most: i64) -> Vec<i64> {
        let mut work = self.looking().await;
        work.enter(member.organization.id).await.expect("entering");
        let settled = self.now() - SignedDuration::from_hours(1);
        let found = work.unsealed(settled, after, most).await.expect("a look-up");
        found.iter().map(|entry| entry.id.raw()).collect()
    }

    /// Puts seals of entries into the chain, from a place on.
    async fn seal(&self, member: &Member, from: i64, entries: &[i64]) -> Result<()> {
        let seals: Vec<Seal> =
            (from..).zip(entries).map(|(position, entry)| seal(position, *entry)).collect();
        let mut work = self.changing().await;
        work.enter(member.organization.id).await?;
        work.insert_seals(&seals, self.now()).await?;
        work.commit().await
    }
}

fn seal(position: i64, entry: i64) -> Seal {
    let byte = u8::try_from(position).expect("there are few");
    Seal { position, entry, content: [byte; 32], chain: [byte + 100; 32] }
}

/// An entry is unsealed until there is a seal about it.
pub async fn an_entry_is_unsealed_until_it_is_sealed(fixture: &Fixture) {
    let (one, two) = (fixture.member().await, fixture.member().await);
    fixture.trail(&one, 5).await;
    fixture.trail(&two, 1).await;
    let all = fixture.unsealed(&one, 100).await;
    assert_eq!(all.len(), 5, "those of the workspace");
    assert_eq!(fixture.unsealed(&one, 2).await, all[..2], "the first, so many at most");
    // One in the middle stays behind, as when it was committed later than those after it.
    fixture.seal(&one, 1, &[all[0], all[2]]).await.expect("they are sealed");
    assert_eq!(fixture.unsealed(&one, 100).await, [all[1], all[3], all[4]]);
    assert_eq!(fixture.unsealed_after(&one, all[1], 100).await, [all[3], all[4]]);
    fixture.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(fixture.unsealed(&one, 1).await, [all[1]], "it is not lost");
    let mut work = fixture.looking().await;
    work.enter(one.organization.id).await.expect("entering");
    assert_eq!(work.count_unsealed().await.expect("a count"), 3);
    work.enter(two.organization.id).await.expect("entering");
    assert_eq!(work.count_unsealed().await.expect("a count"), 1, "each workspace has its own");
    assert_eq!(work.last_seal().await.expect("a look-up"), None);
}

/// The chain is read in order, each link with its entry.
pub async fn the_chain_is_read_in_order(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.trail(&member, 4).await;
    let entries = fixture.unsealed(&member, 100).await;
    fixture.seal(&member, 1, &entries[..3]).await.expect("they are sealed");
    let mut work = fixture.looking().await;
    work.enter(member.organization.id).await.expect("entering");
    assert_eq!(work.last_seal().await.expect("a look-up"), Some(seal(3, entries[2])));
    let found = work.seals(0, 2).await.expect("a list");
    let seals: Vec<Seal> = found.iter().map(|(seal, _)| seal.clone()).collect();
    assert_eq!(seals, [seal(1, entries[0]), seal(2, entries[1])], "the first two");
    let ids: Vec<_> =
        found.iter().map(|(_, entry)| entry.as_ref().map(|entry| entry.id.raw())).collect();
    assert_eq!(ids, [Some(entries[0]), Some(entries[1])], "with their entries");
    let found = work.seals(2, 100).await.expect("a list");
    assert_eq!(found.len(), 1, "then what follows");
}

/// A place in the chain is one seal's, and an entry has one.
pub async fn a_place_and_an_entry_have_one_seal(fixture: &Fixture) {
    let member = fixture.member().await;
    fixture.trail(&member, 2).await;
    let entries = fixture.unsealed(&member, 100).await;
    fixture.seal(&member, 1, &entries[..1]).await.expect("it is sealed");
    fixture.seal(&member, 1, &entries[1..]).await.expect_err("the place is taken");
    fixture.seal(&member, 2, &entries[..1]).await.expect_err("the entry is sealed");
    fixture.seal(&member, 2, &entries[1..]).await.expect("both are free");
}
