//! The table of pipelines.

use domain_kernel::field::ShortText;
use domain_kernel::fold;
use domain_sales::Pipeline;

use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    pipelines (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        name -> Text,
        name_folded -> Text,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = pipelines, check_for_backend(Db))]
struct Columns {
    name: String,
    name_folded: String,
}

impl From<&Pipeline> for Columns {
    fn from(Pipeline { name }: &Pipeline) -> Self {
        Self { name: name.to_string(), name_folded: fold(name) }
    }
}

fn record((stamp, columns): (Stamp, Columns)) -> Record<Pipeline> {
    stamp.record(Pipeline { name: ShortText::trusted(columns.name) })
}

records! {
    /// The pipelines of one workspace.
    Pipelines of Pipeline in pipelines,
    rows (Stamp, Columns), selected by (stamp!(pipelines), Columns::as_select())
}
