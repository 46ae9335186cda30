//! What is to be done about deals.

use async_trait::async_trait;
use domain_kernel::crud::Reply;
use domain_kernel::field::{Flag, Link, LongText, Member, Moment, ShortText, Word};
use domain_kernel::policy::Area;
use domain_kernel::{Id, OpContext, Record, Records, Resource, Result, Step};
use jiff::Timestamp;

use crate::{Opportunity, Sales, SalesWork, member};

domain_kernel::resource! {
    /// Something that is to be done about a deal, or was.
    pub struct Activity, patch ActivityPatch {
        /// The deal.
        opportunity: Link<Opportunity> [required],
        /// What kind of thing, in the workspace's own words: call, meeting, letter.
        r#type: ShortText<64> [required, searched],
        /// What.
        subject: ShortText<255> [required, searched],
        /// What is to be remembered.
        notes: LongText,
        /// Until when.
        due_at: Moment,
        /// When it was done; nothing while it is to be done.
        completed_at: Moment,
        /// The member who does it.
        owner: Member,
        /// Their name.
        owner_name: Word<301> [read_only],
        /// Whether it should have been done by now.
        overdue: Flag<false> [read_only],
        /// Whether it is to be done, by a time that has not come.
        upcoming: Flag<false> [read_only],
    }
}

#[async_trait]
impl Resource for Activity {
    const NAME: &'static str = "deal-activities";
    const SINGULAR: &'static str = "deal_activity";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "What is to be done about deals, and what was.";
    const AREA: Area = Area::Sales;
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.activities()
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if step.before.is_none_or(|before| before.data.owner != data.owner) {
            data.owner_name = member::name_of(work, data.owner).await?;
        }
        data.tell_time(step.now);
        Ok(())
    }
}

impl Activity {
    /// Says how it stands at a moment.
    pub fn tell_time(&mut self, now: Timestamp) {
        let due = self.due_at.0.filter(|_| self.completed_at.0.is_none());
        self.overdue = Flag(due.is_some_and(|due| due < now));
        self.upcoming = Flag(due.is_some_and(|due| due >= now));
    }
}

impl Sales {
    /// Notes that something was done, now; what was done already stays done when it was.
    ///
    /// # Errors
    /// Those of [`Crud::update`](domain_kernel::crud::Crud::update).
    pub async fn complete(
        &self,
        ctx: &OpContext,
        id: Id<Activity>,
        expected: Option<i64>,
    ) -> Result<Reply<Activity>> {
        let rule = |current: &Record<Activity>, now| {
            let completed_at = Moment(Some(current.data.completed_at.0.unwrap_or(now)));
            Ok(Activity { completed_at, ..current.data.clone() })
        };
        self.activities.act(ctx, id, expected, rule).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_late_or_to_come_until_it_is_done() {
        let at = |second| Timestamp::from_second(second).expect("in range");
        for (due, done, overdue, upcoming) in [
            (None, None, false, false),
            (Some(9), None, true, false),
            (Some(10), None, false, true),
            (Some(11), None, false, true),
            (Some(9), Some(20), false, false),
            (Some(11), Some(5), false, false),
        ] {
            let (due_at, completed_at) = (Moment(due.map(at)), Moment(done.map(at)));
            let mut activity = Activity { due_at, completed_at, ..Activity::default() };
            activity.tell_time(at(10));
            assert_eq!((activity.overdue.0, activity.upcoming.0), (overdue, upcoming), "{due:?}");
        }
    }
}
