//! Files that people send: pictures of products, documents beside records.
//!
//! A file is stored first and named by a row afterwards; what no row names any more is swept later.
//! So a file never has to be part of a transaction, and nothing is lost when one fails.

mod keep;
mod key;

use async_trait::async_trait;
use jiff::Timestamp;

pub use keep::{Files, FilesAndPictures, Pending, Sent};
pub use key::{ADDRESS_PATH, FileKey, FileKind};

use crate::{Result, TenantId};

/// What a resource's records can hold beside their fields: a file, sent as a part of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileField {
    /// The part's name: `main_image`.
    pub part: &'static str,
    /// For the API document.
    pub description: &'static str,
    /// What kind of file it is.
    pub kind: FileKind,
    /// The field that says where the file is.
    pub address: &'static str,
    /// The field that says what the file is called, unless a request says it itself.
    pub name: Option<&'static str>,
    /// Whether a record can be without: `null` takes the file out.
    pub nullable: bool,
}

/// A file as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its key.
    pub key: FileKey,
    /// When it was stored.
    pub at: Timestamp,
}

/// The content of a file, piece by piece.
#[async_trait]
pub trait Content: Send {
    /// How many bytes it has.
    fn size(&self) -> u64;

    /// The next piece; none at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>>;
}

/// Keeps files by key.
///
/// An adapter promises: what was put is there whole or not at all, for every server; files of one
/// workspace are listed and deleted without touching another's; deleting what is not there is no
/// error.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Keeps a file under a key that is new.
    async fn put(&self, key: &FileKey, bytes: Vec<u8>) -> Result<()>;

    /// A file; none when it is not there.
    async fn get(&self, key: &FileKey) -> Result<Option<Box<dyn Content>>>;

    /// Deletes files.
    async fn delete(&self, keys: &[FileKey]) -> Result<()>;

    /// Every file of a workspace, in no particular order.
    async fn list(&self, tenant: TenantId) -> Result<Vec<Kept>>;

    /// The workspaces that have files, in no particular order.
    async fn tenants(&self) -> Result<Vec<TenantId>>;

    /// Whether files could be kept now; says where.
    async fn check(&self) -> Result<String>;
}

/// A picture as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// How its name ends; one of [`FileKind::PICTURES`].
    pub extension: &'static str,
}

/// Draws pictures anew.
///
/// An adapter promises: whatever is sent, what it gives is a picture of a sensible size, made from
/// the pixels alone: nothing else that was in the file comes through. It needs bounded memory.
#[async_trait]
pub trait Pictures: Send + Sync {
    /// The picture in a file.
    ///
    /// # Errors
    /// The message for whoever sent it, when there is none that can be read.
    async fn redraw(&self, bytes: Vec<u8>) -> Result<Picture, String>;
}
