//! Amounts that have a default elsewhere.

use domain_kernel::field::Money;
use domain_kernel::{Amount, Field, FieldType, Kind, Value};
use serde::Serialize;
use serde_json::Value as JsonValue;

/// An amount of up to `DIGITS` digits where two of them are after the point; none where a create leaves it out,
/// which the use case then fills in. Stored, there always is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct GivenMoney<const DIGITS: u32>(pub Option<Amount>);

impl<const DIGITS: u32> GivenMoney<DIGITS> {
    /// The amount; nothing where none was given.
    pub fn amount(self) -> Amount {
        self.0.unwrap_or_default()
    }

    /// As [`Money::in_places`]; none has no places.
    pub fn in_places(self, places: u32) -> Result<(), String> {
        Money::<DIGITS>(self.amount()).in_places(places)
    }
}

impl<const DIGITS: u32> FieldType for GivenMoney<DIGITS> {
    const KIND: Kind = <Money<DIGITS>>::KIND;

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        <Money<DIGITS>>::read(json, field).map(|money| Self(Some(money.0)))
    }

    fn absent() -> Self {
        Self(None)
    }

    fn value(&self) -> Value {
        self.0.map_or(Value::Null, |amount| Value::Integer(amount.ten_thousandths()))
    }
}
