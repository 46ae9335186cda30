//! Every promise of the port, kept in a folder and in a bucket of a store that speaks S3.

#![expect(clippy::expect_used, reason = "tests")]

use std::sync::Arc;

use domain_kernel::TenantId;
use domain_kernel::files::{FileKey, FileStore as _};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use infra_files::{BucketAddress, ObjectFiles};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use testkit::SeededRandom;
use testkit::contract::files::Shelf;
use tokio::net::TcpListener;

const BUCKET: &str = "crm-files";
const KEY: &str = "AKIAEXAMPLE";
const SECRET: &str = "abc/def+ghi";

fn shelf(files: ObjectFiles, folder: TempDir) -> Shelf {
    Shelf { files: Arc::new(files), random: SeededRandom::new(1), keep: Box::new(folder) }
}

/// A server that checks signatures, with one bucket in a folder; its port.
async fn s3_server(folder: &TempDir) -> u16 {
    std::fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
    let files = FileSystem::new(folder.path()).expect("a folder");
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
    let service = builder.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                // Clients hang up as they like.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    port
}

async fn bucket_with(secret: &str) -> Shelf {
    let folder = TempDir::new().expect("a folder");
    let port = s3_server(&folder).await;
    let secret = secret.replace('/', "%2F");
    let address = BucketAddress::parse(&format!("s3://{KEY}:{secret}@127.0.0.1:{port}/{BUCKET}"));
    let files = ObjectFiles::in_bucket(&address.expect("an address"), None).expect("a bucket");
    shelf(files, folder)
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

    async fn make() -> Shelf {
        bucket_with(SECRET).await
    }

    testkit::files_contract!(make);

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_signs_with_another_secret_is_told_and_the_secret_is_not() {
        let refused = bucket_with("another").await.files.check().await.expect_err("refused");
        let told = format!("{refused:?} {refused}");
        assert!(told.contains("SignatureDoesNotMatch"), "{told}");
        assert!(!told.contains("another"), "{told}");
    }
}
