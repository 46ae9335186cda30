//! Fields: what a resource declares of each value it holds.
//!
//! A field's type says how it is read from a request, how it is shown, filtered and ordered; its
//! declaration adds whether it is required and searched. Everything else (validation, filters,
//! ordering, the API document, storage of folded text) follows from the two.
//!
//! To add a kind of value: a type here that implements [`FieldType`], and an arm wherever the
//! compiler then asks for one.

mod choice;
mod currency;
mod date;
mod embedded;
mod json;
mod link;
mod money;
mod nested;
mod object;
mod percent;
mod person;
mod plain;
mod rate;
mod target;
mod text;

use jiff::Timestamp;

use crate::Messages;

pub use choice::{Choice, Choices};
pub use currency::{CurrencyCode, OwnCurrency};
pub use date::Date;
pub(crate) use date::parse as parse_date;
pub use embedded::Embedded;
pub use json::{JSON_MAX, Json};
pub(crate) use link::no_such_row;
pub use link::{Key, LINKS_MAX, Link, Links};
pub use money::Money;
pub use nested::{NESTED_MAX, Nested, NestedRow};
pub use object::JsonObject;
pub use percent::Percent;
pub(crate) use percent::parse_percent;
pub use person::{DoneBy, MEMBERS, Member};
pub use plain::{COUNT_MAX, Count, Flag, Moment, RowId, Whole};
pub use rate::{Rate, RateError};
pub use target::{TargetId, TargetKind};
pub use text::{
    Email, LONG_TEXT_MAX, Locale, LongText, Phone, ShortText, Slug, WebAddress, Word, ZoneName,
};

/// What kind of value a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text up to so many characters, ordered and searched by its folded form.
    ShortText {
        /// Longest text, in characters.
        max: usize,
    },
    /// Text of several lines, up to [`LONG_TEXT_MAX`] characters.
    LongText,
    /// A phone number as people write it.
    Phone {
        /// Longest text, in characters.
        max: usize,
    },
    /// An e-mail address, ordered and searched by its folded form.
    Email {
        /// Longest address, in characters.
        max: usize,
    },
    /// An absolute web address.
    WebAddress {
        /// Longest address, in characters.
        max: usize,
    },
    /// A whole number, as far from 0 as [`COUNT_MAX`] where clients write it.
    Integer,
    /// A whole number of something: from 0 to [`COUNT_MAX`].
    Count,
    /// Yes or no.
    Flag,
    /// One of a few words.
    Choice {
        /// The words.
        codes: &'static [&'static str],
    },
    /// Letters, digits, hyphens and underscores, for addresses.
    Slug {
        /// Longest text, in characters.
        max: usize,
    },
    /// A word of ours, compared as it is written.
    Word {
        /// Longest text, in characters.
        max: usize,
    },
    /// An amount of money.
    Money {
        /// Most digits where two of them are after the point.
        digits: u32,
        /// Most digits after the point.
        places: u32,
    },
    /// A share from 0 to 100 with two places.
    Percent,
    /// How much of one thing one of another is, to ten places.
    Rate,
    /// A currency, by its ISO 4217 code.
    Currency,
    /// An instant in UTC.
    Timestamp,
    /// A day.
    Date,
    /// The id of somebody who is a member of the workspace, or was when it was written.
    Member,
    /// What kind of record the id in another field is of; compared by its name.
    TargetKind {
        /// Longest name, in characters.
        max: usize,
    },
    /// The id of a record of the kind that another field says.
    Target,
    /// The id of a row of another resource in the same workspace.
    Link {
        /// The other resource's name.
        resource: &'static str,
    },
    /// The id of a row of a resource of the platform's.
    Key {
        /// The other resource's name.
        resource: &'static str,
    },
    /// The ids of any number of rows of a resource of the platform's.
    Links {
        /// The other resource's name.
        resource: &'static str,
    },
    /// Any JSON value.
    Json,
    /// A JSON object with any content.
    Object,
    /// Objects of several fields each: rows of another resource that show within this one.
    Rows {
        /// What they show of what every row has.
        beside: &'static [Field],
        /// Their own fields.
        fields: &'static [Field],
    },
}

impl Kind {
    /// Whether adapters keep a folded copy that ordering and search use.
    pub const fn is_folded(self) -> bool {
        matches!(self, Self::ShortText { .. } | Self::Phone { .. } | Self::Email { .. })
    }

    /// Whether lists can be filtered and ordered by it.
    pub const fn is_plain(self) -> bool {
        !matches!(self, Self::Json | Self::Object | Self::Links { .. } | Self::Rows { .. })
    }
}

/// The declaration of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in JSON and in the database.
    pub name: &'static str,
    /// For the API document.
    pub description: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it can be empty (`null`).
    pub nullable: bool,
    /// Whether a create must give it, and text in it may not be blank.
    pub required: bool,
    /// Whether only the server writes it.
    pub read_only: bool,
    /// Whether `?search=` looks into it.
    pub searched: bool,
    /// Whether it comes from other rows, so that the version of its own does not tell of a change.
    pub derived: bool,
}

impl Field {
    /// An optional field that clients write.
    pub const fn new(
        name: &'static str,
        description: &'static str,
        kind: Kind,
        nullable: bool,
    ) -> Self {
        Self {
            name,
            description,
            kind,
            nullable,
            required: false,
            read_only: false,
            searched: false,
            derived: false,
        }
    }

    /// The same field, required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same field, written by the server only.
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The same field, made from other rows.
    pub const fn derived(mut self) -> Self {
        self.derived = true;
        self
    }

    /// The same field, looked into by `?search=`.
    pub const fn searched(mut self) -> Self {
        self.searched = true;
        self
    }
}

/// A value as filters, cursors and comparisons handle it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number or an id.
    Integer(i64),
    /// Text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// An instant.
    Timestamp(Timestamp),
    /// A day.
    Date(jiff::civil::Date),
    /// Several ids.
    Integers(Vec<i64>),
    /// Several texts, of which a condition takes any, whatever its case.
    Texts(Vec<String>),
}

/// A type that a resource's field can have.
pub trait FieldType: Sized + Clone + PartialEq + serde::Serialize + Send + Sync + 'static {
    /// What it holds.
    const KIND: Kind;
    /// Whether it has an empty value that clients write as `null`.
    const NULLABLE: bool = false;

    /// Reads a request's value.
    ///
    /// # Errors
    /// The messages for the client, in the words of Django REST Framework where it has some.
    fn read(json: serde_json::Value, field: &Field) -> Result<Self, String>;

    /// Reads a request's value that holds objects, whose errors are theirs.
    ///
    /// # Errors
    /// As [`FieldType::read`].
    fn read_deep(json: serde_json::Value, field: &Field) -> Result<Self, Messages> {
        Self::read(json, field).map_err(|message| Messages::List(vec![message]))
    }

    /// The value of an optional field that a create leaves out.
    fn absent() -> Self;

    /// The value that filters and ordering compare.
    fn value(&self) -> Value;

    /// Whether there is a value that is not shown at present.
    fn is_hidden(&self) -> bool {
        false
    }
}

/// The words for a value of the wrong JSON type.
pub(crate) fn type_name(json: &serde_json::Value) -> &'static str {
    match json {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "a boolean",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::String(_) => "a string",
        serde_json::Value::Array(_) => "a list",
        serde_json::Value::Object(_) => "an object",
    }
}

/// What Django REST Framework answers to `null` where it does not belong.
pub(crate) const NOT_NULL: &str = "This field may not be null.";
/// PostgreSQL text cannot hold it, and nobody means it.
pub(crate) const NO_NUL: &str = "Null characters are not allowed.";
