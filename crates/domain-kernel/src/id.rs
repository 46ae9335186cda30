//! Typed row ids.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of a `T`: a positive integer below 2^53, so that JavaScript clients read it exactly.
///
/// The type parameter keeps an order's id from being passed where a contact's is meant.
pub struct Id<T: ?Sized> {
    raw: i64,
    of: PhantomData<fn() -> *const T>,
}

/// Marks ids of workspaces; the tenant of every row.
pub enum Tenant {}
/// Marks ids of people, who are global and join workspaces by memberships.
pub enum Person {}

/// The id of a workspace.
pub type TenantId = Id<Tenant>;
/// The id of a person.
pub type PersonId = Id<Person>;

impl TenantId {
    /// The platform's own workspace: its staff belong to it, and what concerns no other workspace
    /// is journaled there. The first migration makes it.
    pub const PLATFORM: Self = Self::new(1);
}

impl<T: ?Sized> Id<T> {
    /// Wraps a raw id, as read from a database or a request.
    pub const fn new(raw: i64) -> Self {
        Self { raw, of: PhantomData }
    }

    /// The raw number.
    pub const fn raw(self) -> i64 {
        self.raw
    }
}

impl<T: ?Sized> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized> Copy for Id<T> {}
impl<T: ?Sized> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}
impl<T: ?Sized> Eq for Id<T> {}
impl<T: ?Sized> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T: ?Sized> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.raw.cmp(&other.raw)
    }
}
impl<T: ?Sized> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}
impl<T: ?Sized> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.raw)
    }
}
impl<T: ?Sized> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
impl<'de, T: ?Sized> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::new)
    }
}
impl<T: ?Sized> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.raw)
    }
}
