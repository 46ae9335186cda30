//! Deals: read from a view, which knows the names of what they lead to, and written to their table.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use domain_kernel::field::{
    Choice, CurrencyCode, Date, Link, LongText, Member, Moment, Money, OwnCurrency, Percent,
    ShortText, Word,
};
use domain_kernel::{Amount, fold};
use domain_sales::Opportunity;

use crate::columns::Day;
use crate::dialect::types;
use crate::records::ROWS;
use crate::records::prelude::*;
use crate::sales::companies::companies;
use crate::sales::contacts::contacts;
use crate::sales::deal_stages::deal_stages;
use crate::sales::leads::leads;
use crate::sales::pipelines::pipelines;

diesel::table! {
    use crate::dialect::types::*;

    opportunities (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        lead_id -> Nullable<BigInt>,
        company_id -> Nullable<BigInt>,
        contact_id -> Nullable<BigInt>,
        name -> Text,
        name_folded -> Text,
        pipeline_id -> BigInt,
        stage_id -> BigInt,
        amount -> BigInt,
        currency -> Text,
        close_date -> Nullable<Day>,
        probability -> BigInt,
        expected_value -> BigInt,
        owner -> Nullable<BigInt>,
        status -> Text,
        stage_entered_at -> Moment,
        closed_at -> Nullable<Moment>,
        lost_reason -> Text,
        won_reason -> Text,
        pipeline_name -> Text,
        stage_name -> Text,
        owner_name -> Text,
    }
}

