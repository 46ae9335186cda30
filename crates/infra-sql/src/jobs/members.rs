//! What members see: the jobs of their workspace, to be read. They come in by
//! [`Work::enqueue`](domain_kernel::Work), and the queue writes them.

use domain_jobs::{Job, JobRow};

use super::table::{Seen, jobs};
use crate::records::prelude::*;

fn record((seen, version, updated_at): (Seen, i64, At)) -> Record<Job> {
    JobRow::from(seen).record(version, updated_at.0)
}

reads! {
    /// The jobs of one workspace.
    Jobs of Job in jobs,
    rows (Seen, i64, At), selected by (Seen::as_select(), jobs::version, jobs::updated_at)
}
read_only! { Jobs of Job }
