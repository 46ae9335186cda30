//! Repositories of sales.

pub(crate) mod companies;
pub(crate) mod contacts;
