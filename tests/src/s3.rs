//! A store that speaks S3, on the loopback interface.

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;

const BUCKET: &str = "crm-files";
const KEY: &str = "AKIAEXAMPLE";
const SECRET: &str = "abc/def+ghi";

/// A server with one bucket, which checks signatures; it ends with the test's runtime.
pub struct TestBucket {
    folder: TempDir,
    port: u16,
}

impl TestBucket {
    /// Starts one.
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
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
                let stream = TokioIo::new(stream);
                tokio::spawn(async move {
                    // Clients hang up as they like.
                    let _ = http1::Builder::new().serve_connection(stream, service).await;
                });
            }
        });
        Self { folder, port }
    }

    /// Its address as a setting has it.
    pub fn url(&self) -> String {
        self.url_with(SECRET)
    }

    /// The same with another secret.
    pub fn url_with(&self, secret: &str) -> String {
        let secret = secret.replace('/', "%2F");
        format!("s3://{KEY}:{secret}@127.0.0.1:{}/{BUCKET}", self.port)
    }

    /// How many files are in it.
    pub fn count(&self) -> usize {
        let mut folders = vec![self.folder.path().join(BUCKET)];
        let mut count = 0;
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => count += 1,
                }
            }
        }
        count
    }
}
