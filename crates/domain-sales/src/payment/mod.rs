//! Payments: what a customer has paid, and what was given back.

pub mod balance;
