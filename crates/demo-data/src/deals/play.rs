//! Leads, deals and what is done about them, through the use cases.

use domain_kernel::field::{
    Date, Link, LongText, Member, Moment, Money, Percent, ShortText, Whole,
};
use domain_kernel::{Id, Patch, Result};
use domain_sales::{
    Activity, Conversion, DealStage, Lead, LeadPatch, Opportunity, OpportunityPatch, Outcome,
    Pipeline,
};

use super::words::{PIPELINES, WON};
use super::{DealPlan, DealStep};
use crate::goods::cents;
use crate::player::{Player, fresh, known};

impl Player<'_> {
    /// Makes the ways of selling, with their stages.
    pub(crate) async fn open_pipelines(&mut self) -> Result<()> {
        for (name, stages) in PIPELINES {
            let pipeline = Pipeline { name: ShortText::trusted(name) };
            let pipeline = fresh(self.sales.pipelines.create(&self.desk(0), pipeline).await?)?.id;
            let mut ids = Vec::new();
            for (position, stage) in (1..).zip(stages) {
                let stage = DealStage {
                    pipeline: Link::to(Some(pipeline)),
                    name: ShortText::trusted(stage.name),
                    position: Whole(position),
                    win_probability: Percent::stored(stage.chance * 100),
                };
                ids.push(fresh(self.sales.deal_stages.create(&self.desk(0), stage).await?)?.id);
            }
            self.pipelines.push((pipeline, ids));
        }
        Ok(())
    }

    /// Does what happens to leads and deals.
    pub(crate) async fn deal(&mut self, step: &DealStep) -> Result<()> {
        match step {
            DealStep::Lead(lead) => self.lead(*lead).await,
            DealStep::Mark(lead, status) => {
                let id = known(&self.leads, *lead)?;
                let status = Patch::Set(ShortText::trusted(*status));
                let patch = LeadPatch { status, ..LeadPatch::default() };
                self.sales.leads.update(&self.desk(1), id, patch, None).await.map(drop)
            }
            DealStep::Open(deal) => self.open(*deal).await,
            DealStep::Enter(deal, stage) => {
                let (id, plan) = (known(&self.deals, *deal)?, &self.plan.deals.deals[*deal]);
                let stage = Patch::Set(Link::to(self.stage(plan.pipeline, *stage)));
                let patch = OpportunityPatch { stage, ..OpportunityPatch::default() };
                let ctx = self.desk(plan.owner);
                self.sales.opportunities.update(&ctx, id, patch, None).await.map(drop)
            }
            DealStep::Win(deal) => {
                let why = LongText::trusted(WON[*deal % WON.len()]);
                self.conclude(*deal, Outcome::Win(why)).await
            }
            DealStep::Lose(deal, reason) => {
                self.conclude(*deal, Outcome::Lose(LongText::trusted(*reason))).await
            }
            DealStep::Task(task) => self.task(*task).await,
            DealStep::Done(task) => {
                let owner = self.plan.deals.deals[self.plan.deals.tasks[*task].deal].owner;
                let id = known(&self.activities, *task)?;
                self.sales.complete(&self.desk(owner), id, None).await.map(drop)
            }
        }
    }

    async fn lead(&mut self, lead: usize) -> Result<()> {
        let plan = &self.plan.deals.leads[lead];
        let data = Lead {
            contact: Link::to(Some(known(&self.contacts, plan.contact)?)),
            source: ShortText::trusted(plan.source),
            notes: LongText::trusted(plan.notes),
            score: Whole(plan.score),
            ..Lead::default()
        };
        self.leads[lead] = Some(fresh(self.sales.leads.create(&self.system, data).await?)?.id);
        Ok(())
    }

    async fn open(&mut self, deal: usize) -> Result<()> {
        let plan = &self.plan.deals.deals[deal];
        let ctx = self.desk(plan.owner);
        let data = self.opportunity(plan)?;
        let id = match plan.lead {
            None => Some(fresh(self.sales.opportunities.create(&ctx, data).await?)?.id),
            Some(lead) => {
                let wish = Conversion { opportunity: Some(data), ..Conversion::default() };
                let lead = known(&self.leads, lead)?;
                let lead = fresh(self.sales.convert(&ctx, lead, wish).await?)?;
                lead.data.converted_opportunity.shown()
            }
        };
        self.deals[deal] = id;
        Ok(())
    }

    fn opportunity(&self, plan: &DealPlan) -> Result<Opportunity> {
        let people = &self.plan.people;
        let employer = people.employer(plan.contact);
        let (company, id) = match employer {
            Some(at) => (&*people.companies[at].1.name, Some(known(&self.companies, at)?)),
            None => ("", None),
        };
        let (pipeline, _) = &self.pipelines[plan.pipeline];
        Ok(Opportunity {
            company: Link::to(id),
            contact: Link::to(Some(known(&self.contacts, plan.contact)?)),
            name: ShortText::trusted(format!("{company}: {}", plan.subject)),
            pipeline: Link::to(Some(*pipeline)),
            stage: Link::to(self.stage(plan.pipeline, 0)),
            amount: Money(cents(plan.amount)),
            close_date: Date(Some(self.plan.calendar.date(plan.close))),
            owner: Member(Some(self.sellers[plan.owner])),
            ..Opportunity::default()
        })
    }

    fn stage(&self, pipeline: usize, stage: usize) -> Option<Id<DealStage>> {
        self.pipelines.get(pipeline).and_then(|(_, stages)| stages.get(stage)).copied()
    }

    async fn conclude(&mut self, deal: usize, outcome: Outcome) -> Result<()> {
        let (id, owner) = (known(&self.deals, deal)?, self.plan.deals.deals[deal].owner);
        self.sales.conclude(&self.desk(owner), id, outcome, None).await.map(drop)
    }

    async fn task(&mut self, task: usize) -> Result<()> {
        let plan = &self.plan.deals.tasks[task];
        let owner = self.plan.deals.deals[plan.deal].owner;
        let data = Activity {
            opportunity: Link::to(Some(known(&self.deals, plan.deal)?)),
            r#type: ShortText::trusted(plan.kind),
            subject: ShortText::trusted(plan.subject),
            due_at: Moment(Some(self.plan.calendar.at(plan.due))),
            owner: Member(Some(self.sellers[owner])),
            ..Activity::default()
        };
        let made = self.sales.activities.create(&self.desk(owner), data).await?;
        self.activities[task] = Some(fresh(made)?.id);
        Ok(())
    }
}
