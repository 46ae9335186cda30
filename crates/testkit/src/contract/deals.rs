//! Deals, their history, and how many there may be.

use std::sync::Arc;

use domain_accounts::AccountsWork;
use domain_kernel::field::{
    Count, DoneBy, Email, Link, LongText, Member, Moment, Percent, ShortText, TargetId, TargetKind,
    WebAddress, Word,
};
use domain_kernel::files::FileKey;
use domain_kernel::policy::RoleSet;
use domain_kernel::{Id, OpContext, PersonId, Record, RecordKind, Result, Which};
use domain_sales::{
    Activity, Attachment, Contact, DealStage, Lead, Note, Opportunity, Pipeline, StageChange,
};

use super::Fixture;
use super::steps::insert;
use crate::builders::{company, contact, deal, lead, pipeline, stage};

impl Fixture {
    /// A pipeline with one stage.
    pub(super) async fn way(&self, ctx: &OpContext) -> (Id<Pipeline>, Id<DealStage>) {
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

/// `put_in_stages`: each deal is a new version in its new stage, all of them or `false`; another
/// workspace's is none of them.
pub async fn deals_are_put_in_stages_together(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let way = fixture.way(&ctx).await;
    let (pipeline, target) = fixture.way(&ctx).await;
    let mut deals = Vec::new();
    for amount in 1..=3 {
        deals.push(fixture.insert(&ctx, deal("D", way, amount)).await);
    }
    let now = fixture.later();
    let moved = |deal: &Record<Opportunity>| {
        let data = Opportunity {
            pipeline: Link::to(Some(pipeline)),
            stage: Link::to(Some(target)),
            stage_entered_at: Moment(Some(now)),
            probability: Percent::ALL,
            expected_value: deal.data.amount,
            ..deal.data.clone()
        };
        deal.rewritten(data, now)
    };
    let moved: Vec<_> = deals.iter().map(moved).collect();
    let put = async |ctx: &OpContext, deals: &[Record<Opportunity>]| {
        let mut work = fixture.writing(ctx).await;
        let put = work.put_in_stages(deals).await.expect("an answer");
        if put {
            work.commit().await.expect("a commit");
        }
        put
    };
    assert!(put(&ctx, &[]).await);
    assert!(!put(&other, &moved).await, "another workspace's");
    assert!(put(&ctx, &moved[..2]).await);
    for (place, next) in moved[..2].iter().enumerate() {
        let found = fixture.find(&ctx, next.id).await.expect("it is there");
        let names = (next.data.pipeline_name.clone(), next.data.stage_name.clone());
        let shown = Opportunity { pipeline_name: names.0, stage_name: names.1, ..found.data };
        assert_eq!((found.version, found.updated_at), (2, now), "{place}");
        assert_eq!(shown, next.data);
    }
    assert!(!put(&ctx, &moved).await, "two of them have moved already");
    let third = fixture.find(&ctx, deals[2].id).await.expect("it is there");
    assert_eq!(
        (third.version, &third.data.stage),
        (1, &deals[2].data.stage),
        "and the third has not"
    );
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

/// A conversion is kept with its lead, and stays as it was.
pub async fn a_conversion_is_kept_with_its_lead(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let way = fixture.way(&ctx).await;
    let contact = fixture.insert(&ctx, contact("Grace", "")).await;
    let company = fixture.insert(&ctx, company("Acme")).await;
    let made = fixture.insert(&ctx, lead("Fair")).await;
    let deal = fixture.insert(&ctx, deal("D", way, 1)).await;
    let converted = Lead {
        contact: Link::to(Some(contact.id)),
        converted_at: Moment(Some(fixture.now())),
        converted_contact: Link::to(Some(contact.id)),
        converted_company: Link::to(Some(company.id)),
        converted_opportunity: Link::to(Some(deal.id)),
        ..made.data.clone()
    };
    let now = fixture.rewrite(&ctx, &made, converted).await.expect("nobody else writes");
    assert_eq!(fixture.find(&ctx, made.id).await.as_ref(), Some(&now));
    let renamed = Lead { source: ShortText::trusted("Fair 2026"), ..now.data.clone() };
    let now = fixture.rewrite(&ctx, &now, renamed).await.expect("nobody else writes");
    assert_eq!(fixture.find(&ctx, made.id).await.as_ref(), Some(&now), "it stays");
    fixture.delete(&ctx, &deal).await;
    let found = fixture.find(&ctx, made.id).await.expect("it is found");
    assert_eq!(found.data.converted_opportunity.shown(), None, "a link to a deleted row is hidden");
    let query = [("converted_at", "null")];
    assert!(fixture.listed::<Lead>(&ctx, &query).await.is_empty());
}

/// Activities are found as they were, with their owner's name.
pub async fn activities_are_found_as_they_were(fixture: &Fixture) {
    let member = fixture.member().await;
    let ctx = &member.ctx;
    let deal = fixture.insert(ctx, deal("D", fixture.way(ctx).await, 1)).await;
    let at = |text: &str| Moment(Some(text.parse().expect("an instant")));
    for (due_at, completed_at) in [
        (Moment(None), Moment(None)),
        (at("2001-01-01T00:00:00Z"), Moment(None)),
        (at("2999-01-01T00:00:00.000001Z"), Moment(None)),
        (at("2001-01-01T00:00:00Z"), at("2002-01-01T00:00:00Z")),
    ] {
        let mut data = Activity {
            opportunity: Link::to(Some(deal.id)),
            r#type: ShortText::trusted("Anruf"),
            subject: ShortText::trusted("Überraschen"),
            due_at,
            completed_at,
            owner: Member(Some(member.person.id)),
            owner_name: Word::trusted(member.person.display_name()),
            ..Activity::default()
        };
        data.tell_time(fixture.now());
        let mut work = fixture.writing(ctx).await;
        let made = work.activities().insert(data, fixture.now()).await.expect("it is stored");
        let found = work.activities().find(&[made.id], Which::Live).await.expect("a look-up");
        assert_eq!(found, std::slice::from_ref(&made));
        let renamed = Activity { r#type: ShortText::trusted("Brief"), ..made.data.clone() };
        let next = made.rewritten(renamed, fixture.now());
        assert!(work.activities().update(&next).await.expect("an update"));
        let found = work.activities().find(&[made.id], Which::Live).await.expect("a look-up");
        assert_eq!(found, [next]);
        work.commit().await.expect("a commit");
    }
    let mut work = fixture.reading(ctx).await;
    for (parameters, rows) in [
        (&[("overdue", "true")][..], 1),
        (&[("upcoming", "true")], 1),
        (&[("overdue", "false"), ("upcoming", "false")], 2),
        (&[("type", "Brief"), ("ordering", "-type,due_at")], 4),
        (&[("search", "überra brief")], 4),
    ] {
        let listed = work.activities().list(&super::asked::<Activity>(parameters)).await;
        assert_eq!(listed.expect("a list").records.len(), rows, "{parameters:?}");
    }
}

/// Companies are known by their names and contacts by their addresses, whatever the case.
pub async fn companies_and_contacts_are_known_by_what_they_are_called(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let at = |address: &str| Contact { email: Email::trusted(address), ..contact("Ada", "") };
    fixture.insert(&other, company("Straße")).await;
    fixture.insert(&other, at("ada@example.com")).await;
    let gone = fixture.insert(&ctx, company("STRASSE")).await;
    fixture.delete(&ctx, &gone).await;
    let first = fixture.insert(&ctx, company("straße")).await;
    fixture.insert(&ctx, company("Strasse")).await;
    let ada = fixture.insert(&ctx, at("Ada@Example.com")).await;
    let mut work = fixture.reading(&ctx).await;
    let called = work.company_called("STRASSE").await.expect("a look-up");
    assert_eq!(called, Some(first.id), "the first that is there");
    assert_eq!(work.company_called("Strass").await.expect("a look-up"), None);
    assert_eq!(work.contact_at("ADA@example.com").await.expect("a look-up"), Some(ada.id));
    assert_eq!(work.contact_at("ada@example.co").await.expect("a look-up"), None);
}

/// Attachments are found as they were, with the name of who added them, and by what they belong to.
pub async fn attachments_are_found_as_they_were(fixture: &Fixture) {
    let member = fixture.member().await;
    let ctx = &member.ctx;
    let file = |kind: &str, id, by| Attachment {
        uploaded_by: Member(by),
        uploaded_by_name: Word::default(),
        file_name: ShortText::trusted("Plan Größe.pdf"),
        file_url: WebAddress::trusted("https://files.example/plan.pdf"),
        related_object_type: TargetKind::trusted(kind),
        related_object_id: TargetId(id),
        uploaded_at: Moment(Some(fixture.now())),
    };
    let mut work = fixture.writing(ctx).await;
    let first = file("contact", 7, Some(member.person.id));
    let first = work.attachments().insert(first, fixture.now()).await.expect("it is stored");
    let other = file("deal_stage", 1 << 50, None);
    let other = work.attachments().insert(other, fixture.now()).await.expect("it is stored");
    let named = Word::trusted(member.person.display_name());
    let found = work.attachments().find(&[first.id], Which::Live).await.expect("a look-up");
    let named = Attachment { uploaded_by_name: named, ..first.data.clone() };
    assert_eq!(found[0].data, named);
    let changed = Attachment { file_name: ShortText::trusted("Old.pdf"), ..other.data.clone() };
    let next = other.rewritten(changed, fixture.now());
    assert!(work.attachments().update(&next).await.expect("an update"));
    let found = work.attachments().find(&[other.id], Which::Live).await.expect("a look-up");
    assert_eq!(found, [next]);
    for (parameters, id) in [
        (&[("related_object_type", "Contact"), ("related_object_id", "7")][..], first.id),
        (&[("search", "größe")], first.id),
        (&[("ordering", "-related_object_id"), ("page_size", "1")], other.id),
    ] {
        let query = super::asked::<Attachment>(parameters);
        let listed = work.attachments().list(&query).await.expect("a list");
        assert_eq!(listed.records[0].id, id, "{parameters:?}");
    }
}

/// A file is named by an attachment of its workspace, also by one that is deleted if asked.
pub async fn files_are_named_by_attachments(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let key = |ctx: &OpContext| FileKey::document(ctx.tenant, &fixture.random, "plan.pdf");
    let (named, nobodys) = (key(&ctx), key(&ctx));
    let at = |address: String| Attachment {
        file_name: ShortText::trusted("plan.pdf"),
        file_url: WebAddress::trusted(address),
        related_object_type: TargetKind::trusted("contact"),
        related_object_id: TargetId(7),
        uploaded_at: Moment(Some(fixture.now())),
        ..Attachment::default()
    };
    let mut work = fixture.writing(&ctx).await;
    let ours = at(format!("https://crm.example.com/media/{named}"));
    let ours = work.attachments().insert(ours, fixture.now()).await.expect("it is stored");
    let foreign = at("https://files.example/plan.pdf".to_owned());
    work.attachments().insert(foreign, fixture.now()).await.expect("it is stored");
    work.commit().await.expect("a commit");

    let keys = [nobodys, named.clone()];
    let asked = async |ctx: &OpContext, which| {
        let mut work = fixture.writing(ctx).await;
        work.attached(&keys, which).await.expect("an answer")
    };
    assert_eq!(asked(&ctx, Which::Live).await, std::slice::from_ref(&named));
    assert_eq!(asked(&other, Which::Any).await, [], "another workspace names nothing of it");

    let mut work = fixture.writing(&ctx).await;
    let gone = Record {
        deleted_at: Some(fixture.now()),
        ..ours.rewritten(ours.data.clone(), fixture.now())
    };
    assert!(work.attachments().update(&gone).await.expect("an update"));
    work.commit().await.expect("a commit");
    assert_eq!(asked(&ctx, Which::Live).await, []);
    assert_eq!(asked(&ctx, Which::Any).await, [named]);
}

/// Notes are found as they were, with their author's name, and by what they are on.
pub async fn notes_are_found_as_they_were(fixture: &Fixture) {
    let member = fixture.member().await;
    let ctx = &member.ctx;
    let note = |kind: &str, id, author| Note {
        author: Member(author),
        author_name: Word::default(),
        content: LongText::trusted("Mag Raketen.\nSehr."),
        related_object_type: TargetKind::trusted(kind),
        related_object_id: TargetId(id),
    };
    let mut work = fixture.writing(ctx).await;
    let first = note("contact", 7, Some(member.person.id));
    let first = work.notes().insert(first, fixture.now()).await.expect("it is stored");
    let other = note("deal_stage", 1 << 50, None);
    let other = work.notes().insert(other, fixture.now()).await.expect("it is stored");
    let named = Word::trusted(member.person.display_name());
    let found = work.notes().find(&[first.id], Which::Live).await.expect("a look-up");
    assert_eq!(found[0].data, Note { author_name: named, ..first.data.clone() });
    let changed = Note { content: LongText::trusted("Mochte sie."), ..other.data.clone() };
    let next = other.rewritten(changed, fixture.now());
    assert!(work.notes().update(&next).await.expect("an update"));
    let found = work.notes().find(&[other.id], Which::Live).await.expect("a look-up");
    assert_eq!(found, [next]);
    for (parameters, id) in [
        (&[("related_object_type", "Contact"), ("related_object_id", "7")][..], first.id),
        (&[("related_object_type", "Deal stage")], other.id),
        (&[("ordering", "-related_object_type,-related_object_id"), ("page_size", "1")], other.id),
    ] {
        let listed = work.notes().list(&super::asked::<Note>(parameters)).await.expect("a list");
        assert_eq!(listed.records[0].id, id, "{parameters:?}");
    }
    work.commit().await.expect("a commit");
}

/// A record of any kind is there while it is not deleted, in its own workspace.
pub async fn a_record_is_there_while_it_is_not_deleted(fixture: &Fixture) {
    let (ctx, other) = (fixture.member().await.ctx, fixture.member().await.ctx);
    let (_, stage) = fixture.way(&ctx).await;
    let contact = fixture.insert(&ctx, contact("Grace", "")).await;
    let kind = RecordKind::of::<Contact>().expect("it is written");
    let stages = RecordKind::of::<DealStage>().expect("it is written");
    let has = async |ctx: &OpContext, kind, id| {
        let mut work = fixture.reading(ctx).await;
        work.has_record(kind, id).await.expect("a look-up")
    };
    let id = contact.id.raw();
    assert!(has(&ctx, kind, id).await);
    assert!(has(&ctx, stages, stage.raw()).await, "also where the resource's name has a hyphen");
    assert!(!has(&ctx, kind, 1 << 50).await);
    assert!(!has(&other, kind, id).await, "not in another workspace");
    fixture.delete(&ctx, &contact).await;
    assert!(!has(&ctx, kind, id).await);
}
