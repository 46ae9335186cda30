//! Many writes in one request.
//!
//! `{"atomic": true, "operations": [{"op": "create", "data": {…}}, {"op": "update", "id": 1,
//! "data": {…}, "version": 3}, {"op": "delete", "id": 2}]}` is answered by `{"committed": true,
//! "results": [{"status": 201, "id": 9, "data": {…}}, …]}` in the same order.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use domain_kernel::crud::{BulkItem, BulkOutcome, BulkResult, MAX_BULK_ITEMS, permit};
use domain_kernel::policy::Action;
use domain_kernel::{Error, FieldErrors, Id, Resource, Result};
use serde_json::{Map, Value, json};

use super::{Bulk, Served, write};
use crate::http::body::Submission;
use crate::http::described::Described;
use crate::http::failure::status_of;
use crate::http::state::State;

/// Fewest and most operations of a request.
pub(crate) const fn limits() -> (usize, usize) {
    (1, MAX_BULK_ITEMS)
}

/// `POST /api/<resource>/bulk/`
pub(crate) fn bulk<R: Served>(
    request: HttpRequest,
    Submission { caller, body }: Submission,
) -> Described<Bulk<R>> {
    Described::new(async move {
        permit::<R>(&caller.context, Action::Bulk)?;
        let state = State::of(&request)?;
        write::no_parameters(&request)?;
        let (items, atomic) = read::<R>(body.json)?;
        let context = caller.repeatable(&request, body.fingerprint)?;
        let crud = R::crud(state.application()).clone();
        let show = |results: &[BulkResult<R>]| shown(true, results);
        let outcome =
            state.run(async move { crud.bulk(&context, items, atomic, show).await }).await?;
        Ok(match outcome {
            BulkOutcome::Replayed(answer) => {
                HttpResponse::Ok().insert_header(("idempotent-replayed", "true")).json(answer)
            }
            BulkOutcome::Fresh { committed, results } => {
                let status = if committed { StatusCode::OK } else { StatusCode::BAD_REQUEST };
                HttpResponse::build(status).json(shown(committed, &results)?)
            }
        })
    })
}

type Items<R> = (Vec<Result<BulkItem<R>>>, bool);

fn read<R: Resource>(json: Value) -> Result<Items<R>> {
    let Value::Object(mut object) = json else {
        return Err(Error::field("non_field_errors", "Invalid data. Expected an object."));
    };
    let mut errors = FieldErrors::default();
    let atomic = match object.remove("atomic") {
        None => true,
        Some(Value::Bool(atomic)) => atomic,
        Some(_) => {
            errors.add("atomic", "Must be true or false.");
            true
        }
    };
    let items = match object.remove("operations") {
        // How many there may be is the use case's rule.
        Some(Value::Array(items)) => items,
        Some(_) => {
            errors.add("operations", "Expected a list.");
            Vec::new()
        }
        None => {
            errors.add("operations", "This field is required.");
            Vec::new()
        }
    };
    for name in object.keys() {
        errors.add(name, "Unknown field.");
    }
    errors.into_result()?;
    Ok((items.into_iter().map(read_item).collect(), atomic))
}

fn read_item<R: Resource>(json: Value) -> Result<BulkItem<R>> {
    let Value::Object(mut item) = json else {
        return Err(Error::field("non_field_errors", "Invalid data. Expected an object."));
    };
    let operation = item.remove("op");
    let read = match operation.as_ref().and_then(Value::as_str) {
        Some("create") => BulkItem::Create(R::read(data(&mut item))?),
        Some("update") => {
            let patch = R::read_patch(data(&mut item))?;
            BulkItem::Update(id(&mut item)?, patch, version(&mut item)?)
        }
        Some("delete") => BulkItem::Delete(id(&mut item)?, version(&mut item)?),
        _ => return Err(Error::field("op", "Must be create, update or delete.")),
    };
    match item.keys().next() {
        Some(unknown) => Err(Error::field(unknown, "Unknown field.")),
        None => Ok(read),
    }
}

fn data(item: &mut Map<String, Value>) -> Value {
    item.remove("data").unwrap_or_else(|| json!({}))
}

fn id<R>(item: &mut Map<String, Value>) -> Result<Id<R>> {
    match item.remove("id") {
        None => Err(Error::field("id", "This field is required.")),
        Some(json) => match json.as_i64() {
            Some(id) if id > 0 => Ok(Id::new(id)),
            // A whole number that is no id names no row.
            _ if json.is_i64() || json.is_u64() => Err(Error::NotFound),
            _ => Err(Error::field("id", "A valid integer is required.")),
        },
    }
}

fn version(item: &mut Map<String, Value>) -> Result<Option<i64>> {
    match item.remove("version") {
        None => Ok(None),
        Some(json) => match json.as_i64() {
            Some(version) => Ok(Some(version)),
            None => Err(Error::field("version", "A valid integer is required.")),
        },
    }
}

/// The results as the API shows them.
fn shown<R: Resource>(committed: bool, results: &[BulkResult<R>]) -> Result<Value> {
    let results: Result<Vec<Value>> = results
        .iter()
        .map(|result| {
            Ok(match result {
                BulkResult::Created(record) => {
                    json!({ "status": 201, "id": record.id, "data": record.json()? })
                }
                BulkResult::Updated(record) => {
                    json!({ "status": 200, "id": record.id, "data": record.json()? })
                }
                BulkResult::Deleted(id) => json!({ "status": 204, "id": id }),
                BulkResult::RolledBack => json!({
                    "status": 424,
                    "errors": { "detail": "Not done, because another operation failed." },
                }),
                BulkResult::Failed(error) => failed(error),
            })
        })
        .collect();
    Ok(json!({ "committed": committed, "results": results? }))
}

fn failed(error: &Error) -> Value {
    let errors = match error {
        Error::Invalid(errors) => json!(errors),
        other => json!({ "detail": other.to_string() }),
    };
    json!({ "status": status_of(error).as_u16(), "errors": errors })
}
