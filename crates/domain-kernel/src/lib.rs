//! The kernel: the nouns that every domain crate shares.
//!
//! It may depend on the language, serde and small value crates, never on a database, a web
//! framework, the environment or the real clock. A new noun belongs here when two domain crates
//! need it; a rule of one domain belongs to that domain.
//!
//! Where to find what:
//! - values: [`Id`], [`Amount`], [`Currency`], the field types in [`field`];
//! - a resource and its stored form: [`resource!`](crate::resource), [`Resource`], [`Record`];
//! - asking: [`query`]; changing: [`Patch`], [`crud`];
//! - who asks: [`OpContext`], [`policy`];
//! - what a change leaves behind: [`journal`]; what it leaves for later: [`NewJob`];
//! - how often one may: [`limit`]; what is said to people by mail: [`mail`]; what they send beside
//!   fields: [`files`];
//! - what an adapter must provide: [`Clock`], [`Random`], [`Store`], [`Work`], [`Records`],
//!   [`Limiter`](limit::Limiter), [`Mailer`](mail::Mailer), [`FileStore`](files::FileStore).

mod amount;
mod context;
pub mod crud;
mod currency;
mod cursor;
mod decimal;
mod error;
pub mod field;
pub mod files;
mod fold;
mod id;
mod idempotency;
mod input;
mod job;
pub mod journal;
pub mod limit;
pub mod mail;
pub mod policy;
mod ports;
pub mod query;
mod record;
mod record_kind;
mod resource;
mod rounding;

pub use amount::Amount;
pub use context::{Actor, OpContext};
pub use currency::{Currency, UnknownCurrency};
pub use cursor::Cursor;
pub use cursor::{LONG_TEXT_ORDER_CHARACTERS, sort_key};
pub use error::{Error, FieldErrors, Messages, Result};
pub use field::{Field, FieldType, Kind, Value};
pub use fold::fold;
pub use id::{Id, PersonId, TenantId};
pub use idempotency::{IdempotencyKey, Remembered, replayed};
pub use input::{Input, Patch};
pub use job::{DEFAULT_ATTEMPTS, JobClaim, JobId, JobKind, NewJob, Priority};
pub use ports::{Clock, Random, Records, Store, Which, Work, uuid_v7};
pub use record::{Only, Record, Shown};
pub use record_kind::{RecordKind, kind_name};
pub use resource::{
    ENTRY_FIELDS, Fields, Operations, PLATFORM_FIELDS, RECORD_FIELDS, Resource, Scope, Step,
    UNMARKED_FIELDS, all_fields, id_of,
};

#[doc(hidden)]
pub mod macro_support {
    //! What the expansion of [`resource!`](crate::resource) names.
    pub use serde::ser::SerializeMap;
    pub use serde_json::Value as Json;

    use crate::{Fields, Input, RECORD_FIELDS, Result};

    /// The name of a field as the API has it, from the identifier: `r#type` is `type`.
    pub const fn name(identifier: &'static str) -> &'static str {
        match identifier.as_bytes() {
            [b'r', b'#', ..] => identifier.split_at(2).1,
            _ => identifier,
        }
    }

    /// Begins the reading of a resource's object.
    ///
    /// # Errors
    /// When it is not an object.
    pub fn input<T: Fields>(json: Json) -> Result<Input> {
        let mut input = Input::new(json)?;
        let server_written = RECORD_FIELDS.iter().chain(T::FIELDS).filter(|field| field.read_only);
        // Clients of old name the workspace, which is always the caller's.
        let server_written = server_written.map(|field| field.name).chain(["organization_id"]);
        input.ignore(server_written);
        Ok(input)
    }
}
