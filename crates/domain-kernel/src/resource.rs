//! What makes a struct a resource, and the macro that declares one.

use std::borrow::Cow;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde_json::Value as JsonValue;

use crate::files::FileField;
use crate::journal::Verb;
use crate::policy::Area;
use crate::query::{Condition, NamedFilter};
use crate::{
    Field, Id, Kind, Only, OpContext, Random, Record, Records, Result, TenantId, Value, Work,
};

/// What every record has beside the fields of its resource; written by the server only.
pub const RECORD_FIELDS: [Field; 6] = [
    Field::new("id", "The id.", Kind::Integer, false).read_only(),
    Field::new("organization", "The workspace.", Kind::Integer, false).read_only(),
    Field::new("version", "Raised by each write; the ETag is made from it.", Kind::Integer, false)
        .read_only(),
    Field::new("created_at", "When it was created.", Kind::Timestamp, false).read_only(),
    Field::new("updated_at", "When it was last written.", Kind::Timestamp, false).read_only(),
    Field::new("deleted_at", "When it was deleted.", Kind::Timestamp, true).read_only(),
];

/// The same for what belongs to no workspace.
pub const PLATFORM_FIELDS: [Field; 5] = {
    let [id, _, version, created_at, updated_at, deleted_at] = RECORD_FIELDS;
    [id, version, created_at, updated_at, deleted_at]
};

/// The same for rows that are not marked as deleted: they are there or not.
pub const UNMARKED_FIELDS: [Field; 5] = {
    let [id, organization, version, created_at, updated_at, _] = RECORD_FIELDS;
    [id, organization, version, created_at, updated_at]
};

/// What is shown beside the fields of something that is written once and stays.
pub const ENTRY_FIELDS: [Field; 3] = {
    let [id, organization, _, created_at, ..] = RECORD_FIELDS;
    [id, organization, created_at]
};

/// The fields that [`resource!`](crate::resource) declares, and what follows from them.
pub trait Fields: Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// A change of some of the fields.
    type Patch: Clone + Default + Send + Sync + std::fmt::Debug + 'static;

    /// The declarations, in the order in which they are shown.
    const FIELDS: &'static [Field];

    /// What is shown beside them, of [`RECORD_FIELDS`].
    const BESIDE: &'static [Field] = &RECORD_FIELDS;

    /// Reads a whole object (create and replace).
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with every message of every field.
    fn read(json: JsonValue) -> Result<Self>;

    /// Reads a partial object (change).
    ///
    /// # Errors
    /// As [`Fields::read`]; missing fields are none.
    fn read_patch(json: JsonValue) -> Result<Self::Patch>;

    /// Makes a change.
    fn apply(&mut self, patch: Self::Patch);

    /// The value of a declared field; `None` for another name.
    fn value(&self, field: &str) -> Option<Value>;

    /// How many links are hidden because the row they lead to is deleted.
    fn hidden_links(&self) -> usize;

    /// Writes the fields into a map, those that are wanted.
    ///
    /// # Errors
    /// Those of the serializer.
    fn serialize_into<M: SerializeMap>(&self, map: &mut M, only: &Only) -> Result<(), M::Error>;
}

/// Whose rows a resource has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Each workspace's own.
    Workspace,
    /// The platform's, the same for every workspace.
    Platform,
}

/// What is done with the rows of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operations {
    /// Everything.
    All,
    /// Everything but many writes in one request: each has consequences beyond its row.
    OneByOne,
    /// Listing, retrieving and changing: which rows there are is not decided here.
    Changes,
    /// Listing and retrieving: the server alone writes.
    ReadOnly,
}

/// A write that is under way.
pub struct Step<'s, T> {
    /// Who writes, and where.
    pub ctx: &'s OpContext,
    /// What is done.
    pub verb: Verb,
    /// The row before it.
    pub before: Option<&'s Record<T>>,
    /// When.
    pub now: Timestamp,
    /// What takes over what a deleted row held, where the request names it; see
    /// [`Resource::MOVES_TO`].
    pub move_to: Option<i64>,
    /// What cannot be guessed.
    pub random: &'s dyn Random,
}

impl<T> Step<'_, T> {
    /// The same of a row.
    pub(crate) fn of<'r>(&'r self, before: &'r Record<T>) -> Step<'r, T> {
        let Self { ctx, verb, now, move_to, random, .. } = *self;
        Step { ctx, verb, before: Some(before), now, move_to, random }
    }
}

