//! The API server: a thin layer of HTTP over the domain's use cases.
//!
//! It may depend on everything; it holds no rule of business. A handler reads a request into a
//! command, runs one use case, and shows the outcome. To add a resource: a line in
//! [`resource::served`]; to add another endpoint: a handler in a file of its own, its description
//! in the same file, and its route in [`routes`].

mod accounts;
mod acts;
mod api_root;
mod billing;
mod catalog;
mod credentials;
mod data_import;
mod deals;
mod documents;
mod federation;
mod http;
mod invites;
mod leaving;
mod media;
mod money_back;
pub mod openapi;
mod operations;
mod overview;
mod pages;
pub mod program;
mod resource;
mod routes;
mod second_factor;
mod server;
mod session;
mod stock;
mod worker;

pub use resource::record_kinds;
pub use server::{Server, ServerError};
pub use worker::JobWorker;
