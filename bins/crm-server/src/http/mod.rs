//! HTTP itself: what every endpoint shares.

pub(crate) mod aliases;
pub(crate) mod around;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod client;
pub(crate) mod cors;
pub(crate) mod csrf;
pub(crate) mod described;
pub(crate) mod etag;
pub(crate) mod failure;
pub(crate) mod form;
pub(crate) mod https;
pub(crate) mod json;
pub(crate) mod limits;
pub(crate) mod links;
pub(crate) mod metrics;
pub(crate) mod multipart;
pub(crate) mod session;
pub(crate) mod state;
pub(crate) mod stream;
