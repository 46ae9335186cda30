//! One of a few words.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::{Serialize, Serializer};
use serde_json::Value as JsonValue;

use super::{Field, FieldType, Kind, NOT_NULL, Value};

/// The words that a [`Choice`] is made from.
pub trait Choices: Send + Sync + 'static {
    /// All of them, in the order of the documents.
    const CODES: &'static [&'static str];
}

/// One of the words of `C`; an optional one may be empty.
pub struct Choice<C> {
    code: &'static str,
    of: PhantomData<fn() -> C>,
}

impl<C: Choices> Choice<C> {
    /// The choice with this word, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        let code = C::CODES.iter().copied().find(|known| *known == code)?;
        Some(Self { code, of: PhantomData })
    }

    /// Takes a word from where it was checked before; an unknown one is none.
    pub fn trusted(code: &str) -> Self {
        Self::from_code(code).unwrap_or_default()
    }
}

impl<C> Clone for Choice<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for Choice<C> {}
impl<C> Default for Choice<C> {
    fn default() -> Self {
        Self { code: "", of: PhantomData }
    }
}
impl<C> PartialEq for Choice<C> {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}
impl<C> fmt::Debug for Choice<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.fmt(f)
    }
}
impl<C> Deref for Choice<C> {
    type Target = str;

    fn deref(&self) -> &str {
        self.code
    }
}
impl<C> Serialize for Choice<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

impl<C: Choices> FieldType for Choice<C> {
    const KIND: Kind = Kind::Choice { codes: C::CODES };

    fn read(json: JsonValue, field: &Field) -> Result<Self, String> {
        match json {
            JsonValue::Null => Err(NOT_NULL.to_owned()),
            JsonValue::String(text) if text.is_empty() && !field.required => Ok(Self::default()),
            JsonValue::String(text) => {
                Self::from_code(&text).ok_or_else(|| format!("\"{text}\" is not a valid choice."))
            }
            other => Err(format!("\"{other}\" is not a valid choice.")),
        }
    }

    fn absent() -> Self {
        Self::default()
    }

    fn value(&self) -> Value {
        Value::Text(self.code.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug)]
    enum Size {}

    impl Choices for Size {
        const CODES: &'static [&'static str] = &["small", "large"];
    }

    #[test]
    fn only_the_words_are_chosen() {
        let field = Field::new("size", "", Choice::<Size>::KIND, false);
        let read = |json| Choice::<Size>::read(json, &field);
        assert_eq!(&*read(json!("small")).expect("a word"), "small");
        assert_eq!(&*read(json!("")).expect("optional"), "");
        assert_eq!(read(json!("huge")).expect_err("none"), "\"huge\" is not a valid choice.");
        assert_eq!(read(json!(1)).expect_err("none"), "\"1\" is not a valid choice.");
        assert!(Choice::<Size>::read(json!(""), &field.required()).is_err());
    }
}
