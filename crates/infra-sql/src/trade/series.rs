//! Numbers of documents.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use domain_kernel::TenantId;

use crate::dialect::Handle;

diesel::table! {
    use crate::dialect::types::*;

    number_series (organization_id, series) {
        organization_id -> BigInt,
        series -> Text,
        last -> BigInt,
    }
}

/// The next number of a series, from 1. The series is locked until the transaction ends: what rolls
/// back gives its number back, and who comes after waits.
pub(super) async fn next(
    handle: &mut Handle<'_>,
    tenant: TenantId,
    series: &str,
) -> QueryResult<i64> {
    diesel::insert_into(number_series::table)
        .values((
            number_series::organization_id.eq(tenant.raw()),
            number_series::series.eq(series),
            number_series::last.eq(1),
        ))
        .on_conflict((number_series::organization_id, number_series::series))
        .do_update()
        // One more each time: what would be inserted is 1.
        .set(number_series::last.eq(number_series::last + excluded(number_series::last)))
        .returning(number_series::last)
        .get_result(handle)
        .await
}
