//! The table of features, and which plans include them.

use std::collections::BTreeMap;

use diesel::IntoSql as _;
use domain_accounts::FeatureFlag;
use domain_kernel::field::{Links, LongText, ShortText, Word};
use domain_kernel::{Error, fold};

use crate::dialect::types;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    features (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    plan_features (plan_id, feature_id) {
        plan_id -> BigInt,
        feature_id -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(features, plan_features);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = features, check_for_backend(Db))]
struct Columns {
    code: String,
    name: String,
    name_folded: String,
    description: String,
}

impl From<&FeatureFlag> for Columns {
    fn from(flag: &FeatureFlag) -> Self {
        Self {
            code: flag.code.to_string(),
            name: flag.name.to_string(),
            name_folded: fold(&flag.name),
            description: flag.description.to_string(),
        }
    }
}

/// Without its plans; they are in a table of their own.
fn record((stamp, columns): (Stamp, Columns)) -> Record<FeatureFlag> {
    stamp.record(FeatureFlag {
        code: Word::trusted(columns.code),
        name: ShortText::trusted(columns.name),
        description: LongText::trusted(columns.description),
        plans: Links::default(),
    })
}

reads! {
    /// The features of the platform.
    FeatureFlags of FeatureFlag in features,
    rows (Stamp, Columns), selected by (platform_stamp!(features), Columns::as_select())
}
updates! { FeatureFlags of FeatureFlag in features }

impl FeatureFlags<'_> {
    /// The same with the plans that include them.
    async fn with_plans(
        &mut self,
        mut flags: Vec<Record<FeatureFlag>>,
    ) -> Result<Vec<Record<FeatureFlag>>> {
        let ids: Vec<i64> = flags.iter().map(|flag| flag.id.raw()).collect();
        let given: Vec<(i64, i64)> = plan_features::table
            .filter(plan_features::feature_id.eq_any(ids))
            .select((plan_features::feature_id, plan_features::plan_id))
            .load(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        let mut plans: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (feature, plan) in given {
            plans.entry(feature).or_default().push(plan);
        }
        for flag in &mut flags {
            flag.data.plans = Links::to(plans.remove(&flag.id.raw()).unwrap_or_default());
        }
        Ok(flags)
    }

    /// Stores which plans include a feature.
    async fn write_plans(&mut self, feature: i64, flag: &FeatureFlag) -> Result<()> {
        let mut handle = self.0.lease.handle().await?;
        diesel::delete(plan_features::table.filter(plan_features::feature_id.eq(feature)))
            .execute(&mut handle)
            .await
            .map_err(of_query)?;
        for plan in flag.plans.ids() {
            diesel::insert_into(plan_features::table)
                .values((plan_features::feature_id.eq(feature), plan_features::plan_id.eq(plan)))
                .execute(&mut handle)
                .await
                .map_err(of_query)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Records<FeatureFlag> for FeatureFlags<'_> {
    async fn find(
        &mut self,
        ids: &[Id<FeatureFlag>],
        which: Which,
    ) -> Result<Vec<Record<FeatureFlag>>> {
        let found = FeatureFlags::find(self, ids, which).await?;
        self.with_plans(found).await
    }

    async fn list(&mut self, query: &ListQuery) -> Result<Listing<Record<FeatureFlag>>> {
        let mut listing = FeatureFlags::list(self, query).await?;
        listing.records = self.with_plans(listing.records).await?;
        Ok(listing)
    }

    async fn insert(&mut self, data: FeatureFlag, now: Timestamp) -> Result<Record<FeatureFlag>> {
        let id: Option<i64> = diesel::insert_into(features::table)
            .values((
                features::version.eq(1),
                features::created_at.eq(At(now)),
                features::updated_at.eq(At(now)),
                Columns::from(&data),
            ))
            .on_conflict(features::code)
            .do_nothing()
            .returning(features::id)
            .get_result(&mut self.0.lease.handle().await?)
            .await
            .optional()
            .map_err(of_query)?;
        let id = id.ok_or_else(|| Error::field("code", CODE_TAKEN))?;
        self.write_plans(id, &data).await?;
        Ok(Record::new(Id::new(id), TenantId::PLATFORM, data, now))
    }

    async fn update(&mut self, record: &Record<FeatureFlag>) -> Result<bool> {
        let others = features::table
            .filter(features::code.eq(&*record.data.code))
            .filter(features::id.ne(record.id.raw()));
        let handle = &mut self.0.lease.handle().await?;
        let taken: i64 = others.count().get_result(handle).await.map_err(of_query)?;
        if taken > 0 {
            return Err(Error::field("code", CODE_TAKEN));
        }
        if !FeatureFlags::update(self, record).await? {
            return Ok(false);
        }
        self.write_plans(record.id.raw(), &record.data).await?;
        Ok(true)
    }
}

/// What a code is answered that another feature has.
const CODE_TAKEN: &str = "feature flag with this code already exists.";

/// Which of the ids are features that are not deleted.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn existing<'i>(ids: &'i [i64]) -> _ {
    features::table
        .filter(features::deleted_at.is_null())
        .filter(features::id.eq_any(ids))
        .select(features::id)
}
