//! The features that can be had, and which plans include them.

use async_trait::async_trait;
use domain_kernel::field::{Links, LongText, ShortText, Word};
use domain_kernel::policy::Area;
use domain_kernel::{Error, Operations, PLATFORM_FIELDS, Records, Resource, Result, Scope, Step};

use super::SubscriptionPlan;
use crate::AccountsWork;

domain_kernel::resource! {
    /// A feature. Deleted, no workspace has it.
    pub struct FeatureFlag, patch FeatureFlagPatch, beside PLATFORM_FIELDS {
        /// What programs ask for; unique.
        code: Word<64> [required, searched],
        /// What people call it.
        name: ShortText<128> [required, searched],
        /// What it gives.
        description: LongText,
        /// The plans that include it.
        plans: Links<SubscriptionPlan>,
    }
}

#[async_trait]
impl Resource for FeatureFlag {
    const NAME: &'static str = "feature-flags";
    const SINGULAR: &'static str = "feature_flag";
    const MODULE: &'static str = "billing";
    const DESCRIPTION: &'static str = "The features that there are, and which plans include them.";
    const AREA: Area = Area::Platform;
    const SCOPE: Scope = Scope::Platform;
    const OPERATIONS: Operations = Operations::OneByOne;
    type Work = dyn AccountsWork;

    fn records<'w>(work: &'w mut Self::Work) -> Box<dyn Records<Self> + 'w> {
        work.feature_flags()
    }

    async fn prepare(_: &mut Self::Work, _: &Step<'_, Self>, data: &mut Self) -> Result<()> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if !data.code.bytes().all(plain) {
            let message = "Use letters, digits, points, hyphens and underscores.";
            return Err(Error::field("code", message));
        }
        Ok(())
    }
}
