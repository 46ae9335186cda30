//! What variants cost, now and before.

use domain_kernel::field::{CurrencyCode, DoneBy, Link, Moment, Money, Word};
use domain_kernel::policy::Area;
use domain_kernel::query::{NamedFilter, Test};
use domain_kernel::{
    Amount, Currency, Field, FieldType, Id, Kind, Operations, PersonId, Records, Resource,
    UNMARKED_FIELDS, Value,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as JsonValue;

use super::{Product, ProductVariant};
use crate::CatalogWork;

/// How many of its last prices a variant shows; all are in the price history.
pub const PRICES_SHOWN: usize = 5;

domain_kernel::resource! {
    /// A price that a variant got at a moment.
    pub struct PriceChange, patch PriceChangePatch, beside UNMARKED_FIELDS {
        /// The variant.
        variant: Link<ProductVariant> [read_only],
        /// The product that the variant is of.
        product: Link<Product> [read_only, derived],
        /// The variant's number in stock-keeping, as it is now.
        variant_sku: Word<64> [read_only, derived],
        /// The variant's name, as it is now.
        variant_name: Word<255> [read_only, derived],
        /// The price from then on.
        price: Money<10> [read_only],
        /// Its currency.
        currency: CurrencyCode [read_only],
        /// When it was set.
        recorded_at: Moment [read_only],
        /// Who set it.
        recorded_by: DoneBy [read_only],
    }
}

impl Resource for PriceChange {
    const NAME: &'static str = "price-history";
    const SINGULAR: &'static str = "price_change";
    const MODULE: &'static str = "catalog";
    const DESCRIPTION: &'static str = "Every price that a variant had or has, by whom and when.";
    const AREA: Area = Area::Catalog;
    const FEATURE: Option<&'static str> = Some("pricing.history_view");
    const OPERATIONS: Operations = Operations::ReadOnly;
    const FILTERS: &'static [NamedFilter] = &[
        NamedFilter { name: "recorded_from", field: "recorded_at", test: Test::From },
        NamedFilter { name: "recorded_to", field: "recorded_at", test: Test::Until },
    ];
    const ORDER: &'static [&'static str] = &["-recorded_at"];
    type Work = dyn CatalogWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.price_history()
    }
}

/// A price as its variant shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PricePoint {
    /// Its id in the price history.
    pub id: Id<PriceChange>,
    /// The price.
    pub price: Amount,
    /// Its currency.
    pub currency: Currency,
    /// When it was set.
    pub recorded_at: Timestamp,
    /// Who set it.
    pub recorded_by: Option<PersonId>,
}

/// The last prices of a variant, up to [`PRICES_SHOWN`], newest first. Only the server writes them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct PricePoints(pub Vec<PricePoint>);

impl PricePoints {
    /// Takes a newer price in.
    pub(super) fn push(&mut self, newest: PricePoint) {
        self.0.insert(0, newest);
        self.0.truncate(PRICES_SHOWN);
    }
}

impl FieldType for PricePoints {
    const KIND: Kind = Kind::Rows {
        beside: &[],
        fields: &[
            Field::new("id", "Its id in the price history.", Kind::Integer, false),
            Field::new("price", "The price.", <Money<10>>::KIND, false),
            Field::new("currency", "Its currency.", Kind::Currency, false),
            Field::new("recorded_at", "When it was set.", Kind::Timestamp, false),
            Field::new("recorded_by", "Who set it.", Kind::Integer, true),
        ],
    };

    fn read(_: JsonValue, _: &Field) -> Result<Self, String> {
        Err("Only the server writes it.".to_owned())
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Null
    }
}
