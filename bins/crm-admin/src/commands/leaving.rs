//! `org export` and `org delete`: a workspace as an archive, and its end.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use domain_kernel::OpContext;
use indicatif::{ProgressBar, ProgressStyle};
use infra_runtime::Application;
use serde_json::json;

use super::org::none;
use crate::ask;
use crate::failure::{Failure, Result};
use crate::output::{Output, clean};

/// Writes a workspace's archive.
pub async fn export(
    application: &Application,
    slug: &str,
    file: Option<PathBuf>,
    output: &Output,
) -> Result<()> {
    let found = application.accounts.organization(slug).await;
    let (organization, ..) = found.map_err(Failure::missing(none(slug)))?;
    let path = file.unwrap_or_else(|| PathBuf::from(format!("{slug}.zip")));
    let failed = |error: std::io::Error| Failure::io(path.display(), &error);
    // What is in it is its owner's alone.
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let mut target = opened.map_err(failed)?;
    let ctx = OpContext::system(organization.id, "crm-admin");
    let mut archive = application.archive(&ctx).await?;
    let style = ProgressStyle::with_template("{spinner} {bytes} written");
    let bar =
        ProgressBar::new_spinner().with_style(style.unwrap_or(ProgressStyle::default_spinner()));
    let mut bytes = 0;
    while let Some(piece) = archive.next().await? {
        target.write_all(&piece).map_err(failed)?;
        bytes += piece.len() as u64;
        bar.set_position(bytes);
    }
    target.sync_all().map_err(failed)?;
    bar.finish_and_clear();
    let json = json!({ "organization": slug, "file": path, "bytes": bytes });
    output.show(&json, || format!("Wrote {} ({bytes} bytes).", path.display()))
}

/// Deletes a workspace for good.
pub async fn delete(
    application: &Application,
    slug: &str,
    yes: bool,
    output: &Output,
) -> Result<()> {
    let accounts = &application.accounts;
    let found = accounts.organization(slug).await;
    let (organization, members, _) = found.map_err(Failure::missing(none(slug)))?;
    let question = format!(
        "This removes {} with everything in it, for {} members, for good.",
        clean(&organization.name),
        members.len()
    );
    ask::consent(yes, &question)?;
    let erasure = accounts.erase_organization(organization.id).await?;
    application.forget_files(organization.id).await;
    output.show(&json!({ "erasure": erasure.json() }), || {
        let rows = erasure.removed.iter().filter(|(_, rows)| **rows > 0);
        let rows = rows.map(|(table, rows)| [table.clone(), rows.to_string()]);
        let table = output.table(["table", "rows removed"], rows.collect());
        let digest = erasure.json()["digest"].as_str().unwrap_or_default().to_owned();
        format!(
            "{table}\n\nRemoved {slug}. The proof's SHA-256, also in the platform's trail: {digest}"
        )
    })
}
