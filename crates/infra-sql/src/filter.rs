//! Conditions and orders that are known only when a request comes, as parts of diesel queries.
//!
//! Names come from the resources' declarations in our code; values are bound.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment};
use domain_kernel::query::{Condition, ListQuery, Listing, OrderBy, Test, Window};
use domain_kernel::{Cursor, Field, Kind, LONG_TEXT_ORDER_CHARACTERS, Value, fold};

use crate::columns::{At, Day};
use crate::dialect::{self, Db, types};
use crate::part::{Link, by_id, column, query_part};
use crate::rows::Rows;

/// A value that is bound.
#[derive(Debug, Clone)]
enum Bound {
    Integer(i64),
    Text(String),
    Moment(At),
    Flag(bool),
    Day(Day),
}

impl Bound {
    /// The value to bind; none for the empty value.
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Integer(number) => Some(Self::Integer(*number)),
            Value::Text(text) => Some(Self::Text(text.clone())),
            Value::Timestamp(instant) => Some(Self::Moment(At(*instant))),
            Value::Flag(flag) => Some(Self::Flag(*flag)),
            Value::Date(day) => Some(Self::Day(Day(*day))),
            // No list is filtered or ordered by ids; several texts are a clause of their own.
            Value::Integers(_) | Value::Texts(_) => None,
        }
    }

    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Db>) -> QueryResult<()> {
        match self {
            Self::Integer(number) => out.push_bind_param::<types::BigInt, _>(number),
            Self::Text(text) => out.push_bind_param::<types::Text, _>(text),
            Self::Moment(at) => out.push_bind_param::<types::Moment, _>(at),
            Self::Flag(flag) => out.push_bind_param::<types::Bool, _>(flag),
            Self::Day(day) => out.push_bind_param::<types::Day, _>(day),
        }
    }
}

