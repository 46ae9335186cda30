//! Repositories of sales.

pub(crate) mod activities;
mod attachments;
pub(crate) mod companies;
pub(crate) mod contacts;
pub(crate) mod deal_stages;
pub(crate) mod leads;
pub(crate) mod notes;
pub(crate) mod opportunities;
pub(crate) mod pipelines;
pub(crate) mod stage_changes;
mod work;
