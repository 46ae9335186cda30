//! Keeping files.

use std::any::Any;
use std::sync::Arc;

use domain_kernel::TenantId;
use domain_kernel::files::{FileKey, FileKind, FileStore};

use crate::SeededRandom;

/// A store of files.
pub struct Shelf {
    /// The store.
    pub files: Arc<dyn FileStore>,
    /// What keys are made from.
    pub random: SeededRandom,
    /// What must live as long.
    pub keep: Box<dyn Any + Send + Sync>,
}

const ONE: TenantId = TenantId::new(1);
const OTHER: TenantId = TenantId::new(11);

impl Shelf {
    fn key(&self, tenant: TenantId, kind: FileKind) -> FileKey {
        match kind {
            FileKind::Picture => FileKey::picture(tenant, &self.random, "png"),
            FileKind::Document => FileKey::document(tenant, &self.random, "Offer (2).pdf"),
        }
    }

    async fn put(&self, tenant: TenantId, kind: FileKind, bytes: &[u8]) -> FileKey {
        let key = self.key(tenant, kind);
        self.files.put(&key, bytes.to_vec()).await.expect("it is kept");
        key
    }

    async fn content(&self, key: &FileKey) -> Option<Vec<u8>> {
        let mut content = self.files.get(key).await.expect("an answer")?;
        let mut bytes = Vec::new();
        while let Some(piece) = content.next().await.expect("a piece") {
            bytes.extend(piece);
        }
        assert_eq!(content.size(), bytes.len() as u64);
        Some(bytes)
    }

    async fn keys(&self, tenant: TenantId) -> Vec<FileKey> {
        let kept = self.files.list(tenant).await.expect("a list");
        let mut keys: Vec<_> = kept.into_iter().map(|file| file.key).collect();
        keys.sort();
        keys
    }
}

/// What was put is there as it was, whatever is in it and however large it is.
pub async fn what_was_put_is_there_as_it_was(shelf: &Shelf) {
    let large: Vec<u8> = (0..3_000_000_u32).map(|place| (place % 251) as u8).collect();
    for bytes in [&b""[..], b"\0\xFF\r\n", &large] {
        for kind in [FileKind::Picture, FileKind::Document] {
            let key = shelf.put(ONE, kind, bytes).await;
            assert!(shelf.content(&key).await.as_deref() == Some(bytes), "{key}");
        }
    }
}

/// What was never put, or is deleted, is not there; deleting it again is no error.
pub async fn what_is_deleted_is_not_there(shelf: &Shelf) {
    let never = shelf.key(ONE, FileKind::Document);
    let gone = shelf.put(ONE, FileKind::Document, b"gone").await;
    let stays = shelf.put(ONE, FileKind::Picture, b"stays").await;
    assert!(shelf.content(&never).await.is_none());
    for _ in 0..2 {
        shelf.files.delete(&[gone.clone(), never.clone()]).await.expect("it is gone");
        assert!(shelf.content(&gone).await.is_none());
    }
    shelf.files.delete(&[]).await.expect("nothing to do");
    assert_eq!(shelf.content(&stays).await.as_deref(), Some(&b"stays"[..]));
}

/// Each workspace's files are listed and deleted without another's.
pub async fn workspaces_are_kept_apart(shelf: &Shelf) {
    let mut own = vec![
        shelf.put(ONE, FileKind::Document, b"a").await,
        shelf.put(ONE, FileKind::Picture, b"b").await,
    ];
    own.sort();
    // Its number begins with the other's.
    let others = shelf.put(OTHER, FileKind::Document, b"c").await;
    assert_eq!(shelf.keys(ONE).await, own);
    assert_eq!(shelf.keys(OTHER).await, std::slice::from_ref(&others));
    assert_eq!(shelf.keys(TenantId::new(111)).await, []);
    let mut tenants = shelf.files.tenants().await.expect("a list");
    tenants.sort();
    assert_eq!(tenants, [ONE, OTHER]);
    shelf.files.delete(&own).await.expect("they are gone");
    assert_eq!(shelf.keys(ONE).await, []);
    assert_eq!(shelf.content(&others).await.as_deref(), Some(&b"c"[..]));
}

/// More files than a store tells or deletes at a time are all listed and all deleted.
pub async fn many_files_are_all_listed_and_deleted(shelf: &Shelf) {
    for number in 0..1_010_u32 {
        shelf.put(ONE, FileKind::Document, &number.to_le_bytes()).await;
    }
    let keys = shelf.keys(ONE).await;
    assert_eq!(keys.len(), 1_010);
    shelf.files.delete(&keys).await.expect("they are gone");
    assert_eq!(shelf.keys(ONE).await, []);
}

/// It says where files are.
pub async fn it_says_where_files_are(shelf: &Shelf) {
    assert!(shelf.files.check().await.expect("it answers").starts_with("files are kept in"));
}
