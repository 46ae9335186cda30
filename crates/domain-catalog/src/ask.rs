//! Questions that the rules of the catalog ask of its lists.

use domain_kernel::query::{Condition, ListQuery, Test, Window};
use domain_kernel::{Id, Record, Resource, Result, Value, all_fields};

use crate::Unit;

/// That a field has a value; none for a name that is no field of `T`.
pub(crate) fn is<T: Resource>(name: &str, value: Value) -> Vec<Condition> {
    let field = all_fields::<T>().find(|field| field.name == name);
    field.map(|field| Condition { field, test: Test::Equal, value }).into_iter().collect()
}

/// All live rows that meet the conditions, in order of id.
pub(crate) async fn all<T: Resource<Work = Unit>>(
    work: &mut Unit,
    conditions: Vec<Condition>,
) -> Result<Vec<Record<T>>> {
    let window = Window::Keyset { from: None, size: i64::from(i32::MAX) };
    let query = ListQuery { conditions, window, ..in_order_of_id::<T>() };
    Ok(T::records(work).list(&query).await?.records)
}

/// How many live rows meet the conditions.
pub(crate) async fn count<T: Resource<Work = Unit>>(
    work: &mut Unit,
    conditions: Vec<Condition>,
) -> Result<i64> {
    let window = Window::Page { number: 1, size: 1 };
    let query = ListQuery { conditions, window, ..in_order_of_id::<T>() };
    Ok(T::records(work).list(&query).await?.total.unwrap_or(0))
}

/// Whether another live row than `own` has a text in a field, written the same.
pub(crate) async fn is_taken<T: Resource<Work = Unit>>(
    work: &mut Unit,
    field: &str,
    text: &str,
    own: Option<Id<T>>,
) -> Result<bool> {
    let conditions = is::<T>(field, Value::Text(text.to_owned()));
    let window = Window::Keyset { from: None, size: 2 };
    let query = ListQuery { conditions, window, ..in_order_of_id::<T>() };
    let found = T::records(work).list(&query).await?.records;
    Ok(found.iter().any(|row| Some(row.id) != own))
}

fn in_order_of_id<T: Resource>() -> ListQuery {
    let mut query = ListQuery::all::<T>();
    query.ordering.retain(|step| step.field.name == "id");
    query
}
