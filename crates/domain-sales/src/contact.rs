//! Contacts.

use domain_kernel::field::{Email, Json, Link, Phone, ShortText};
use domain_kernel::policy::Area;
use domain_kernel::{Records, Resource};

use crate::{Company, SalesWork};

domain_kernel::resource! {
    /// A person that one sells to or through.
    pub struct Contact, patch ContactPatch {
        /// The company that the person works for.
        company: Link<Company>,
        /// The first name.
        first_name: ShortText<128> [required, searched],
        /// The last name.
        last_name: ShortText<128> [searched],
        /// The e-mail address.
        email: Email [searched],
        /// The phone number.
        phone_number: Phone [searched],
        /// Words that the workspace sorts its contacts by.
        tags: Json,
    }
}

impl Resource for Contact {
    const NAME: &'static str = "contacts";
    const SINGULAR: &'static str = "contact";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "People that one sells to or through.";
    const AREA: Area = Area::Customers;
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.contacts()
    }
}
