//! Sales: whom one sells to (companies and contacts), and the rules of what is sold: orders, invoices,
//! payments and shipments.
//!
//! It may depend on the language and the kernel. To add a resource: a file that declares it (see
//! `company.rs`), a repository in [`SalesWork`], its use cases in [`Sales`]; then follow
//! `docs/adding-a-resource.md`.

mod company;
mod contact;
pub mod invoice;
pub mod order;
pub mod payment;
pub mod shipment;
pub mod state;

use std::sync::Arc;

pub use company::{Company, CompanyPatch};
pub use contact::{Contact, ContactPatch};
use domain_kernel::crud::Crud;
use domain_kernel::{Clock, Random, Records, Store, Work};

/// What a unit of work reaches of sales.
pub trait SalesWork: Work {
    /// The companies of the workspace.
    fn companies(&mut self) -> Box<dyn Records<Company> + '_>;
    /// The contacts of the workspace.
    fn contacts(&mut self) -> Box<dyn Records<Contact> + '_>;
}

/// A store that opens units of work for sales.
pub type SalesStore = dyn Store<dyn SalesWork>;

/// The use cases of sales.
#[derive(Clone)]
pub struct Sales {
    /// Companies.
    pub companies: Crud<Company>,
    /// Contacts.
    pub contacts: Crud<Contact>,
}

impl Sales {
    /// The use cases over a store.
    pub fn new(store: Arc<SalesStore>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            companies: Crud::new(store.clone(), clock.clone(), random.clone()),
            contacts: Crud::new(store, clock, random),
        }
    }
}
