//! Integrations: what comes in from other systems. Today that is the spreadsheets that people bring
//! their contacts and products in ([`import`]).
//!
//! It may depend on the language, the kernel, and on sales and the catalog, whose rows it writes by
//! their own rules. Its port is [`SheetReader`](import::SheetReader).

pub mod import;