/// A resource: fields with a name, a place in the policy, and a repository.
#[async_trait]
pub trait Resource: Fields {
    /// Plural, as in paths, tables and documents: `contacts`.
    const NAME: &'static str;
    /// Singular, as in event types: `contact`.
    const SINGULAR: &'static str;
    /// The module in the second path: `sales`.
    const MODULE: &'static str;
    /// One sentence for the documents.
    const DESCRIPTION: &'static str;
    /// What permissions it falls under.
    const AREA: Area;
    /// The feature that the plan must include, if any.
    const FEATURE: Option<&'static str> = None;
    /// Whose rows it has.
    const SCOPE: Scope = Scope::Workspace;
    /// What is done with them.
    const OPERATIONS: Operations = Operations::All;
    /// Whether the answer to its creation shows a secret. It is the only place where that stands:
    /// the journal does not keep it ([`Resource::kept`]), and no idempotency key brings it back.
    const HAS_SECRET: bool = false;
    /// The resource whose row a deletion may name as `move_to`, to take over what the deleted row
    /// held; what that means is said by [`Resource::prepare`]. None: it names nothing.
    const MOVES_TO: Option<&'static str> = None;
    /// The file that a record can hold, if any. It is sent as a part of a form.
    const FILE: Option<FileField> = None;
    /// Filters of lists with names of their own, beside those that the fields have by themselves.
    const FILTERS: &'static [NamedFilter] = &[];
    /// The order of a list that asks for none: names of fields, `-` before one for descending. Rows
    /// that it leaves equal, all without it, are in order of id.
    const ORDER: &'static [&'static str] = &[];
    /// The unit of work that reaches its repository.
    type Work: Work + ?Sized;

    /// Its repository within a unit of work.
    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w>;

    /// What changes when a file is put into a record, or taken out of it, where the field with its
    /// address is one that only the server writes.
    fn with_file(_: &mut Self::Patch, _: Option<String>) {}

    /// Takes the locks that writes of this resource need beyond its row, before any row is read:
    /// who takes them in one order never waits in a circle.
    ///
    /// # Errors
    /// Those of the store.
    async fn lock(_: &mut Self::Work) -> Result<()> {
        Ok(())
    }

    /// The row that the same creation has made before, where what is created names itself: it is
    /// answered again, and nothing is stored.
    ///
    /// # Errors
    /// Why it must not be stored; those of the store.
    async fn made_before(_: &mut Self::Work, _: &Self) -> Result<Option<Record<Self>>> {
        Ok(None)
    }

    /// Completes and checks what is about to be stored, in the unit of work that stores it: values
    /// that the server gives, rules that span rows.
    ///
    /// # Errors
    /// Why it must not be stored.
    async fn prepare(_: &mut Self::Work, _: &Step<'_, Self>, _: &mut Self) -> Result<()> {
        Ok(())
    }

    /// What holds of the rows that the caller sees; none is all. Other rows are as if they were not
    /// there.
    fn own(_: &OpContext) -> Option<Condition> {
        None
    }

    /// What follows from a write, in the same unit of work; what the record shows of other rows that
    /// it wrote, it puts there.
    ///
    /// # Errors
    /// Those of the store.
    async fn follow(_: &mut Self::Work, _: &Step<'_, Self>, _: &mut Record<Self>) -> Result<()> {
        Ok(())
    }

    /// The row as the journal keeps it: without a secret.
    fn kept(record: &Record<Self>) -> Cow<'_, Record<Self>> {
        Cow::Borrowed(record)
    }

    /// The workspace whose trail shows a write.
    fn trail(record: &Record<Self>) -> TenantId {
        match Self::SCOPE {
            Scope::Workspace => record.tenant,
            Scope::Platform => TenantId::PLATFORM,
        }
    }
}

/// The links that a record has, by field: what must exist before it is stored.
pub(crate) fn links<T: Fields>(
    data: &T,
) -> impl Iterator<Item = (&'static Field, &'static str, i64)> {
    T::FIELDS.iter().flat_map(move |field| {
        let (resource, ids) = match (field.kind, data.value(field.name)) {
            (Kind::Link { resource } | Kind::Key { resource }, Some(Value::Integer(id))) => {
                (resource, vec![id])
            }
            (Kind::Member, Some(Value::Integer(id))) => (crate::field::MEMBERS, vec![id]),
            (Kind::Links { resource }, Some(Value::Integers(ids))) => (resource, ids),
            _ => ("", Vec::new()),
        };
        ids.into_iter().map(move |id| (field, resource, id))
    })
}

