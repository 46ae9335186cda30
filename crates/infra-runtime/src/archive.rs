//! A whole workspace as one archive: a zip with a file of JSON lines for each resource, deleted rows
//! included, the files that people sent, and a manifest.
//!
//! It is made while it is taken, a piece at a time: neither the memory nor the disk ever holds it.
//! Left out is what is no data of the workspace's: secrets, keys of repeated requests, and the outbox,
//! whose events repeat what the trail says.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain_kernel::crud::{Crud, Export};
use domain_kernel::files::{Content, Files, Kept};
use domain_kernel::journal::{Change, Entry, Verb};
use domain_kernel::query::{ListQuery, marks_deletion};
use domain_kernel::{Error, OpContext, Resource, Result};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use crate::Application;

/// A workspace's archive, to be taken piece by piece.
pub struct Archive {
    zip: ZipWriter<StreamWriter<Pipe>>,
    pipe: Pipe,
    resources: std::vec::IntoIter<(&'static str, Box<dyn Rows>)>,
    sent: std::vec::IntoIter<Kept>,
    files: Files,
    current: Option<File>,
    manifest: Value,
    is_done: bool,
}

/// The file that is being written.
struct File {
    name: String,
    rows: Box<dyn Rows>,
    digest: Sha256,
    count: usize,
    /// What is counted.
    unit: &'static str,
}

impl Application {
    /// Begins the archive of a workspace, and leaves in its trail that somebody took it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such workspace.
    pub async fn archive(&self, ctx: &OpContext) -> Result<Archive> {
        let organization = self.note_archive(ctx).await?;
        let pipe = Pipe::default();
        let inside = OpContext::system(ctx.tenant, ctx.request_id.clone());
        Ok(Archive {
            zip: ZipWriter::new_stream(pipe.clone()),
            pipe,
            resources: self.resources(&inside)?.into_iter(),
            sent: self.files.store().list(ctx.tenant).await?.into_iter(),
            files: self.files.clone(),
            current: None,
            manifest: json!({
                "format": 1,
                "organization": organization,
                "made_at": self.clock.now(),
                "files": BTreeMap::<String, Value>::new(),
            }),
            is_done: false,
        })
    }

    /// The files, those first that others link to.
    fn resources(&self, ctx: &OpContext) -> Result<Vec<(&'static str, Box<dyn Rows>)>> {
        Ok(vec![
            whole(&self.accounts.users, ctx)?,
            whole(&self.accounts.user_roles, ctx)?,
            whole(&self.accounts.invites, ctx)?,
            whole(&self.accounts.subscriptions, ctx)?,
            whole(&self.accounts.plan_overrides, ctx)?,
            whole(&self.sales.companies, ctx)?,
            whole(&self.sales.contacts, ctx)?,
            whole(&self.sales.leads, ctx)?,
            whole(&self.sales.pipelines, ctx)?,
            whole(&self.sales.deal_stages, ctx)?,
            whole(&self.sales.opportunities, ctx)?,
            whole(&self.sales.stage_changes, ctx)?,
            whole(&self.catalog.categories, ctx)?,
            whole(&self.catalog.suppliers, ctx)?,
            whole(&self.catalog.products, ctx)?,
            whole(&self.catalog.product_variants, ctx)?,
            whole(&self.catalog.price_history, ctx)?,
            whole(&self.catalog.inventory_lots, ctx)?,
            whole(&self.catalog.stock_movements, ctx)?,
            whole(&self.trade.orders, ctx)?,
            whole(&self.trade.order_lines, ctx)?,
            whole(&self.trade.invoices, ctx)?,
            whole(&self.trade.credit_notes, ctx)?,
            whole(&self.trade.payments, ctx)?,
            whole(&self.trade.refunds, ctx)?,
            whole(&self.trade.shipments, ctx)?,
            whole(&self.trade.exchange_rates, ctx)?,
            whole(&self.sales.activities, ctx)?,
            whole(&self.sales.notes, ctx)?,
            whole(&self.sales.attachments, ctx)?,
            whole(&self.jobs.records, ctx)?,
            whole(&self.accounts.audit_logs, ctx)?,
        ])
    }

