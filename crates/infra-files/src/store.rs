//! Files as objects, in a folder or in a bucket.

use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use domain_kernel::files::{Content, FileKey, FileStore, Kept};
use domain_kernel::{Error, Result, TenantId};
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt as _};

use crate::BucketAddress;

/// Keeps files in a folder or in a bucket.
pub struct ObjectFiles {
    place: Place,
    objects: OnceLock<Arc<dyn ObjectStore>>,
}

/// Where files are, for people.
enum Place {
    Folder(PathBuf),
    Bucket(String),
}

impl ObjectFiles {
    /// Files in a folder. It is made with the first file, and nobody else may read it.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { place: Place::Folder(folder), objects: OnceLock::new() }
    }

    /// Files in a bucket. `ca_file` holds further roots to trust.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn in_bucket(address: &BucketAddress, ca_file: Option<&FilePath>) -> Result<Self> {
        let objects: Arc<dyn ObjectStore> = Arc::new(address.open(ca_file)?);
        Ok(Self { place: Place::Bucket(address.shown()), objects: objects.into() })
    }

    /// The store; none as long as no file was put.
    fn objects(&self) -> Result<Option<&Arc<dyn ObjectStore>>> {
        match &self.place {
            Place::Folder(folder) if self.objects.get().is_none() => {
                if folder.is_dir() {
                    self.open(folder).map(Some)
                } else {
                    Ok(None)
                }
            }
            _ => Ok(self.objects.get()),
        }
    }

    fn open(&self, folder: &FilePath) -> Result<&Arc<dyn ObjectStore>> {
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(Error::internal)?;
        // What was answered for is on the disk, and no empty folders stay behind.
        let objects = objects.with_fsync(true).with_automatic_cleanup(true);
        Ok(self.objects.get_or_init(|| Arc::new(objects)))
    }
}

fn make_private(folder: &FilePath) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn path(key: &FileKey) -> Path {
    Path::from(key.as_str())
}

/// The folder of a workspace.
fn folder(tenant: TenantId) -> Path {
    Path::from(tenant.to_string())
}

#[async_trait]
impl FileStore for ObjectFiles {
    async fn put(&self, key: &FileKey, bytes: Vec<u8>) -> Result<()> {
        let objects = match (self.objects()?, &self.place) {
            (None, Place::Folder(folder)) => {
                make_private(folder).map_err(Error::internal)?;
                self.open(folder)?
            }
            (objects, _) => objects.ok_or_else(|| Error::internal("there is no store"))?,
        };
        objects.put(&path(key), bytes.into()).await.map_err(Error::internal)?;
        Ok(())
    }

    async fn get(&self, key: &FileKey) -> Result<Option<Box<dyn Content>>> {
        let Some(objects) = self.objects()? else { return Ok(None) };
        match objects.get(&path(key)).await {
            Ok(found) => {
                let size = found.meta.size;
                Ok(Some(Box::new(Object { size, pieces: found.into_stream() })))
            }
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    }

    async fn delete(&self, keys: &[FileKey]) -> Result<()> {
        let Some(objects) = self.objects()? else { return Ok(()) };
        let paths: Vec<_> = keys.iter().map(path).map(Ok).collect();
        let mut deleted = objects.delete_stream(stream::iter(paths).boxed());
        while let Some(outcome) = deleted.next().await {
            match outcome {
                Ok(_) | Err(StoreError::NotFound { .. }) => {}
                Err(error) => return Err(Error::internal(error)),
            }
        }
        Ok(())
    }

    async fn list(&self, tenant: TenantId) -> Result<Vec<Kept>> {
        let Some(objects) = self.objects()? else { return Ok(Vec::new()) };
        let folder = folder(tenant);
        let found = objects.list(Some(&folder)).map_err(Error::internal);
        // What we did not put there is not ours to judge.
        let ours = found.try_filter_map(async |object| {
            let at = Timestamp::from_millisecond(object.last_modified.timestamp_millis());
            let key = FileKey::parse(object.location.as_ref());
            Ok(key.zip(at.ok()).map(|(key, at)| Kept { key, at }))
        });
        ours.try_collect().await
    }

    async fn tenants(&self) -> Result<Vec<TenantId>> {
        let Some(objects) = self.objects()? else { return Ok(Vec::new()) };
        let found = objects.list_with_delimiter(None).await.map_err(Error::internal)?;
        let numbers =
            found.common_prefixes.iter().filter_map(|prefix| prefix.as_ref().parse().ok());
        Ok(numbers.map(TenantId::new).collect())
    }

    async fn check(&self) -> Result<String> {
        if let Some(objects) = self.objects()? {
            objects.list_with_delimiter(None).await.map_err(Error::internal)?;
        }
        Ok(match &self.place {
            Place::Folder(folder) => format!("files are kept in the folder {}", folder.display()),
            Place::Bucket(address) => format!("files are kept in the bucket {address}"),
        })
    }
}

/// A file that is being read.
struct Object {
    size: u64,
    pieces: BoxStream<'static, object_store::Result<bytes::Bytes>>,
}

#[async_trait]
impl Content for Object {
    fn size(&self) -> u64 {
        self.size
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let piece = self.pieces.try_next().await.map_err(Error::internal)?;
        Ok(piece.map(Vec::from))
    }
}
