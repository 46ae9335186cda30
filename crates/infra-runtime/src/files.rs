//! Where files go: a store that speaks S3, or a folder where there is none.

use std::sync::Arc;

use domain_kernel::Result;
use domain_kernel::files::FileStore;
use infra_files::ObjectFiles;

use crate::config::Config;

/// The folder below the data directory that files go into where no store is named.
const FOLDER: &str = "files";

/// The store of files.
///
/// # Errors
/// When the file with the roots to trust cannot be read.
pub fn file_store(config: &Config) -> Result<Arc<dyn FileStore>> {
    Ok(Arc::new(match &config.files.url {
        Some(url) => ObjectFiles::in_bucket(&url.bucket()?, config.files.ca_file.as_deref())?,
        None => ObjectFiles::in_folder(config.data_dir.join(FOLDER)),
    }))
}