    /// Leaves an entry in the trail; the workspace as the manifest shows it.
    async fn note_archive(&self, ctx: &OpContext) -> Result<Value> {
        let mut work = self.database.accounts().begin_write(ctx).await?;
        let found = work.organization(ctx.tenant).await?.ok_or(Error::NotFound)?;
        let change = Change {
            entity: "organizations",
            singular: "organization",
            id: ctx.tenant.raw(),
            version: 1,
            verb: Verb::Updated,
            changed: Change::difference(&json!({}), &json!({ "export": "taken" })),
            data: found.reference(),
        };
        work.journal(Entry::new(ctx, self.clock.now(), &*self.random, change));
        work.commit().await?;
        Ok(found.reference())
    }
}

/// All rows of a resource, deleted ones after the others.
fn whole<T: Resource>(crud: &Crud<T>, ctx: &OpContext) -> Result<(&'static str, Box<dyn Rows>)> {
    let mut exports = vec![crud.export(ctx, ListQuery::all::<T>())?];
    if marks_deletion::<T>() {
        exports.push(crud.export(ctx, ListQuery { deleted: true, ..ListQuery::all::<T>() })?);
    }
    exports.reverse();
    Ok((T::NAME, Box::new(exports)))
}

/// What comes in pieces.
#[async_trait]
trait Rows: Send {
    /// The next piece, and how many rows or bytes it has; none at the end.
    async fn next(&mut self) -> Result<Option<(Vec<u8>, usize)>>;
}

#[async_trait]
impl<T: Resource> Rows for Vec<Export<T>> {
    async fn next(&mut self) -> Result<Option<(Vec<u8>, usize)>> {
        while let Some(export) = self.last_mut() {
            let Some(records) = export.next().await? else {
                self.pop();
                continue;
            };
            let mut lines = Vec::new();
            for record in &records {
                serde_json::to_writer(&mut lines, record).map_err(Error::internal)?;
                lines.push(b'\n');
            }
            return Ok(Some((lines, records.len())));
        }
        Ok(None)
    }
}

impl Archive {
    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        while !self.is_done {
            self.step().await?;
            let bytes = self.pipe.take();
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        let rest = self.pipe.take();
        Ok((!rest.is_empty()).then_some(rest))
    }

    async fn step(&mut self) -> Result<()> {
        let Some(mut file) = self.current.take() else {
            return self.open_next().await;
        };
        match file.rows.next().await? {
            Some((lines, rows)) => {
                self.zip.write_all(&lines).map_err(Error::internal)?;
                file.digest.update(&lines);
                file.count += rows;
                self.current = Some(file);
            }
            None => {
                let digest = file.digest.finalize();
                let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                self.manifest["files"][file.name] =
                    json!({ file.unit: file.count, "sha256": digest });
            }
        }
        Ok(())
    }

    fn begin(
        &mut self,
        name: String,
        rows: Box<dyn Rows>,
        unit: &'static str,
        options: SimpleFileOptions,
    ) -> Result<()> {
        self.zip.start_file(name.as_str(), options).map_err(Error::internal)?;
        self.current = Some(File { name, rows, digest: Sha256::new(), count: 0, unit });
        Ok(())
    }

    async fn open_next(&mut self) -> Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(true);
        if let Some((resource, rows)) = self.resources.next() {
            return self.begin(format!("{resource}.ndjson"), rows, "rows", options);
        }
        for Kept { key, .. } in self.sent.by_ref() {
            // One that was deleted since is left out.
            let Some(content) = self.files.store().get(&key).await? else { continue };
            // Most are pictures and documents that are compressed already.
            let options = options.compression_method(CompressionMethod::Stored);
            return self.begin(format!("files/{key}"), Box::new(Sent(content)), "bytes", options);
        }
        // Last, because it says what the others hold.
        self.zip.start_file("manifest.json", options).map_err(Error::internal)?;
        let manifest = format!("{:#}\n", self.manifest);
        self.zip.write_all(manifest.as_bytes()).map_err(Error::internal)?;
        let pipe = Pipe::default();
        let zip = std::mem::replace(&mut self.zip, ZipWriter::new_stream(pipe));
        zip.finish().map_err(Error::internal)?;
        self.is_done = true;
        Ok(())
    }
}

/// The content of a file that somebody sent.
struct Sent(Box<dyn Content>);

#[async_trait]
impl Rows for Sent {
    async fn next(&mut self) -> Result<Option<(Vec<u8>, usize)>> {
        let piece = self.0.next().await?;
        Ok(piece.map(|bytes| {
            let count = bytes.len();
            (bytes, count)
        }))
    }
}

/// What was written and not yet taken.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