/// All fields of a resource's record, in the order in which they are shown.
pub fn all_fields<T: Fields>() -> impl Iterator<Item = &'static Field> {
    let first = |field: &&Field| matches!(field.name, "id" | "organization");
    let before = T::BESIDE.iter().filter(first);
    before.chain(T::FIELDS).chain(T::BESIDE.iter().filter(move |field| !first(field)))
}

/// A typed id from a raw one, for code that is generic over resources.
pub fn id_of<T: Resource>(raw: i64) -> Id<T> {
    Id::new(raw)
}

/// Declares the fields of a resource.
///
/// ```
/// use domain_kernel::field::{LongText, ShortText};
///
/// domain_kernel::resource! {
///     /// A thing that we lend.
///     pub struct Tool, patch ToolPatch {
///         /// What people call it.
///         name: ShortText<255> [required, searched],
///         /// How to use it.
///         manual: LongText,
///     }
/// }
/// ```
///
/// expands to the struct, the struct of a change, and [`Fields`] for them:
///
/// ```text
/// /// A thing that we lend.
/// pub struct Tool { pub name: ShortText<255>, pub manual: LongText }
/// pub struct ToolPatch { pub name: Patch<ShortText<255>>, pub manual: Patch<LongText> }
/// impl Fields for Tool {
///     const FIELDS: &'static [Field] = &[
///         Field::new("name", "What people call it.", …).required().searched(),
///         Field::new("manual", "How to use it.", …),
///     ];
///     // read, read_patch, apply, value and serialize_into: each field in turn
/// }
/// ```
#[macro_export]
macro_rules! resource {
    (
        $(#[$meta:meta])*
        pub struct $Name:ident, patch $Patch:ident $(, beside $beside:path)? {
            $( $(#[doc = $doc:literal])+ $field:ident: $Type:ty $([$($flag:ident),+])?, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $Name { $( $(#[doc = $doc])+ pub $field: $Type, )+ }

        #[doc = concat!("A change of some fields of a [`", stringify!($Name), "`].")]
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $Patch { $( $(#[doc = $doc])+ pub $field: $crate::Patch<$Type>, )+ }

        impl $crate::Fields for $Name {
            type Patch = $Patch;

            $( const BESIDE: &'static [$crate::Field] = &$beside; )?

            const FIELDS: &'static [$crate::Field] = &[ $(
                $crate::Field::new(
                    $crate::macro_support::name(stringify!($field)),
                    concat!($($doc),+),
                    <$Type as $crate::FieldType>::KIND,
                    <$Type as $crate::FieldType>::NULLABLE,
                )$($(.$flag())+)?,
            )+ ];

            fn read(json: $crate::macro_support::Json) -> $crate::Result<Self> {
                let mut input = $crate::macro_support::input::<Self>(json)?;
                let mut fields = Self::FIELDS.iter();
                $( let $field = fields.next().and_then(|field| input.take::<$Type>(field)); )+
                input.finish()?;
                match ($($field,)+) {
                    ($(Some($field),)+) => Ok(Self { $($field,)+ }),
                    _ => Err($crate::Error::internal("a field was lost without a message")),
                }
            }

            fn read_patch(json: $crate::macro_support::Json) -> $crate::Result<$Patch> {
                let mut input = $crate::macro_support::input::<Self>(json)?;
                let mut fields = Self::FIELDS.iter();
                let patch = $Patch { $(
                    $field: fields.next().map_or($crate::Patch::Keep, |field| input.take_patch(field)),
                )+ };
                input.finish()?;
                Ok(patch)
            }

            fn apply(&mut self, patch: $Patch) {
                $( patch.$field.apply(&mut self.$field); )+
            }

            fn value(&self, field: &str) -> Option<$crate::Value> {
                $( if field == $crate::macro_support::name(stringify!($field)) {
                    return Some($crate::FieldType::value(&self.$field));
                } )+
                None
            }

            fn hidden_links(&self) -> usize {
                [$( $crate::FieldType::is_hidden(&self.$field) ),+]
                    .into_iter()
                    .filter(|hidden| *hidden)
                    .count()
            }

            fn serialize_into<M: $crate::macro_support::SerializeMap>(
                &self,
                map: &mut M,
                only: &$crate::Only,
            ) -> Result<(), M::Error> {
                $( let name = $crate::macro_support::name(stringify!($field));
                if only.shows(name) {
                    map.serialize_entry(name, &self.$field)?;
                } )+
                Ok(())
            }
        }
    };
}
