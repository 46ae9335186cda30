//! The table of the stages of pipelines.

use domain_kernel::field::{Link, Percent, ShortText, Whole};
use domain_kernel::fold;
use domain_sales::DealStage;

use crate::records::prelude::*;
use crate::sales::pipelines::pipelines;

diesel::table! {
    use crate::dialect::types::*;

    deal_stages (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        pipeline_id -> BigInt,
        name -> Text,
        name_folded -> Text,
        position -> BigInt,
        win_probability -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(deal_stages, pipelines);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = deal_stages, check_for_backend(Db))]
struct Columns {
    pipeline_id: i64,
    name: String,
    name_folded: String,
    position: i64,
    win_probability: i64,
}

impl From<&DealStage> for Columns {
    fn from(stage: &DealStage) -> Self {
        let DealStage { pipeline, name, position, win_probability } = stage;
        Self {
            // Required, so it is there; what no request can be without, no row is.
            pipeline_id: pipeline.kept().map_or(0, Id::raw),
            name: name.to_string(),
            name_folded: fold(name),
            position: position.0,
            win_probability: win_probability.hundredths(),
        }
    }
}

/// The pipeline unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_pipeline() -> _ {
    pipelines::table
        .filter(pipelines::organization_id.eq(deal_stages::organization_id))
        .filter(pipelines::id.eq(deal_stages::pipeline_id))
        .filter(pipelines::deleted_at.is_null())
        .select(pipelines::id)
        .single_value()
}

fn record((stamp, columns, pipeline): (Stamp, Columns, Option<i64>)) -> Record<DealStage> {
    stamp.record(DealStage {
        pipeline: Link::stored(Some(columns.pipeline_id), pipeline),
        name: ShortText::trusted(columns.name),
        position: Whole(columns.position),
        win_probability: Percent::stored(columns.win_probability),
    })
}

records! {
    /// The stages of the pipelines of one workspace.
    DealStages of DealStage in deal_stages,
    rows (Stamp, Columns, Option<i64>), selected by (stamp!(deal_stages), Columns::as_select(), live_pipeline())
}
