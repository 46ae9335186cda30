//! Notes on records of any kind.

use async_trait::async_trait;
use domain_kernel::field::{LongText, Member, TargetId, TargetKind, Word};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{Records, Resource, Result, Step};

use crate::{SalesWork, member, target};

domain_kernel::resource! {
    /// A note on a record.
    pub struct Note, patch NotePatch {
        /// The member who wrote it; who makes it unless given.
        author: Member,
        /// Their name.
        author_name: Word<301> [read_only],
        /// What it says.
        content: LongText [required],
        /// What kind of record it is on, as `contact` or `opportunity`; in any spelling.
        related_object_type: TargetKind [required],
        /// The record that it is on.
        related_object_id: TargetId [required],
    }
}

#[async_trait]
impl Resource for Note {
    const NAME: &'static str = "notes";
    const SINGULAR: &'static str = "note";
    const MODULE: &'static str = "sales";
    const DESCRIPTION: &'static str =
        "Notes on records of any kind. They stay while their record is deleted.";
    const AREA: Area = Area::Sales;
    type Work = dyn SalesWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.notes()
    }

    async fn prepare(work: &mut Self::Work, step: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        if step.verb == Verb::Deleted {
            return Ok(());
        }
        let before = step.before.map(|before| &before.data);
        data.author =
            member::or_caller(data.author, before.map(|before| before.author), step.ctx.actor);
        if before.is_none_or(|before| before.author != data.author) {
            data.author_name = member::name_of(work, data.author).await?;
        }
        target::check(work, step.ctx, data.target(), before.map(Self::target)).await
    }
}

impl Note {
    /// What it is on.
    fn target(&self) -> (&TargetKind, TargetId) {
        (&self.related_object_type, self.related_object_id)
    }
}
