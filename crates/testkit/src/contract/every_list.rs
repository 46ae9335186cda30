//! What every list must keep: a filter finds the rows that have its value, an order puts them in order.

use std::collections::BTreeSet;

use domain_kernel::query::{Condition, ListQuery, OrderBy, Test, filters, orderable};
use domain_kernel::{Record, Resource, Value, sort_key};

use super::steps::ids;

/// Asks a list by every filter with every value that its rows have, and in every order.
pub(super) async fn check_list<T: Resource>(answer: impl AsyncFn(ListQuery) -> Vec<Record<T>>) {
    let all = answer(ListQuery::all::<T>()).await;
    assert!(all.len() > 1, "{}: there is something to tell apart", T::NAME);
    for (name, field, test) in filters::<T>() {
        for row in &all {
            let value = row.value(field.name).expect("a declared field");
            if value == Value::Null && test != Test::Equal {
                continue;
            }
            let condition = Condition { field, test, value: value.clone() };
            let query = ListQuery { conditions: vec![condition], ..ListQuery::all::<T>() };
            let found: BTreeSet<_> = ids(&answer(query).await).into_iter().collect();
            let holds = |other: &&Record<T>| {
                let other = other.value(field.name).expect("a declared field");
                match test {
                    Test::Equal => other == value,
                    Test::From => at(&other).is_some_and(|other| Some(other) >= at(&value)),
                    Test::Until => at(&other).is_some_and(|other| Some(other) <= at(&value)),
                }
            };
            let expected: BTreeSet<_> = all.iter().filter(holds).map(|row| row.id.raw()).collect();
            assert_eq!(found, expected, "{}?{name}={value:?}", T::NAME);
        }
    }
    for field in orderable::<T>() {
        for descending in [false, true] {
            let step = OrderBy { field, descending };
            let ordering = vec![step, OrderBy { field: &T::BESIDE[0], descending: false }];
            let query = ListQuery { ordering, ..ListQuery::all::<T>() };
            let found = answer(query).await;
            assert_eq!(found.len(), all.len(), "{}: {}", T::NAME, field.name);
            for pair in found.windows(2) {
                let [one, two] = [&pair[0], &pair[1]].map(|row| sort_key(row, &step));
                let in_order = match (&one, &two) {
                    (_, Value::Null) => true,
                    (Value::Null, _) => false,
                    _ if descending => rank(&one) >= rank(&two),
                    _ => rank(&one) <= rank(&two),
                };
                assert!(in_order, "{}: {} {one:?} before {two:?}", T::NAME, field.name);
            }
        }
    }
}

/// An instant or a day as a number; none for no value.
fn at(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(at) => Some(at.as_microsecond()),
        Value::Date(day) => Some(i64::from(day.year()) * 400 + i64::from(day.day_of_year())),
        _ => None,
    }
}

/// What order compares of a value: numbers first, then text bytewise.
fn rank(value: &Value) -> (i64, String) {
    match value {
        Value::Integer(number) => (*number, String::new()),
        Value::Flag(flag) => (i64::from(*flag), String::new()),
        Value::Text(text) => (0, text.clone()),
        other => (at(other).unwrap_or_default(), String::new()),
    }
}
