//! Reading a request's object into a resource.

use serde_json::{Map, Value};

use crate::{Error, Field, FieldErrors, FieldType, Result};

/// What a change does to one field.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Patch<T> {
    /// Leaves it as it is.
    #[default]
    Keep,
    /// Gives it a value; the empty value clears it.
    Set(T),
}

impl<T> Patch<T> {
    /// Puts the new value, if there is one, in place of the old.
    pub fn apply(self, target: &mut T) {
        if let Self::Set(value) = self {
            *target = value;
        }
    }
}

/// An object sent by a client, from which fields are taken one by one.
///
/// All errors are collected, so that a client sees them together.
#[derive(Debug)]
pub struct Input {
    object: Map<String, Value>,
    errors: FieldErrors,
}

impl Input {
    /// Wraps a request's JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is not an object.
    pub fn new(json: Value) -> Result<Self> {
        match json {
            Value::Object(object) => Ok(Self { object, errors: FieldErrors::default() }),
            other => Err(Error::field(
                "non_field_errors",
                format!(
                    "Invalid data. Expected an object, but got {}.",
                    crate::field::type_name(&other)
                ),
            )),
        }
    }

    /// Drops what only the server writes; clients may send a row back as they got it.
    pub fn ignore<'f>(&mut self, names: impl IntoIterator<Item = &'f str>) {
        for name in names {
            self.object.remove(name);
        }
    }

    /// Takes a field's value; an optional field that is missing has its default.
    /// `None` when an error was noted.
    pub fn take<T: FieldType>(&mut self, field: &Field) -> Option<T> {
        match self.object.remove(field.name) {
            Some(json) => self.read(json, field),
            None if field.required => {
                self.errors.add(field.name, "This field is required.");
                None
            }
            None => Some(T::absent()),
        }
    }

    /// Takes a field's value where one was sent.
    pub fn take_patch<T: FieldType>(&mut self, field: &Field) -> Patch<T> {
        match self.object.remove(field.name) {
            Some(json) => self.read(json, field).map_or(Patch::Keep, Patch::Set),
            None => Patch::Keep,
        }
    }

    /// Takes a required text as it is, not trimmed: a password. Its length is the caller's rule.
    pub fn take_verbatim(&mut self, field: &Field) -> Option<String> {
        let message = match self.object.remove(field.name) {
            Some(Value::String(text)) if text.contains('\0') => crate::field::NO_NUL,
            Some(Value::String(text)) if text.is_empty() => "This field may not be blank.",
            Some(Value::String(text)) => return Some(text),
            Some(Value::Null) => crate::field::NOT_NULL,
            Some(_) => "Not a valid string.",
            None => "This field is required.",
        };
        self.errors.add(field.name, message);
        None
    }

    fn read<T: FieldType>(&mut self, json: Value, field: &Field) -> Option<T> {
        T::read_deep(json, field).map_err(|messages| self.errors.put(field.name, messages)).ok()
    }

    /// Notes an error that another rule found.
    pub fn error(&mut self, field: &str, message: impl Into<String>) {
        self.errors.add(field, message);
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Error::Invalid`] with all that was noted, and with every name that nobody took: a
    /// misspelt field must not be lost in silence.
    pub fn finish(mut self) -> Result<()> {
        for name in self.object.keys() {
            self.errors.add(name, "Unknown field.");
        }
        self.errors.into_result()
    }
}
