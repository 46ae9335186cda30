//! The files that pages load, embedded in the program and served under [`PREFIX`].

use std::sync::LazyLock;

/// Where the server answers with assets: what follows it in a path goes to [`find`].
pub const PREFIX: &str = "/api/assets/";

/// The `Cache-Control` of every asset: kept by the browser, and asked about again each time, so
/// that a new version is seen at once; the `ETag` makes that question cheap.
pub const CACHE_CONTROL: &str = "public, no-cache";

/// One embedded file.
#[derive(Debug, Clone)]
pub struct Asset {
    path: &'static str,
    bytes: &'static [u8],
    content_type: &'static str,
    gzipped: bool,
    etag: String,
}

impl Asset {
    /// Its path below [`PREFIX`].
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The body to send; see [`Asset::is_gzipped`].
    #[must_use]
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// The `Content-Type` to send.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// Whether the bytes are compressed, and must be sent with `Content-Encoding: gzip`.
    #[must_use]
    pub fn is_gzipped(&self) -> bool {
        self.gzipped
    }

    /// The `ETag` to send, quotes included: a hash of the bytes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }
}

/// The asset at a path below [`PREFIX`], as it stands there: no `..`, no other spelling.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    all().iter().find(|asset| asset.path == path)
}

/// Every asset.
#[must_use]
pub fn all() -> &'static [Asset] {
    ASSETS.as_slice()
}

macro_rules! embed {
    ($path:literal) => {
        asset($path, include_bytes!(concat!("../assets/", $path)), false)
    };
    (gzipped $path:literal) => {
        asset($path, include_bytes!(concat!("../assets/vendor/", $path, ".gz")), true)
    };
}

static ASSETS: LazyLock<[Asset; 11]> = LazyLock::new(|| {
    [
        embed!("account.css"),
        embed!("account.js"),
        embed!("favicon.svg"),
        embed!("form.css"),
        embed!("page.css"),
        embed!("redoc-init.js"),
        embed!("site.css"),
        embed!("swagger-init.js"),
        embed!(gzipped "redoc/redoc.standalone.js"),
        embed!(gzipped "swagger-ui/swagger-ui-bundle.js"),
        embed!(gzipped "swagger-ui/swagger-ui.css"),
    ]
});

fn asset(path: &'static str, bytes: &'static [u8], gzipped: bool) -> Asset {
    let content_type = match path.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    };
    Asset { path, bytes, content_type, gzipped, etag: format!("\"{:016x}\"", fnv1a(bytes)) }
}

/// FNV-1a: enough to tell versions of our own files apart, and the same on every server.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