diesel::table! {
    use crate::dialect::types::*;

    deals (id) {
        id -> BigInt,
        organization_id -> BigInt,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        lead_id -> Nullable<BigInt>,
        company_id -> Nullable<BigInt>,
        contact_id -> Nullable<BigInt>,
        name -> Text,
        name_folded -> Text,
        pipeline_id -> BigInt,
        stage_id -> BigInt,
        amount -> BigInt,
        currency -> Text,
        close_date -> Nullable<Day>,
        probability -> BigInt,
        expected_value -> BigInt,
        owner -> Nullable<BigInt>,
        status -> Text,
        stage_entered_at -> Moment,
        closed_at -> Nullable<Moment>,
        lost_reason -> Text,
        won_reason -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(opportunities, leads);
diesel::allow_tables_to_appear_in_same_query!(opportunities, companies);
diesel::allow_tables_to_appear_in_same_query!(opportunities, contacts);
diesel::allow_tables_to_appear_in_same_query!(opportunities, pipelines);
diesel::allow_tables_to_appear_in_same_query!(opportunities, deal_stages);

#[derive(Queryable, Selectable)]
#[diesel(table_name = opportunities, check_for_backend(Db))]
struct Seen {
    lead_id: Option<i64>,
    company_id: Option<i64>,
    contact_id: Option<i64>,
    name: String,
    pipeline_id: i64,
    stage_id: i64,
    amount: i64,
    currency: String,
    close_date: Option<Day>,
    probability: i64,
    expected_value: i64,
    owner: Option<i64>,
    status: String,
    stage_entered_at: At,
    closed_at: Option<At>,
    lost_reason: String,
    won_reason: String,
    pipeline_name: String,
    stage_name: String,
    owner_name: String,
}

/// What a deal leads to and is not deleted: lead, company, contact, pipeline, stage.
type Linked = (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

fn record((stamp, seen, linked): (Stamp, Seen, Linked)) -> Record<Opportunity> {
    let (lead, company, contact, pipeline, stage) = linked;
    let money = |raw| Money(Amount::from_ten_thousandths(raw));
    stamp.record(Opportunity {
        lead: Link::stored(seen.lead_id, lead),
        company: Link::stored(seen.company_id, company),
        contact: Link::stored(seen.contact_id, contact),
        name: ShortText::trusted(seen.name),
        pipeline: Link::stored(Some(seen.pipeline_id), pipeline),
        stage: Link::stored(Some(seen.stage_id), stage),
        amount: money(seen.amount),
        currency: OwnCurrency(Some(CurrencyCode::trusted(&seen.currency).0)),
        close_date: Date(seen.close_date.map(|day| day.0)),
        probability: Percent::stored(seen.probability),
        owner: Member(seen.owner.map(Id::new)),
        pipeline_name: Word::trusted(seen.pipeline_name),
        stage_name: Word::trusted(seen.stage_name),
        owner_name: Word::trusted(seen.owner_name),
        status: Choice::trusted(&seen.status),
        expected_value: money(seen.expected_value),
        stage_entered_at: Moment(Some(seen.stage_entered_at.0)),
        closed_at: Moment(seen.closed_at.map(|at| at.0)),
        lost_reason: LongText::trusted(seen.lost_reason),
        won_reason: LongText::trusted(seen.won_reason),
    })
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = deals, treat_none_as_null = true)]
struct Columns {
    lead_id: Option<i64>,
    company_id: Option<i64>,
    contact_id: Option<i64>,
    name: String,
    name_folded: String,
    pipeline_id: i64,
    stage_id: i64,
    amount: i64,
    currency: String,
    close_date: Option<Day>,
    probability: i64,
    expected_value: i64,
    owner: Option<i64>,
    status: String,
    stage_entered_at: At,
    closed_at: Option<At>,
    lost_reason: String,
    won_reason: String,
}

impl From<&Opportunity> for Columns {
    fn from(deal: &Opportunity) -> Self {
        Self {
            lead_id: deal.lead.kept().map(Id::raw),
            company_id: deal.company.kept().map(Id::raw),
            contact_id: deal.contact.kept().map(Id::raw),
            name: deal.name.to_string(),
            name_folded: fold(&deal.name),
            // Required, so they are there; what no request can be without, no row is.
            pipeline_id: deal.pipeline.kept().map_or(0, Id::raw),
            stage_id: deal.stage.kept().map_or(0, Id::raw),
            amount: deal.amount.0.ten_thousandths(),
            currency: deal.currency.0.unwrap_or_default().code().to_owned(),
            close_date: deal.close_date.0.map(Day),
            probability: deal.probability.hundredths(),
            expected_value: deal.expected_value.0.ten_thousandths(),
            owner: deal.owner.0.map(Id::raw),
            status: deal.status.to_string(),
            // Whoever stores one gives it a time.
            stage_entered_at: At(deal.stage_entered_at.0.unwrap_or_default()),
            closed_at: deal.closed_at.0.map(At),
            lost_reason: deal.lost_reason.to_string(),
            won_reason: deal.won_reason.to_string(),
        }
    }
}

/// The row of a table that a deal leads to, unless it is deleted.
macro_rules! live {
    ($name:ident: $table:ident by $column:expr) => {
        #[diesel::dsl::auto_type(no_type_alias)]
        fn $name() -> _ {
            $table::table
                .filter($table::organization_id.eq(opportunities::organization_id))
                .filter($table::id.nullable().eq($column))
                .filter($table::deleted_at.is_null())
                .select($table::id)
                .single_value()
        }
    };
}

live! { live_lead: leads by opportunities::lead_id }
live! { live_company: companies by opportunities::company_id }
live! { live_contact: contacts by opportunities::contact_id }
live! { live_pipeline: pipelines by opportunities::pipeline_id.nullable() }
live! { live_stage: deal_stages by opportunities::stage_id.nullable() }

reads! {
    /// The deals of one workspace.
    Opportunities of Opportunity in opportunities,
    rows (Stamp, Seen, Linked), selected by (
        stamp!(opportunities),
        Seen::as_select(),
        (live_lead(), live_company(), live_contact(), live_pipeline(), live_stage()),
    )
}
linked! { Opportunity in opportunities }
port! { Opportunities of Opportunity }
inserts! { Opportunities of Opportunity in deals }
updates! { Opportunities of Opportunity in deals }

/// Where several deals are now, in one statement.
struct PutInStages<'d> {
    rows: Rows,
    deals: &'d [(At, [i64; 6])],
}

impl QueryFragment<Db> for PutInStages<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        // Of each number of deals it is another statement.
        out.unsafe_to_cache_prepared();
        out.push_sql(
            "UPDATE deals SET updated_at = moved.column1, stage_entered_at = moved.column1, \
             version = moved.column3, pipeline_id = moved.column4, stage_id = moved.column5, \
             probability = moved.column6, expected_value = moved.column7 FROM (VALUES ",
        );
        for (place, (now, numbers)) in self.deals.iter().enumerate() {
            out.push_sql(if place == 0 { "(" } else { "), (" });
            out.push_bind_param::<types::Moment, _>(now)?;
            for number in numbers {
                out.push_sql(", ");
                out.push_bind_param::<types::BigInt, _>(number)?;
            }
        }
        out.push_sql(")) AS moved WHERE ");
        self.rows.walk_ast(out.reborrow())?;
        out.push_sql(" AND deals.id = moved.column2 AND deals.version = moved.column3 - 1");
        Ok(())
    }
}

impl QueryId for PutInStages<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Stores in which stages deals are now. `false` when one of them is not of the version before.
pub(crate) async fn put_in_stages(scope: Scope<'_>, deals: &[Record<Opportunity>]) -> Result<bool> {
    let rows = Rows::all(scope.tenant()?, "deals");
    let handle = &mut scope.lease.handle().await?;
    let moved: Vec<(At, [i64; 6])> = deals
        .iter()
        .map(|deal| {
            let columns = Columns::from(&deal.data);
            let (pipeline, stage) = (columns.pipeline_id, columns.stage_id);
            let worth = [columns.probability, columns.expected_value];
            let numbers = [deal.id.raw(), deal.version, pipeline, stage, worth[0], worth[1]];
            (At(deal.updated_at), numbers)
        })
        .collect();
    for deals in moved.chunks(ROWS) {
        let update = PutInStages { rows, deals };
        if update.execute(handle).await.map_err(of_query)? != deals.len() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How many deals a workspace has, those that are deleted not counted.
pub(crate) async fn count(scope: Scope<'_>) -> Result<i64> {
    let rows = Rows::all(scope.tenant()?, "deals");
    let live = deals::table.filter(rows).filter(deals::deleted_at.is_null());
    live.count().get_result(&mut scope.lease.handle().await?).await.map_err(of_query)
}
