//! Shipments: what leaves for a customer, and what comes back.

pub mod fulfilment;
pub mod status;
