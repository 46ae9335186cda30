//! Rows of another resource that are written and shown within this one.

use std::collections::BTreeSet;

use serde::ser::{Serialize, Serializer};
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NOT_NULL, Value};
use crate::{Error, FieldErrors, Fields, Id, Messages, Record, Resource};

/// Most rows within one.
pub const NESTED_MAX: usize = 500;

/// Rows of `T` that belong to the row that they are written and shown with: the variants of a
/// product, the lines of an order.
///
/// A request gives them as a list of objects: those with an `id` change, those without are new,
/// and what is not in the list goes. The resource that holds them stores them in its
/// [`follow`](Resource::follow) and puts the result in their place.
#[derive(Debug, Clone, Default)]
pub enum Nested<T: Fields> {
    /// Left out of a request: they stay as they are.
    #[default]
    Untouched,
    /// What a request wants them to be.
    Wanted(Vec<NestedRow<T>>),
    /// As they are.
    Stored(Vec<Record<T>>),
}

/// One of the rows that a request wants.
#[derive(Debug, Clone)]
pub enum NestedRow<T: Fields> {
    /// A new row.
    New(T),
    /// A change of a row.
    Change(Id<T>, T::Patch),
}

/// What is wanted is always another thing than what is there; what was left out is the same.
impl<T: Fields> PartialEq for Nested<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Wanted(_), _) | (_, Self::Wanted(_)) => false,
            (Self::Stored(one), Self::Stored(other)) => one == other,
            (Self::Untouched, _) | (_, Self::Untouched) => true,
        }
    }
}

impl<T: Fields> Serialize for Nested<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Stored(records) => serializer.collect_seq(records),
            Self::Untouched | Self::Wanted(_) => serializer.collect_seq([(); 0]),
        }
    }
}

impl<T: Resource> FieldType for Nested<T> {
    const KIND: Kind = Kind::Rows { beside: T::BESIDE, fields: T::FIELDS };

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        Self::read_deep(json, field).map_err(|_| "The list is invalid.".to_owned())
    }

    fn read_deep(json: JsonValue, _: &Field) -> Result<Self, Messages> {
        let plain = |message: String| Messages::List(vec![message]);
        let items = match json {
            JsonValue::Array(items) => items,
            JsonValue::Null => return Err(plain(NOT_NULL.to_owned())),
            other => {
                let found = super::type_name(&other);
                return Err(plain(format!("Expected a list of items but got {found}.")));
            }
        };
        if items.len() > NESTED_MAX {
            return Err(plain(format!("Ensure this has no more than {NESTED_MAX} items.")));
        }
        let mut named = BTreeSet::new();
        let (mut rows, mut errors) = (Vec::new(), Vec::new());
        for item in items {
            let (row, error) = match read_row::<T>(item, &mut named) {
                Ok(row) => (Some(row), FieldErrors::default()),
                Err(error) => (None, error),
            };
            rows.extend(row);
            errors.push(error);
        }
        if errors.iter().all(FieldErrors::is_empty) {
            Ok(Self::Wanted(rows))
        } else {
            Err(Messages::Items(errors))
        }
    }

    fn absent() -> Self {
        Self::Untouched
    }

    fn value(&self) -> Value {
        Value::Null
    }
}

/// Reads one row; `named` are the ids that the rows before it have.
fn read_row<T: Resource>(
    mut json: JsonValue,
    named: &mut BTreeSet<i64>,
) -> Result<NestedRow<T>, FieldErrors> {
    let id = json.as_object_mut().and_then(|object| object.remove("id"));
    let read = match id.filter(|id| !id.is_null()) {
        None => T::read(json).map(NestedRow::New),
        Some(id) => {
            let Some(id) = super::link::read_id(&id) else {
                return Err(FieldErrors::one("id", "A valid integer is required."));
            };
            if !named.insert(id) {
                return Err(FieldErrors::one("id", "This row is in the list already."));
            }
            T::read_patch(json).map(|patch| NestedRow::Change(Id::new(id), patch))
        }
    };
    read.map_err(|error| match error {
        Error::Invalid(errors) => errors,
        other => FieldErrors::one("non_field_errors", other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::field::ShortText;
    use crate::policy::Area;

    crate::resource! {
        /// A line of something.
        pub struct Line, patch LinePatch {
            /// What it says.
            text: ShortText<5> [required],
        }
    }

    impl Resource for Line {
        const NAME: &'static str = "lines";
        const SINGULAR: &'static str = "line";
        const MODULE: &'static str = "texts";
        const DESCRIPTION: &'static str = "";
        const AREA: Area = Area::Customers;
        type Work = dyn crate::Work;

        fn records<'w>(_: &'w mut Self::Work) -> Box<dyn crate::Records<Self> + 'w> {
            unreachable!("these tests store nothing")
        }
    }

    crate::resource! {
        /// A text of several lines.
        pub struct Text, patch TextPatch {
            /// Its lines.
            lines: Nested<Line>,
        }
    }

    #[test]
    fn rows_with_an_id_change_and_those_without_are_new() {
        let text = Text::read(json!({"lines": [
            {"id": 4, "text": "four", "version": 3}, {"text": "new"}, {"id": null, "text": "too"}, {"id": 5}
        ]}));
        let Nested::Wanted(rows) = text.expect("valid").lines else { panic!("not wanted") };
        let what = rows.iter().map(|row| match row {
            NestedRow::New(line) => line.text.to_string(),
            NestedRow::Change(id, _) => id.to_string(),
        });
        assert_eq!(what.collect::<Vec<_>>(), ["4", "new", "too", "5"]);
        assert!(matches!(Text::read(json!({})).expect("valid").lines, Nested::Untouched));
    }

    #[test]
    fn errors_stand_where_the_rows_do() {
        let read = |lines| match Text::read(json!({ "lines": lines })) {
            Err(Error::Invalid(errors)) => serde_json::to_value(errors).expect("JSON"),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            read(json!([{"text": "good"}, {}, {"id": 1, "colour": 1}, {"id": 1}, {"id": "x"}, 7])),
            json!({"lines": [
                {},
                {"text": ["This field is required."]},
                {"colour": ["Unknown field."]},
                {"id": ["This row is in the list already."]},
                {"id": ["A valid integer is required."]},
                {"non_field_errors": ["Invalid data. Expected an object, but got a number."]},
            ]})
        );
        assert_eq!(read(json!(null)), json!({"lines": ["This field may not be null."]}));
        assert_eq!(
            read(json!("a")),
            json!({"lines": ["Expected a list of items but got a string."]})
        );
        let many = read(json!(vec![json!({"text": "a"}); NESTED_MAX + 1]));
        assert_eq!(many, json!({"lines": ["Ensure this has no more than 500 items."]}));
    }

    #[test]
    fn what_is_left_out_is_the_same_and_what_is_wanted_is_not() {
        let stored = Nested::<Line>::Stored(Vec::new());
        assert_eq!(stored, Nested::Untouched);
        assert_ne!(stored, Nested::Wanted(Vec::new()));
        assert_eq!(serde_json::to_value(&stored).expect("JSON"), json!([]));
    }
}
