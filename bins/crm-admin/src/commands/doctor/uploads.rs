//! Check of the store of files that people send.

use infra_runtime::config::Config;
use infra_runtime::file_store;

use super::check::Check;
use crate::failure::Failure;

const NAME: &str = "uploads";

/// Whether files could be kept.
pub async fn check(config: &Config) -> Check {
    let store = match file_store(config) {
        Ok(store) => store,
        Err(error) => {
            let message = format!("files cannot be kept: {}", Failure::from(error));
            return Check::problem(NAME, message, "Check the file of files_ca_file.");
        }
    };
    match store.check().await {
        Ok(place) => Check::ok(NAME, place),
        Err(error) => Check::problem(
            NAME,
            format!("files cannot be kept: {}", Failure::from(error)),
            "Check host, bucket, region, key and secret in files_url.",
        ),
    }
}