/// A comparison of one field.
#[derive(Debug, Clone)]
enum Clause {
    /// The stored column is the value; the folded copy of it, where there is one, is the second.
    Is(&'static Field, Bound, Option<Bound>),
    /// The folded copy of the column, where there is one, is any of these.
    IsAnyOf(&'static Field, Vec<Bound>),
    /// The link leads to this row, which is not deleted.
    LinksTo(&'static Field, Bound),
    /// There is no value.
    Empty(&'static Field),
    /// The link leads nowhere, or to a row that is deleted.
    LinksNowhere(&'static Field, Rows),
    /// The value is at or after (`true`), at or before.
    Beyond(&'static Field, bool, Bound),
    /// One of the fields holds the text; it comes as a pattern.
    Contains(Vec<&'static Field>, Bound),
    /// The row comes after a position: values by the steps of the order.
    After(Vec<Step>),
}

/// A step of an order with the value of a position.
#[derive(Debug, Clone)]
struct Step {
    field: &'static Field,
    /// Towards larger values.
    ascending: bool,
    /// From the end of the list to its beginning, where rows without a value come first.
    backwards: bool,
    value: Option<Bound>,
}

/// The conditions of a list query.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    table: &'static str,
    clauses: Vec<Clause>,
}

query_part!(Filter);

impl Filter {
    /// Filters and search of a query on some rows of a table.
    pub(crate) fn new(
        table: &'static str,
        rows: Rows,
        fields: &'static [Field],
        query: &ListQuery,
    ) -> Self {
        let searched: Vec<_> = fields.iter().filter(|field| field.searched).collect();
        let conditions = query.conditions.iter().map(|condition| clause(condition, rows));
        let words = query.words.iter().map(|word| {
            let pattern = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            Clause::Contains(searched.clone(), Bound::Text(format!("%{pattern}%")))
        });
        Self { table, clauses: conditions.chain(words).collect() }
    }

    /// The same, from the position where the window begins.
    pub(crate) fn within(mut self, query: &ListQuery) -> Self {
        if let Window::Keyset { from: Some(cursor), .. } = &query.window {
            let steps = query.ordering.iter().zip(&cursor.values).map(|(step, value)| Step {
                field: step.field,
                ascending: step.descending == cursor.backwards,
                backwards: cursor.backwards,
                value: Bound::of(value),
            });
            self.clauses.push(Clause::After(steps.collect()));
        }
        self
    }
}

fn clause(condition: &Condition, rows: Rows) -> Clause {
    let field = condition.field;
    if let Value::Texts(texts) = &condition.value {
        let compared = |text: &String| match field.kind.is_folded() {
            true => Bound::Text(fold(text)),
            false => Bound::Text(text.clone()),
        };
        return Clause::IsAnyOf(field, texts.iter().map(compared).collect());
    }
    match (Bound::of(&condition.value), condition.test, field.kind) {
        (None, _, Kind::Link { .. }) => Clause::LinksNowhere(field, rows),
        (None, ..) => Clause::Empty(field),
        (Some(value), Test::Equal, Kind::Link { .. }) => Clause::LinksTo(field, value),
        (Some(Bound::Text(text)), Test::Equal, kind) if kind.is_folded() => {
            let folded = Bound::Text(fold(&text));
            Clause::Is(field, Bound::Text(text), Some(folded))
        }
        (Some(value), Test::Equal, _) => Clause::Is(field, value, None),
        (Some(value), test, _) => Clause::Beyond(field, test == Test::From, value),
    }
}

impl QueryFragment<Db> for Filter {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        // So that it can stand after AND when there is nothing to ask.
        out.push_sql("(1 = 1");
        for clause in &self.clauses {
            out.push_sql(" AND ");
            clause.walk(self.table, &mut out)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl Clause {
    fn walk<'b>(&'b self, table: &str, out: &mut AstPass<'_, 'b, Db>) -> QueryResult<()> {
        match self {
            Self::Is(field, value, folded) => {
                if let Some(folded) = folded {
                    // What an index is on; the text as written is compared beside it.
                    sorted(out, table, field)?;
                    out.push_sql(" = ");
                    folded.push(out)?;
                    out.push_sql(" AND ");
                }
                column(out, table, field.name)?;
                out.push_sql(" = ");
                value.push(out)
            }
            Self::IsAnyOf(_, values) if values.is_empty() => {
                out.push_sql("1 = 0");
                Ok(())
            }
            Self::IsAnyOf(field, values) => {
                // Of each number of values it is another statement.
                out.unsafe_to_cache_prepared();
                sorted(out, table, field)?;
                out.push_sql(" IN (");
                for (index, value) in values.iter().enumerate() {
                    out.push_sql(if index > 0 { ", " } else { "" });
                    value.push(out)?;
                }
                out.push_sql(")");
                Ok(())
            }
            Self::LinksTo(field, value) => {
                column(out, table, &format!("{}_id", field.name))?;
                out.push_sql(" = ");
                value.push(out)?;
                out.push_sql(" AND ");
                sorted(out, table, field)?;
                out.push_sql(" IS NOT NULL");
                Ok(())
            }
            Self::Empty(field) => {
                sorted(out, table, field)?;
                out.push_sql(" IS NULL");
                Ok(())
            }
            Self::LinksNowhere(field, rows) => {
                let Kind::Link { resource } = field.kind else { return Ok(()) };
                let (column, target) = (format!("{}_id", field.name), table_of(resource));
                dialect::links_nowhere(out, &Link { table, column: &column, target: &target }, rows)
            }
            Self::Beyond(field, after, value) => {
                column(out, table, field.name)?;
                out.push_sql(if *after { " >= " } else { " <= " });
                value.push(out)
            }
            Self::Contains(fields, pattern) => {
                out.push_sql("(");
                for (index, field) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push_sql(" OR ");
                    }
                    // A slug is ASCII, which both databases fold.
                    let is_slug = matches!(field.kind, Kind::Slug { .. });
                    out.push_sql(if is_slug { "lower(" } else { "" });
                    sorted(out, table, field)?;
                    out.push_sql(if is_slug { ") LIKE " } else { " LIKE " });
                    pattern.push(out)?;
                    out.push_sql(" ESCAPE '\\'");
                }
                out.push_sql(")");
                Ok(())
            }
            Self::After(steps) => after(out, table, steps),
        }
    }
}

/// `(a, b, id)` after a position, spelt out for columns that may be empty and go either way:
/// `a > x OR (a = x AND (b > y OR (b = y AND id > z)))`, within a bound on `a` that an index can
/// use.
fn after<'b>(out: &mut AstPass<'_, 'b, Db>, table: &str, steps: &'b [Step]) -> QueryResult<()> {
    if let Some(Step { field, ascending, value: Some(value), .. }) =
        steps.first().filter(|step| !step.field.nullable)
    {
        sorted(out, table, field)?;
        out.push_sql(if *ascending { " >= " } else { " <= " });
        value.push(out)?;
        out.push_sql(" AND ");
    }
    for (index, step) in steps.iter().enumerate() {
        out.push_sql(if index == 0 { "(" } else { " AND (" });
        step.beyond(out, table)?;
        if index + 1 < steps.len() {
            out.push_sql(" OR (");
            step.same(out, table)?;
        }
    }
    for index in 0..steps.len() {
        out.push_sql(if index + 1 < steps.len() { "))" } else { ")" });
    }
    Ok(())
}

impl Step {
    /// The row's value comes after the position's.
    fn beyond<'b>(&'b self, out: &mut AstPass<'_, 'b, Db>, table: &str) -> QueryResult<()> {
        let Some(value) = &self.value else {
            // Rows without a value are the last: after them nothing comes, before them all others.
            if !self.backwards {
                out.push_sql("1 = 0");
                return Ok(());
            }
            sorted(out, table, self.field)?;
            out.push_sql(" IS NOT NULL");
            return Ok(());
        };
        sorted(out, table, self.field)?;
        out.push_sql(if self.ascending { " > " } else { " < " });
        value.push(out)?;
        if self.field.nullable && !self.backwards {
            out.push_sql(" OR ");
            sorted(out, table, self.field)?;
            out.push_sql(" IS NULL");
        }
        Ok(())
    }

    fn same<'b>(&'b self, out: &mut AstPass<'_, 'b, Db>, table: &str) -> QueryResult<()> {
        sorted(out, table, self.field)?;
        match &self.value {
            None => {
                out.push_sql(" IS NULL");
                Ok(())
            }
            Some(value) => {
                out.push_sql(" = ");
                value.push(out)
            }
        }
    }
}

/// The order of a list query.
#[derive(Debug, Clone)]
pub(crate) struct Sort {
    table: &'static str,
    order: Vec<OrderBy>,
    backwards: bool,
    /// Whether a list of values or a range finds the rows: see [`by_id`]. The newest orders are the last
    /// ones in order of id, so that one would read all others before them.
    is_found_first: bool,
    /// Whether a condition names few rows, which are all looked at: see [`dialect::by_no_index`].
    finds_few: bool,
}

query_part!(Sort);

impl Sort {
    /// The order of a query on a table; from the end when the window looks back.
    pub(crate) fn new(table: &'static str, query: &ListQuery) -> Self {
        let finds = |condition: &Condition| {
            condition.test != Test::Equal || matches!(condition.value, Value::Texts(_))
        };
        Self {
            table,
            order: query.ordering.clone(),
            backwards: backwards(query),
            is_found_first: query.conditions.iter().any(finds),
            // Who goes on from a position reads no more than the rows of a page; the pages of a number
            // are counted, so that all rows are looked at.
            finds_few: counts(query) && query.conditions.iter().any(names_few),
        }
    }
}

/// Whether a condition names few rows of all: those with a value of their own, unlike those in a state,
/// or without a value.
fn names_few(condition: &Condition) -> bool {
    let is_shared = matches!(condition.field.kind, Kind::Choice { .. } | Kind::Flag);
    condition.test == Test::Equal && condition.value != Value::Null && !is_shared
}

impl QueryFragment<Db> for Sort {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        for (index, step) in self.order.iter().enumerate() {
            if index > 0 {
                out.push_sql(", ");
            }
            match self.is_found_first && index == 0 && step.field.name == "id" {
                true => by_id(&mut out, self.table)?,
                false => {
                    if self.finds_few && index == 0 && step.field.name != "id" {
                        dialect::by_no_index(&mut out);
                    }
                    sorted(&mut out, self.table, step.field)?;
                }
            }
            out.push_sql(if step.descending == self.backwards { " ASC" } else { " DESC" });
            if step.field.nullable {
                out.push_sql(if self.backwards { " NULLS FIRST" } else { " NULLS LAST" });
            }
        }
        Ok(())
    }
}

/// What ordering and search compare of a field: the folded copy, the beginning of a long text,
/// the row that a link leads to unless it is deleted, or the column itself.
fn sorted(out: &mut AstPass<'_, '_, Db>, table: &str, field: &Field) -> QueryResult<()> {
    match field.kind {
        Kind::LongText => {
            out.push_sql("substr(");
            column(out, table, field.name)?;
            out.push_sql(&format!(", 1, {LONG_TEXT_ORDER_CHARACTERS})"));
            Ok(())
        }
        Kind::Link { resource } => {
            out.push_sql("(SELECT target.id FROM ");
            out.push_identifier(&table_of(resource))?;
            out.push_sql(" AS target WHERE target.organization_id = ");
            column(out, table, "organization_id")?;
            out.push_sql(" AND target.id = ");
            column(out, table, &format!("{}_id", field.name))?;
            out.push_sql(" AND target.deleted_at IS NULL)");
            Ok(())
        }
        kind if kind.is_folded() => column(out, table, &format!("{}_folded", field.name)),
        _ => column(out, table, field.name),
    }
}

/// A resource's rows are in the table of its name.
fn table_of(resource: &str) -> String {
    resource.replace('-', "_")
}

fn backwards(query: &ListQuery) -> bool {
    matches!(&query.window, Window::Keyset { from: Some(Cursor { backwards: true, .. }), .. })
}

/// How many rows to skip and read for a window: one more than wanted, which tells whether there
/// are more.
pub(crate) fn extent(query: &ListQuery) -> (i64, i64) {
    match query.window {
        Window::Page { number, size } => ((number - 1) * size, size + 1),
        Window::Keyset { size, .. } => (0, size + 1),
    }
}

/// Whether a window asks for the count of all rows.
pub(crate) fn counts(query: &ListQuery) -> bool {
    matches!(query.window, Window::Page { .. })
}

/// The rows that were read as the part of a list that was asked for.
pub(crate) fn listing<R>(query: &ListQuery, mut records: Vec<R>, total: Option<i64>) -> Listing<R> {
    let (Window::Page { size, .. } | Window::Keyset { size, .. }) = query.window;
    let size = usize::try_from(size).unwrap_or(0);
    let more = records.len() > size;
    records.truncate(size);
    if backwards(query) {
        records.reverse();
    }
    Listing { records, total, more }
}
