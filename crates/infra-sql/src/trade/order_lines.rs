//! The table of order lines.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use domain_catalog::ProductVariant;
use domain_kernel::Amount;
use domain_kernel::field::{Count, Link, Money, Word};
use domain_sales::{GivenMoney, Order, OrderLine};

use super::orders::orders;
use crate::catalog::product_variants::product_variants;
use crate::dialect::types;
use crate::part::ById;
use crate::records::prelude::*;

diesel::table! {
    use crate::dialect::types::*;

    order_lines (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        order_id -> BigInt,
        product_variant_id -> BigInt,
        variant_name -> Text,
        variant_sku -> Text,
        quantity -> BigInt,
        unit_price -> BigInt,
        discount_amount -> BigInt,
        tax_rate -> BigInt,
        total_price -> BigInt,
        discount_share -> BigInt,
        tax_amount -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(orders, order_lines);
diesel::allow_tables_to_appear_in_same_query!(product_variants, order_lines);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = order_lines, check_for_backend(Db), treat_none_as_null = true)]
struct Columns {
    order_id: i64,
    product_variant_id: i64,
    variant_name: String,
    variant_sku: String,
    quantity: i64,
    unit_price: i64,
    discount_amount: i64,
    tax_rate: i64,
    total_price: i64,
    discount_share: i64,
    tax_amount: i64,
}

impl From<&OrderLine> for Columns {
    fn from(line: &OrderLine) -> Self {
        Self {
            // Both are there: no line is stored without.
            order_id: line.order.kept().map_or(0, Id::raw),
            product_variant_id: line.product_variant.kept().map_or(0, Id::raw),
            variant_name: line.variant_name.to_string(),
            variant_sku: line.variant_sku.to_string(),
            quantity: line.quantity.0,
            unit_price: line.unit_price.amount().ten_thousandths(),
            discount_amount: line.discount_amount.0.ten_thousandths(),
            tax_rate: line.tax_rate.0.ten_thousandths(),
            total_price: line.total_price.0.ten_thousandths(),
            discount_share: line.discount_share.0.ten_thousandths(),
            tax_amount: line.tax_amount.0.ten_thousandths(),
        }
    }
}

impl Columns {
    /// The line; its order and its variant unless they are deleted.
    fn line(self, order: Option<i64>, variant: Option<i64>) -> OrderLine {
        let amount = Amount::from_ten_thousandths;
        OrderLine {
            order: Link::<Order>::stored(Some(self.order_id), order),
            product_variant: Link::<ProductVariant>::stored(Some(self.product_variant_id), variant),
            variant_name: Word::trusted(self.variant_name),
            variant_sku: Word::trusted(self.variant_sku),
            quantity: Count(self.quantity),
            unit_price: GivenMoney(Some(amount(self.unit_price))),
            discount_amount: Money(amount(self.discount_amount)),
            tax_rate: Money(amount(self.tax_rate)),
            total_price: Money(amount(self.total_price)),
            discount_share: Money(amount(self.discount_share)),
            tax_amount: Money(amount(self.tax_amount)),
        }
    }
}

/// The order unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_order() -> _ {
    orders::table
        .filter(orders::organization_id.eq(order_lines::organization_id))
        .filter(orders::id.eq(order_lines::order_id))
        .filter(orders::deleted_at.is_null())
        .select(orders::id)
        .single_value()
}

/// The variant unless it is deleted.
#[diesel::dsl::auto_type(no_type_alias)]
fn live_variant() -> _ {
    product_variants::table
        .filter(product_variants::organization_id.eq(order_lines::organization_id))
        .filter(product_variants::id.eq(order_lines::product_variant_id))
        .filter(product_variants::deleted_at.is_null())
        .select(product_variants::id)
        .single_value()
}

type Row = (Stamp, Columns, Option<i64>, Option<i64>);

fn record((stamp, columns, order, variant): Row) -> Record<OrderLine> {
    stamp.record(columns.line(order, variant))
}

records! {
    /// The lines of one workspace's orders.
    OrderLines of OrderLine in order_lines,
    rows (Stamp, Columns, Option<i64>, Option<i64>),
    selected by (stamp!(order_lines), Columns::as_select(), live_order(), live_variant())
}

/// The live lines of orders, in order of id.
pub(super) async fn of_orders(
    scope: &mut Scope<'_>,
    orders: &[i64],
) -> Result<Vec<Record<OrderLine>>> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Row> = order_lines::table
        .filter(Rows::seen_by::<OrderLine>(Some(scope.tenant()?), TABLE, Which::Live))
        .filter(order_lines::order_id.eq_any(orders))
        .order(ById(TABLE))
        .select((stamp!(order_lines), Columns::as_select(), live_order(), live_variant()))
        .load(&mut scope.lease.handle().await?)
        .await
        .map_err(of_query)?;
    Ok(found.into_iter().map(record).collect())
}

