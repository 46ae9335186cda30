//! The end of a workspace: everything of it is removed, with proof of what was.

use std::collections::BTreeMap;

use domain_kernel::journal::Verb;
use domain_kernel::policy::{Action, Area};
use domain_kernel::{
    Actor, Error, Field, FieldType, Input, OpContext, Result, TenantId, field::ShortText,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Accounts, Acting, Device, Organization, PASSWORD_FIELD, Seal, Subject};

/// What is typed to delete a workspace, beside the password.
pub const CONFIRM_FIELD: Field = Field::new(
    "confirm",
    "The workspace's slug, so that nobody deletes another one than they mean.",
    ShortText::<255>::KIND,
    false,
)
.required();

/// What was removed with a workspace. It holds nothing of what it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Erasure {
    /// The workspace.
    pub organization: Organization,
    /// When.
    pub at: Timestamp,
    /// Rows by table.
    pub removed: BTreeMap<String, i64>,
    /// The end of the trail's chain, which whoever has an export can compare.
    pub trail: Option<Seal>,
}

impl Erasure {
    /// The proof, with a digest over all of it. The platform's trail has the same.
    pub fn json(&self) -> Value {
        let trail = self
            .trail
            .as_ref()
            .map(|seal| json!({ "position": seal.position, "chain": hex(&seal.chain) }));
        let mut proof = json!({
            "organization": self.organization.reference(),
            "erased_at": self.at,
            "removed": self.removed,
            "trail": trail,
        });
        let digest: [u8; 32] = Sha256::digest(proof.to_string()).into();
        proof["digest"] = json!(hex(&digest));
        proof
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request to delete the caller's workspace.
pub struct Farewell {
    confirm: String,
    password: String,
}

impl Farewell {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] by field.
    pub fn read(json: Value) -> Result<Self> {
        let mut input = Input::new(json)?;
        let confirm = input.take::<ShortText<255>>(&CONFIRM_FIELD);
        let password = input.take_verbatim(&PASSWORD_FIELD);
        input.finish()?;
        Ok(Self {
            confirm: confirm.as_deref().unwrap_or_default().to_owned(),
            password: password.unwrap_or_default(),
        })
    }
}

impl Accounts {
    /// Removes the caller's workspace with everything in it, for its admin.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody else; [`Error::Invalid`] under `confirm` or `password`;
    /// [`Error::Conflict`] for the platform's own.
    pub async fn erase_workspace(
        &self,
        ctx: &OpContext,
        device: Device,
        farewell: Farewell,
    ) -> Result<Erasure> {
        ctx.require(Area::Workspace, Action::Delete)?;
        let mut work = self.store.begin_read(ctx).await?;
        let organization = work.organization(ctx.tenant).await?.ok_or(Error::NotFound)?;
        work.commit().await?;
        if farewell.confirm != organization.slug {
            return Err(Error::field("confirm", "This is not the workspace's slug."));
        }
        self.proven(ctx, device, &farewell.password, None).await?;
        let by = if ctx.roles.is_staff() { "staff" } else { "admin" };
        self.erase(organization, by, &ctx.request_id).await
    }

    /// Removes a workspace with everything in it, for the operator.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] for the platform's own.
    pub async fn erase_organization(&self, id: TenantId) -> Result<Erasure> {
        let mut work = self.store.open_read().await?;
        let organization = work.organization(id).await?.ok_or(Error::NotFound)?;
        work.commit().await?;
        self.erase(organization, "operator", "crm-admin").await
    }

    async fn erase(
        &self,
        organization: Organization,
        by: &str,
        request_id: &str,
    ) -> Result<Erasure> {
        if organization.id == TenantId::PLATFORM {
            return Err(Error::Conflict("The platform's own workspace stays.".to_owned()));
        }
        let at = self.clock.now();
        let mut work = self.store.open_write().await?;
        work.enter(organization.id).await?;
        work.lock_workspace().await?;
        let trail = work.last_seal().await?;
        let removed = work.erase_workspace(at).await?;
        let erasure = Erasure { organization, at, removed, trail };
        work.enter(TenantId::PLATFORM).await?;
        let acting = Acting { tenant: TenantId::PLATFORM, actor: Actor::System, request_id };
        let id = erasure.organization.id.raw();
        let subject = Subject { entity: "organizations", singular: "organization", id, version: 1 };
        let mut proof = erasure.json();
        proof["by"] = json!(by);
        self.note(&mut *work, &acting, Verb::Deleted, subject, &Value::Null, proof);
        work.commit().await?;
        self.signed_in.forget_all();
        Ok(erasure)
    }
}
