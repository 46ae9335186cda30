//! Files that belong to records of any kind: sent to us, or kept elsewhere and named by their address.

use async_trait::async_trait;
use domain_kernel::crud::permit;
use domain_kernel::field::{Member, Moment, ShortText, TargetId, TargetKind, WebAddress, Word};
use domain_kernel::files::{FileField, FileKey, FileKind};
use domain_kernel::journal::Verb;
use domain_kernel::policy::{Action, Area};
use domain_kernel::{Error, OpContext, Records, Resource, Result, Step, Which};

use crate::{Sales, SalesWork, member, target};

domain_kernel::resource! {
    /// A file that belongs to a record, by the address that it is kept at. One that is sent to us has
    /// an address of ours.
    pub struct Attachment, patch AttachmentPatch {
        /// The member who added it; who makes it unless given.
        uploaded_by: Member,
        /// Their name.
        uploaded_by_name: Word<301> [read_only],
        /// What the file is called.
        file_name: ShortText<255> [required, searched],
        /// Where it is.
        file_url: WebAddress [required],
        /// What kind of record it belongs to, as `contact` or `invoice`; in any spelling.
        related_object_type: TargetKind [required],
        /// The record that it belongs to.
        related_object_id: TargetId [required],
        /// When it was added.
        uploaded_at: Moment [read_only],
    }
}

#[async_trait]
impl Resource for Attachment {
    const NAME: &'static str = "attachments";
    const SINGULAR: &'static str = "attachment";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str =
        "Files of records of any kind. They stay while their record is deleted.";
    const AREA: Area = Area::Sales;
    const FILE: Option<FileField> = Some(FileField {
        part: "file",
        description: "The file, in place of `file_url`. Members who may see attachments get it at the \
            `file_url` that it is given.",
        kind: FileKind::Document,
        address: "file_url",
        name: Some("file_name"),
        nullable: false,
    });
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.attachments()
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if step.verb == Verb::Deleted {
            return Ok(());
        }
        let before = step.before.map(|before| &before.data);
        let former = before.map(|before| before.uploaded_by);
        data.uploaded_by = member::or_caller(data.uploaded_by, former, step.ctx.actor);
        if former != Some(data.uploaded_by) {
            data.uploaded_by_name = member::name_of(work, data.uploaded_by).await?;
        }
        data.uploaded_at = before.map_or(Moment(Some(step.now)), |before| before.uploaded_at);
        target::check(work, step.ctx, data.target(), before.map(Self::target)).await
    }
}

impl Attachment {
    /// What it belongs to.
    fn target(&self) -> (&TargetKind, TargetId) {
        (&self.related_object_type, self.related_object_id)
    }
}

impl Sales {
    /// Whether the caller may have a file that was sent to us: it belongs to their workspace, and an
    /// attachment that is not deleted names it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn may_have(&self, ctx: &OpContext, key: &FileKey) -> Result<()> {
        permit::<Attachment>(ctx, Action::Read)?;
        if key.tenant() != ctx.tenant {
            return Err(Error::NotFound);
        }
        let mut work = self.store.begin_read(ctx).await?;
        let named = work.attached(std::slice::from_ref(key), Which::Live).await?;
        work.commit().await?;
        if named.is_empty() { Err(Error::NotFound) } else { Ok(()) }
    }
}
