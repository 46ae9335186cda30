//! A job as members see it: all but its payload.

use domain_kernel::crud::Crud;
use domain_kernel::field::{Choice, Choices, Count, Json, LongText, Moment};
use domain_kernel::policy::{Area, Role};
use domain_kernel::query::{Condition, Test};
use domain_kernel::{
    Field, FieldType, Fields as _, Id, Kind, OpContext, Operations, Record, Records, Resource,
    Store, Value, Work,
};
use serde::Serialize;
use serde_json::Value as JsonValue;

use crate::JobRow;

/// The words of a job's state.
#[derive(Debug)]
pub enum States {}

impl Choices for States {
    const CODES: &'static [&'static str] = &["waiting", "running", "done", "dead", "cancelled"];
}

/// The person who started a job, if one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Starter(pub Option<i64>);

impl FieldType for Starter {
    const KIND: Kind = Kind::Integer;
    const NULLABLE: bool = true;

    fn read(_: JsonValue, _: &Field) -> Result<Self, String> {
        Err("Only the server writes it.".to_owned())
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        self.0.map_or(Value::Null, Value::Integer)
    }
}

domain_kernel::resource! {
    /// A job as members see it.
    pub struct Job, patch JobPatch {
        /// What is done.
        kind: LongText [read_only, searched],
        /// Where it stands; dead means that it was given up.
        state: Choice<States> [read_only],
        /// How far it is, from 0 to 100.
        progress: Count<0> [read_only],
        /// A word about that.
        progress_note: LongText [read_only],
        /// How often it was tried.
        attempts: Count<0> [read_only],
        /// After how many failures it is given up.
        max_attempts: Count<0> [read_only],
        /// The person who started it.
        started_by: Starter [read_only],
        /// When it is due, or was.
        run_at: Moment [read_only],
        /// When its last attempt began.
        started_at: Moment [read_only],
        /// When it ended.
        finished_at: Moment [read_only],
        /// What it gave.
        outcome: Json [read_only],
        /// What went wrong last; empty when nothing did.
        last_error: LongText [read_only, searched],
    }
}

impl Resource for Job {
    const NAME: &'static str = "jobs";
    const SINGULAR: &'static str = "job";
    const MODULE: &'static str = "background";
    const DESCRIPTION: &'static str = "What is done in the background: an admin sees all of the workspace, others what they started.";
    const AREA: Area = Area::Jobs;
    const OPERATIONS: Operations = Operations::ReadOnly;
    type Work = dyn JobsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.jobs()
    }

    fn own(ctx: &OpContext) -> Option<Condition> {
        let sees_all = ctx.roles.contains(Role::Admin) || ctx.roles.is_staff();
        let person = ctx.actor.person().filter(|_| !sees_all)?;
        let field = Self::FIELDS.iter().find(|field| field.name == "started_by")?;
        Some(Condition { field, test: Test::Equal, value: Value::Integer(person.raw()) })
    }
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        let count = |number: u32| Count(number.into());
        Self {
            kind: LongText::trusted(row.kind),
            state: Choice::trusted(row.state.code()),
            progress: count(row.progress.percent.into()),
            progress_note: LongText::trusted(row.progress.note),
            attempts: count(row.attempts),
            max_attempts: count(row.max_attempts),
            started_by: Starter(row.person.map(Id::raw)),
            run_at: Moment(Some(row.run_at)),
            started_at: Moment(row.started_at),
            finished_at: Moment(row.finished_at),
            outcome: Json(row.outcome.unwrap_or(JsonValue::Null)),
            last_error: LongText::trusted(row.last_error),
        }
    }
}

impl JobRow {
    /// The record that members see; the version and the instant of the last write are the store's.
    pub fn record(self, version: i64, updated_at: jiff::Timestamp) -> Record<Job> {
        let (id, tenant, created_at) = (Id::new(self.id.raw()), self.tenant, self.created_at);
        Record { id, tenant, version, created_at, updated_at, deleted_at: None, data: self.into() }
    }
}

/// What a unit of work shows of jobs to members.
pub trait JobsWork: Work {
    /// The jobs of the workspace, to be read.
    fn jobs(&mut self) -> Box<dyn Records<Job> + '_>;
}

/// A store that opens units of work for members who look at jobs.
pub type JobsStore = dyn Store<dyn JobsWork>;

/// The members' use cases: listing and retrieving.
pub type JobRecords = Crud<Job>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;

    #[test]
    fn the_words_of_states_are_those_of_the_rules() {
        assert_eq!(States::CODES, State::ALL.map(State::code));
    }
}
