//! Where products and variants are in their lives.

use domain_kernel::crud::{Reply, permit};
use domain_kernel::field::{Choice, Choices, Flag};
use domain_kernel::policy::Action;
use domain_kernel::{Error, Field, FieldType as _, Id, Input, OpContext, Patch, Result};
use serde_json::Value as JsonValue;

use super::{Product, ProductPatch};
use crate::Catalog;

/// What a product can be.
#[derive(Debug)]
pub enum ProductStatus {}

impl Choices for ProductStatus {
    const CODES: &'static [&'static str] = &[DRAFT, ACTIVE, INACTIVE, ARCHIVED];
}

/// What a variant can be.
#[derive(Debug)]
pub enum VariantStatus {}

impl Choices for VariantStatus {
    const CODES: &'static [&'static str] = &[ACTIVE, INACTIVE, ARCHIVED];
}

/// In preparation.
const DRAFT: &str = "draft";
/// On sale.
pub(super) const ACTIVE: &str = "active";
/// Not on sale at present.
const INACTIVE: &str = "inactive";
/// Not on sale any more.
pub(super) const ARCHIVED: &str = "archived";

/// Lets status and switch of a product say the same.
///
/// Where only one of the two changes, the other follows it. Where both are given and contradict
/// each other, the product is not on sale: nothing goes on sale by mistake.
///
/// # Errors
/// [`Error::Invalid`] on `is_active` when an archived product is switched on.
pub(super) fn agree(before: Option<&Product>, product: &mut Product) -> Result<()> {
    if product.status.is_empty() {
        product.status = before.map_or_else(|| Choice::trusted(DRAFT), |before| before.status);
    }
    let status_changes = before.is_none_or(|before| before.status != product.status);
    let switch_changes = before.is_none_or(|before| before.is_active != product.is_active);
    let (status, switched_on) = (&*product.status, product.is_active.0);
    match (status_changes, switch_changes) {
        (true, true) => match (status, switched_on) {
            (ACTIVE, false) => product.status = Choice::trusted(INACTIVE),
            (INACTIVE | ARCHIVED, true) => product.is_active = Flag(false),
            _ => {}
        },
        (true, false) => match status {
            ACTIVE => product.is_active = Flag(true),
            INACTIVE | ARCHIVED => product.is_active = Flag(false),
            _ => {}
        },
        (false, true) => match (status, switched_on) {
            (ACTIVE, false) => product.status = Choice::trusted(INACTIVE),
            (INACTIVE, true) => product.status = Choice::trusted(ACTIVE),
            (ARCHIVED, true) => {
                let message = "An archived product comes back by its status.";
                return Err(Error::field("is_active", message));
            }
            _ => {}
        },
        (false, false) => {}
    }
    Ok(())
}

/// What setting a status takes.
pub const SET_STATUS_FIELDS: [Field; 1] =
    [Field::new("status", "The new status.", Choice::<ProductStatus>::KIND, false).required()];

impl Catalog {
    /// Changes the status of a product, and nothing else of it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no status, and those of [`Crud::update`](domain_kernel::crud::Crud).
    pub async fn set_status(
        &self,
        ctx: &OpContext,
        id: Id<Product>,
        json: JsonValue,
        expected: Option<i64>,
    ) -> Result<Reply<Product>> {
        permit::<Product>(ctx, Action::Update)?;
        let mut input = Input::new(json)?;
        let status = input.take(&SET_STATUS_FIELDS[0]).map_or(Patch::Keep, Patch::Set);
        input.finish()?;
        let patch = ProductPatch { status, ..ProductPatch::default() };
        self.products.update(ctx, id, patch, expected).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(status: &str, is_active: bool) -> Product {
        let status = Choice::trusted(status);
        Product { status, is_active: Flag(is_active), ..Product::default() }
    }

    /// What becomes of a product that was the first and is asked to be the second.
    fn agreed(before: Option<(&str, bool)>, asked: (&str, bool)) -> Option<(String, bool)> {
        let before = before.map(|(status, on)| product(status, on));
        let mut product = product(asked.0, asked.1);
        agree(before.as_ref(), &mut product).ok()?;
        Some((product.status.to_string(), product.is_active.0))
    }

    #[test]
    fn a_new_product_is_what_it_is_said_to_be_and_on_sale_by_no_mistake() {
        for (asked, given) in [
            (("", true), ("draft", true)),
            (("draft", false), ("draft", false)),
            (("active", true), ("active", true)),
            (("active", false), ("inactive", false)),
            (("inactive", true), ("inactive", false)),
            (("archived", true), ("archived", false)),
        ] {
            assert_eq!(agreed(None, asked), Some((given.0.to_owned(), given.1)), "{asked:?}");
        }
    }

    #[test]
    fn what_does_not_change_follows_what_does() {
        for (before, asked, given) in [
            (("draft", true), ("active", true), Some(("active", true))),
            (("draft", false), ("active", false), Some(("active", true))),
            (("active", true), ("archived", true), Some(("archived", false))),
            (("active", true), ("active", false), Some(("inactive", false))),
            (("inactive", false), ("inactive", true), Some(("active", true))),
            (("archived", false), ("active", false), Some(("active", true))),
            (("archived", false), ("archived", true), None),
            (("draft", true), ("draft", false), Some(("draft", false))),
            (("active", true), ("inactive", false), Some(("inactive", false))),
            (("active", true), ("", true), Some(("active", true))),
        ] {
            let given = given.map(|(status, on): (&str, bool)| (status.to_owned(), on));
            assert_eq!(agreed(Some(before), asked), given, "{before:?} {asked:?}");
        }
    }
}
