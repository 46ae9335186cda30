//! Companies.

use domain_kernel::field::{LongText, ShortText, WebAddress};
use domain_kernel::policy::Area;
use domain_kernel::{Records, Resource};

use crate::SalesWork;

domain_kernel::resource! {
    /// An organisation that one sells to.
    pub struct Company, patch CompanyPatch {
        /// The name.
        name: ShortText<255> [required, searched],
        /// The line of business.
        industry: ShortText<128> [searched],
        /// The web site.
        website: WebAddress,
        /// Where invoices go.
        billing_address: LongText,
        /// Where goods go.
        shipping_address: LongText,
    }
}

impl Resource for Company {
    const NAME: &'static str = "companies";
    const SINGULAR: &'static str = "company";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str = "Organisations that one sells to.";
    const AREA: Area = Area::Customers;
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.companies()
    }
}