impl OrderLines<'_> {
    /// Stores new lines in one statement, in order of id.
    pub(super) async fn insert_all(
        &mut self,
        lines: Vec<OrderLine>,
        now: Timestamp,
    ) -> Result<Vec<Record<OrderLine>>> {
        let tenant = self.0.tenant()?;
        let rows = lines.iter().map(Columns::from).collect();
        let insert = InsertAll { tenant: tenant.raw(), now: At(now), rows };
        let mut ids: Vec<i64> =
            insert.load(&mut self.0.lease.handle().await?).await.map_err(of_query)?;
        // They were given out in order; the answer need not be in it.
        ids.sort_unstable();
        let stored = lines.into_iter().zip(ids);
        Ok(stored.map(|(line, id)| Record::new(Id::new(id), tenant, line, now)).collect())
    }

    /// Stores the shares of lines; it is no new version of theirs.
    pub(super) async fn set_shares(&mut self, lines: &[Record<OrderLine>]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let shares = lines.iter().map(|line| {
            let (discount, tax) = (line.data.discount_share.0, line.data.tax_amount.0);
            [line.id.raw(), discount.ten_thousandths(), tax.ten_thousandths()]
        });
        let rows = Rows::all(self.0.tenant()?, TABLE);
        let update = SetShares { rows, shares: shares.collect() };
        update.execute(&mut self.0.lease.handle().await?).await.map_err(of_query)?;
        Ok(())
    }

    /// Marks the live lines of an order as deleted.
    pub(super) async fn delete_of(&mut self, order: Id<Order>, now: Timestamp) -> Result<()> {
        let rows = Rows::seen_by::<OrderLine>(Some(self.0.tenant()?), TABLE, Which::Live);
        let rows = order_lines::table.filter(rows).filter(order_lines::order_id.eq(order.raw()));
        diesel::update(rows)
            .set((
                order_lines::version.eq(order_lines::version + 1),
                order_lines::updated_at.eq(At(now)),
                order_lines::deleted_at.eq(Some(At(now))),
            ))
            .execute(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(())
    }

    /// Brings back the lines of an order that went at an instant.
    pub(super) async fn restore_of(
        &mut self,
        order: Id<Order>,
        gone_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let rows = order_lines::table
            .filter(Rows::all(self.0.tenant()?, TABLE))
            .filter(order_lines::order_id.eq(order.raw()))
            .filter(order_lines::deleted_at.eq(Some(At(gone_at))));
        diesel::update(rows)
            .set((
                order_lines::version.eq(order_lines::version + 1),
                order_lines::updated_at.eq(At(now)),
                order_lines::deleted_at.eq(None::<At>),
            ))
            .execute(&mut self.0.lease.handle().await?)
            .await
            .map_err(of_query)?;
        Ok(())
    }
}

/// Several rows in one statement that gives their ids: diesel writes one for SQLite row by row.
struct InsertAll {
    tenant: i64,
    now: At,
    rows: Vec<Columns>,
}

impl QueryFragment<Db> for InsertAll {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(
            "INSERT INTO order_lines (organization_id, version, created_at, updated_at, order_id, \
             product_variant_id, variant_name, variant_sku, quantity, unit_price, discount_amount, \
             tax_rate, total_price, discount_share, tax_amount) VALUES ",
        );
        for (place, row) in self.rows.iter().enumerate() {
            out.push_sql(if place == 0 { "(" } else { ", (" });
            out.push_bind_param::<types::BigInt, _>(&self.tenant)?;
            out.push_sql(", 1, ");
            out.push_bind_param::<types::Moment, _>(&self.now)?;
            out.push_sql(", ");
            out.push_bind_param::<types::Moment, _>(&self.now)?;
            for number in [&row.order_id, &row.product_variant_id] {
                out.push_sql(", ");
                out.push_bind_param::<types::BigInt, _>(number)?;
            }
            for text in [&row.variant_name, &row.variant_sku] {
                out.push_sql(", ");
                out.push_bind_param::<types::Text, _>(text)?;
            }
            for number in [
                &row.quantity,
                &row.unit_price,
                &row.discount_amount,
                &row.tax_rate,
                &row.total_price,
                &row.discount_share,
                &row.tax_amount,
            ] {
                out.push_sql(", ");
                out.push_bind_param::<types::BigInt, _>(number)?;
            }
            out.push_sql(")");
        }
        out.push_sql(" RETURNING id");
        Ok(())
    }
}

impl Query for InsertAll {
    type SqlType = types::BigInt;
}

impl QueryId for InsertAll {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// The shares of several lines in one statement.
struct SetShares {
    rows: Rows,
    /// A line's id, its share of the discount, and its tax.
    shares: Vec<[i64; 3]>,
}

impl QueryFragment<Db> for SetShares {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        // Of each number of lines it is another statement.
        out.unsafe_to_cache_prepared();
        out.push_sql(
            "UPDATE order_lines SET discount_share = shares.column2, tax_amount = shares.column3 \
             FROM (VALUES ",
        );
        for (place, row) in self.shares.iter().enumerate() {
            for (column, number) in row.iter().enumerate() {
                out.push_sql(match (place, column) {
                    (0, 0) => "(",
                    (_, 0) => "), (",
                    _ => ", ",
                });
                out.push_bind_param::<types::BigInt, _>(number)?;
            }
        }
        out.push_sql(")) AS shares WHERE ");
        self.rows.walk_ast(out.reborrow())?;
        out.push_sql(" AND order_lines.id = shares.column1");
        Ok(())
    }
}

impl QueryId for SetShares {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Those of some variants that live lines of the workspace name.
pub(crate) async fn sold(
    scope: Scope<'_>,
    variants: &[Id<ProductVariant>],
) -> Result<Vec<Id<ProductVariant>>> {
    let ids: Vec<i64> = variants.iter().map(|variant| variant.raw()).collect();
    let found: Vec<i64> = order_lines::table
        .filter(Rows::seen_by::<OrderLine>(Some(scope.tenant()?), TABLE, Which::Live))
        .filter(order_lines::product_variant_id.eq_any(ids))
        .select(order_lines::product_variant_id)
        .distinct()
        .load(&mut scope.lease.handle().await?)
        .await
        .map_err(of_query)?;
    Ok(found.into_iter().map(Id::new).collect())
}
