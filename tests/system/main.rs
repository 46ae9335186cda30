//! The whole system over real HTTP, on both databases.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod accounts;
mod activities;
mod attachments;
mod bad_input;
mod billing;
mod bulk;
mod catalog;
mod contacts;
mod cors;
mod deal_limit;
mod deals;
mod export;
mod google;
mod idempotency;
mod invites;
mod invoices;
mod jobs;
mod journal;
mod leads;
mod leaving;
mod letters;
mod links;
mod lists;
mod lockout;
mod members;
mod notes;
mod oidc;
mod orders;
mod overview;
mod pages;
mod passwords;
mod paths;
mod seals;
mod second_factor;
mod sessions;
mod shipments;
mod shop;
mod sign_in_pages;
mod stages;
mod statements;
mod stock_of_orders;
mod throttling;
mod tls;
mod versions;
