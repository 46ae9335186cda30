//! Suppliers.

use domain_kernel::field::{Email, LongText, Phone, ShortText};
use domain_kernel::policy::Area;
use domain_kernel::{Records, Resource};

use crate::CatalogWork;

domain_kernel::resource! {
    /// Somebody whom one buys from.
    pub struct Supplier, patch SupplierPatch {
        /// The name.
        name: ShortText<255> [required, searched],
        /// Where orders and questions go.
        contact_email: Email [searched],
        /// The phone number.
        phone_number: Phone [searched],
        /// What is worth knowing.
        notes: LongText,
    }
}

impl Resource for Supplier {
    const NAME: &'static str = "suppliers";
    const SINGULAR: &'static str = "supplier";
    const MODULE: &'static str = "catalog";
    const DESCRIPTION: &'static str = "Those whom one buys from.";
    const AREA: Area = Area::Catalog;
    const FEATURE: Option<&'static str> = Some("catalog.manage_suppliers");
    type Work = dyn CatalogWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.suppliers()
    }
}
