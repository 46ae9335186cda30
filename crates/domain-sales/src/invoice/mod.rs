//! Invoices: what a customer is asked to pay.

pub mod status;
