//! Every promise of the port of files, kept in a folder and in a bucket of a store that speaks S3.

use std::sync::Arc;

use domain_kernel::TenantId;
use domain_kernel::files::{FileKey, FileStore as _};
use infra_files::{BucketAddress, ObjectFiles};
use system_tests::TestBucket;
use tempfile::TempDir;
use testkit::SeededRandom;
use testkit::contract::files::Shelf;

fn shelf(files: ObjectFiles, keep: impl Send + Sync + 'static) -> Shelf {
    Shelf { files: Arc::new(files), random: SeededRandom::new(1), keep: Box::new(keep) }
}

mod folder {
    use super::*;

    async fn make() -> Shelf {
        let folder = TempDir::new().expect("a folder");
        shelf(ObjectFiles::in_folder(folder.path().join("data/files")), folder)
    }

    testkit::files_contract!(make);

    #[tokio::test]
    async fn nobody_else_may_look_into_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("files");
        let files = ObjectFiles::in_folder(path.clone());
        files.check().await.expect("it answers");
        assert!(!path.exists(), "looking makes nothing");
        let key = FileKey::picture(TenantId::new(1), &SeededRandom::new(1), "png");
        files.put(&key, Vec::new()).await.expect("it is kept");
        let mode = path.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}

mod bucket {
    use super::*;

    fn files_at(url: &str) -> ObjectFiles {
        let address = BucketAddress::parse(url).expect("an address");
        ObjectFiles::in_bucket(&address, None).expect("a bucket")
    }

    async fn make() -> Shelf {
        let bucket = TestBucket::start().await;
        shelf(files_at(&bucket.url()), bucket)
    }

    testkit::files_contract!(make);

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_signs_with_another_secret_is_told_and_the_secret_is_not() {
        let bucket = TestBucket::start().await;
        let refused = files_at(&bucket.url_with("another")).check().await.expect_err("refused");
        let told = format!("{refused:?} {refused}");
        assert!(told.contains("SignatureDoesNotMatch"), "{told}");
        assert!(!told.contains("another"), "{told}");
    }
}
