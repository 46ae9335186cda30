//! Keeping what was sent.

use std::sync::Arc;

use super::{ADDRESS_PATH, Content, FileField, FileKey, FileKind, FileStore, Pictures};
use crate::{Error, OpContext, Random, Result};

/// A file as a request brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What the sender calls it.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A file that is ready to be kept, with the address that it will have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its key.
    pub key: FileKey,
    /// Its address.
    pub address: String,
    /// What its sender calls it.
    pub name: String,
    bytes: Vec<u8>,
}

/// Where files go, and who draws pictures.
#[derive(Clone)]
pub struct FilesAndPictures {
    /// Keeps files.
    pub store: Arc<dyn FileStore>,
    /// Draws pictures.
    pub pictures: Arc<dyn Pictures>,
}

/// What is done with files.
#[derive(Clone)]
pub struct Files {
    ports: FilesAndPictures,
    random: Arc<dyn Random>,
    /// Where people reach the server, without a slash at the end.
    public_url: String,
}

impl Files {
    /// The use cases over their ports. `public_url` is where people reach the server.
    pub fn new(ports: FilesAndPictures, random: Arc<dyn Random>, public_url: &str) -> Self {
        Self { ports, random, public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// Where the files are.
    pub fn store(&self) -> &Arc<dyn FileStore> {
        &self.ports.store
    }

    /// Makes a file ready that was sent for a field: a picture is drawn anew.
    ///
    /// # Errors
    /// [`Error::Invalid`] under the field's part.
    pub async fn prepare(&self, ctx: &OpContext, field: &FileField, sent: Sent) -> Result<Pending> {
        let invalid = |message: String| Error::field(field.part, message);
        if sent.bytes.is_empty() {
            return Err(invalid("The submitted file is empty.".to_owned()));
        }
        let random = &*self.random;
        let (key, bytes) = match field.kind {
            FileKind::Picture => {
                let drawn = self.ports.pictures.redraw(sent.bytes).await.map_err(invalid)?;
                (FileKey::picture(ctx.tenant, random, drawn.extension), drawn.bytes)
            }
            FileKind::Document => (FileKey::document(ctx.tenant, random, &sent.name), sent.bytes),
        };
        let address = format!("{}{ADDRESS_PATH}{key}", self.public_url);
        Ok(Pending { key, address, name: sent.name, bytes })
    }

    /// Keeps a file that is ready.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep(&self, pending: Pending) -> Result<FileKey> {
        self.ports.store.put(&pending.key, pending.bytes).await?;
        Ok(pending.key)
    }

    /// Deletes a file that no row came to name. Should that fail, the sweep finds it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn discard(&self, key: FileKey) -> Result<()> {
        self.ports.store.delete(&[key]).await
    }

    /// A file.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn open(&self, key: &FileKey) -> Result<Box<dyn Content>> {
        self.ports.store.get(key).await?.ok_or(Error::NotFound)
    }
}
