//! The workspaces of the platform, as its staff see and write them.

use async_trait::async_trait;
use domain_kernel::field::{ShortText, Slug};
use domain_kernel::journal::Verb;
use domain_kernel::policy::Area;
use domain_kernel::{
    Error, OpContext, Operations, PLATFORM_FIELDS, Record, Records, Resource, Result, Scope, Step,
    TenantId,
};

use crate::AccountsWork;
use crate::founding::first_plan;

domain_kernel::resource! {
    /// A workspace. Deleted, it is closed: nobody signs in to it, and restoring opens it again.
    pub struct Workspace, patch WorkspacePatch, beside PLATFORM_FIELDS {
        /// What people call it.
        name: ShortText<255> [required, searched],
        /// Its name in addresses; unique.
        slug: Slug<255> [required],
    }
}

#[async_trait]
impl Resource for Workspace {
    const NAME: &'static str = "organizations";
    const SINGULAR: &'static str = "organization";
    const MODULE: &'static str = "accounts";
    const DESCRIPTION: &'static str = "The workspaces of the platform.";
    const AREA: Area = Area::Platform;
    const SCOPE: Scope = Scope::Platform;
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.workspaces()
    }

    async fn prepare(_: &mut Self::Work, step: &Step<'_, Self>, _: &mut Self) -> Result<()> {
        let platforms = |row: &Record<Self>| row.id.raw() == TenantId::PLATFORM.raw();
        if step.before.is_some_and(platforms) {
            return Err(Error::Conflict("The platform's own workspace stays as it is.".to_owned()));
        }
        Ok(())
    }

    async fn follow(
        work: &mut Self::Work,
        step: &Step<'_, Self>,
        record: &mut Record<Self>,
    ) -> Result<()> {
        if step.verb != Verb::Created {
            return Ok(());
        }
        let made = TenantId::new(record.id.raw());
        work.enter(made).await?;
        let actor = step.ctx.actor.elsewhere();
        let there = OpContext { tenant: made, actor, ..step.ctx.clone() };
        first_plan(work, &there, step.random, step.now).await?;
        work.enter(step.ctx.tenant).await
    }

    fn trail(record: &Record<Self>) -> TenantId {
        TenantId::new(record.id.raw())
    }
}
