//! Work in the background: jobs that were enqueued with a change, and what happens by schedule.
//!
//! It may depend on the language, the kernel, futures and a parser of cron expressions; where it
//! runs (threads, sleeping, logs) is behind [`Host`], where jobs are kept behind [`Queue`]. Where
//! to find what:
//! - [`rules`]: states, when a failed job is tried again, when it is dead;
//! - [`Queue`]: the port, and the promises of a store;
//! - [`Handler`], [`Handlers`]: who does a kind of job, and what they are given;
//! - [`Schedule`], [`Cron`]: what happens by the clock, in a time zone;
//! - [`Worker`]: claims, runs, keeps the lease, finishes;
//! - [`Jobs`]: what operators do; [`Job`]: what members see.
//!
//! To add a kind of job: a payload with [`JobKind`](domain_kernel::JobKind), a [`Handler`], and its
//! line where the application is composed; `docs/jobs.md` tells it in full.

mod cron;
mod handler;
mod host;
mod job;
mod jobs;
mod queue;
pub mod rules;
mod running;
mod schedule;
mod worker;

pub use cron::Cron;
pub use handler::{Handler, Handlers, JobError, JobRun, Outcome};
pub use host::{Event, Host, How};
pub use job::{Job, JobPatch, JobRecords, JobsStore, JobsWork, Starter, States};
pub use jobs::Jobs;
pub use queue::{Agenda, Ask, Claimed, Ending, JobFilter, JobRow, Progress, Queue, ScheduleRow};
pub use rules::State;
pub use schedule::Schedule;
pub use worker::{Worker, WorkerSettings};
