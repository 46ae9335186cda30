//! What a [`ListQuery`] means.

use std::cmp::Ordering;

use domain_kernel::query::{Condition, ListQuery, Listing, OrderBy, Test, Window};
use domain_kernel::{Fields, Record, Value, fold, sort_key};

/// The part of a workspace's rows that a query asks for.
pub(super) fn list<T: Fields>(
    rows: impl Iterator<Item = Record<T>>,
    query: &ListQuery,
) -> Listing<Record<T>> {
    let mut rows: Vec<Row<T>> = rows
        .filter(|row| row.deleted_at.is_some() == query.deleted)
        .filter(|row| query.conditions.iter().all(|condition| holds(condition, row)))
        .filter(|row| query.words.iter().all(|word| occurs(word, row)))
        .map(|row| Row {
            keys: query.ordering.iter().map(|step| sort_key(&row, step)).collect(),
            row,
        })
        .collect();
    rows.sort_by(|one, two| compare(&one.keys, &two.keys, &query.ordering));
    window(rows, query)
}

/// A row with what ordering compares of it.
struct Row<T> {
    keys: Vec<Value>,
    row: Record<T>,
}

/// Whether a row meets a condition; text is the same when it is written the same. A row without a
/// value is neither before nor after anything.
fn holds<T: Fields>(condition: &Condition, row: &Record<T>) -> bool {
    let Condition { field, test, value } = condition;
    let actual = row.value(field.name).unwrap_or(Value::Null);
    if let Value::Texts(texts) = value {
        let compared = |text: &str| match field.kind.is_folded() {
            true => fold(text),
            false => text.to_owned(),
        };
        let Value::Text(actual) = actual else { return false };
        return texts.iter().any(|text| compared(text) == compared(&actual));
    }
    match test {
        Test::Equal => actual == *value,
        _ if actual == Value::Null || *value == Value::Null => false,
        Test::From => ascending(&actual, value).is_ge(),
        Test::Until => ascending(&actual, value).is_le(),
    }
}

/// Whether a folded word occurs in one of the searched fields.
fn occurs<T: Fields>(word: &str, row: &Record<T>) -> bool {
    T::FIELDS.iter().filter(|field| field.searched).any(|field| {
        matches!(row.value(field.name), Some(Value::Text(text)) if fold(&text).contains(word))
    })
}

/// Compares two positions, step by step.
fn compare(one: &[Value], two: &[Value], order: &[OrderBy]) -> Ordering {
    let steps = one.iter().zip(two).zip(order);
    steps.fold(Ordering::Equal, |so_far, ((one, two), step)| {
        so_far.then_with(|| match (one, two) {
            // Nothing comes last, whichever the direction.
            (Value::Null, _) | (_, Value::Null) => ascending(one, two),
            _ if step.descending => ascending(two, one),
            _ => ascending(one, two),
        })
    })
}

/// Compares two values of one kind; text bytewise, nothing after everything.
fn ascending(one: &Value, two: &Value) -> Ordering {
    match (one, two) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Integer(one), Value::Integer(two)) => one.cmp(two),
        (Value::Text(one), Value::Text(two)) => one.as_bytes().cmp(two.as_bytes()),
        (Value::Timestamp(one), Value::Timestamp(two)) => one.cmp(two),
        (Value::Flag(one), Value::Flag(two)) => one.cmp(two),
        (Value::Date(one), Value::Date(two)) => one.cmp(two),
        _ => unreachable!("a field's values are of one kind"),
    }
}

/// Cuts the wanted part out of all rows that match.
fn window<T>(mut rows: Vec<Row<T>>, query: &ListQuery) -> Listing<Record<T>> {
    let count = |size: i64| usize::try_from(size).expect("a size is not negative");
    let (total, more) = match &query.window {
        Window::Page { number, size } => {
            let total = rows.len();
            let before = count((number - 1).saturating_mul(*size)).min(total);
            rows.drain(..before);
            let more = rows.len() > count(*size);
            rows.truncate(count(*size));
            (Some(i64::try_from(total).expect("rows fit into memory")), more)
        }
        Window::Keyset { from, size } => {
            let backwards = from.as_ref().is_some_and(|cursor| cursor.backwards);
            if let Some(cursor) = from {
                let wanted = if backwards { Ordering::Less } else { Ordering::Greater };
                rows.retain(|row| compare(&row.keys, &cursor.values, &query.ordering) == wanted);
            }
            let surplus = rows.len().saturating_sub(count(*size));
            if backwards {
                rows.drain(..surplus);
            } else {
                rows.truncate(count(*size));
            }
            (None, surplus > 0)
        }
    };
    Listing { records: rows.into_iter().map(|row| row.row).collect(), total, more }
}
