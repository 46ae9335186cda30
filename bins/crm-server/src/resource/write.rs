//! One row: created, shown, replaced, changed, deleted, restored.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use domain_kernel::crud::{Reply, permit};
use domain_kernel::policy::Action;
use domain_kernel::query::marks_deletion;
use domain_kernel::{FieldErrors, Only, Resource, Shown, Which};
use serde_json::Value;

use super::sent::{Sent, write_with};
use super::{
    Change, Create, Delete, IGNORED_PARAMETERS, Replace, Restore, Retrieve, Served, id_in_path,
    parameters,
};
use crate::http::body::Submission;
use crate::http::caller::Caller;
use crate::http::described::Described;
use crate::http::etag;
use crate::http::failure::{Answer, Failure};
use crate::http::state::State;

/// `POST /api/<resource>/`
pub(crate) fn create<R: Served>(request: HttpRequest, sent: Sent<R>) -> Described<Create<R>> {
    Described::new(async move {
        let state = State::of(&request)?;
        let only = shown_fields::<R>(&request)?;
        let (caller, fingerprint, draft) = sent.draft(&state).await?;
        let mut data = R::read(draft.json)?;
        if let Some(address) = draft.address {
            let mut patch = R::Patch::default();
            R::with_file(&mut patch, address);
            data.apply(patch);
        }
        let context = caller.repeatable(&request, fingerprint)?;
        let crud = R::crud(state.application()).clone();
        let create = async move { crud.create(&context, data).await };
        let reply = write_with(&state, draft.file, create).await?;
        let mut response = written(StatusCode::CREATED, &reply, &only)?;
        if R::HAS_SECRET {
            let (name, value) =
                (header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
            response.headers_mut().insert(name, value);
        }
        Ok(response)
    })
}

/// `GET /api/<resource>/{id}/`
pub(crate) fn retrieve<R: Served>(request: HttpRequest, caller: Caller) -> Described<Retrieve<R>> {
    Described::new(async move {
        permit::<R>(&caller.context, Action::Read)?;
        let state = State::of(&request)?;
        let id = id_in_path::<R>(&request)?;
        let (only, which) = retrieve_parameters::<R>(&request)?;
        let crud = R::crud(state.application()).clone();
        let record =
            state.run(async move { crud.retrieve(&caller.context, id, which).await }).await?;
        let tag = etag::of(&record);
        let known = etag::is_known(&request, &tag);
        let tag = (header::ETAG, tag);
        if known {
            return Ok(HttpResponse::NotModified().insert_header(tag).finish());
        }
        Ok(HttpResponse::Ok().insert_header(tag).json(Shown { record: &record, only: &only }))
    })
}

/// `PUT /api/<resource>/{id}/`
pub(crate) fn replace<R: Served>(request: HttpRequest, sent: Sent<R>) -> Described<Replace<R>> {
    Described::new(update::<R>(request, sent, true))
}

/// `PATCH /api/<resource>/{id}/`
pub(crate) fn change<R: Served>(request: HttpRequest, sent: Sent<R>) -> Described<Change<R>> {
    Described::new(update::<R>(request, sent, false))
}

/// Every required field has to be there where it is `whole`; of the others, those that are not stay
/// as they are.
async fn update<R: Served>(request: HttpRequest, sent: Sent<R>, whole: bool) -> Answer {
    let state = State::of(&request)?;
    let (caller, fingerprint, draft) = sent.draft(&state).await?;
    if whole {
        R::read(draft.json.clone())?;
    }
    let mut patch = R::read_patch(draft.json)?;
    if let Some(address) = draft.address {
        R::with_file(&mut patch, address);
    }
    let id = id_in_path::<R>(&request)?;
    let only = shown_fields::<R>(&request)?;
    let expected = etag::expected(&request)?;
    let context = caller.repeatable(&request, fingerprint)?;
    let crud = R::crud(state.application()).clone();
    let update = async move { crud.update(&context, id, patch, expected).await };
    let reply = write_with(&state, draft.file, update).await?;
    written(StatusCode::OK, &reply, &only)
}

/// `DELETE /api/<resource>/{id}/`
pub(crate) fn delete<R: Served>(request: HttpRequest, caller: Caller) -> Described<Delete<R>> {
    Described::new(async move {
        permit::<R>(&caller.context, Action::Delete)?;
        let state = State::of(&request)?;
        let id = id_in_path::<R>(&request)?;
        let move_to = match R::MOVES_TO {
            Some(_) => move_to(&request)?,
            None => no_parameters(&request).map(|()| None)?,
        };
        let expected = etag::expected(&request)?;
        let crud = R::crud(state.application()).clone();
        let context = caller.context;
        state.run(async move { crud.delete_moving(&context, id, expected, move_to).await }).await?;
        Ok(HttpResponse::NoContent().finish())
    })
}

/// `POST /api/<resource>/{id}/restore/`
pub(crate) fn restore<R: Served>(
    request: HttpRequest,
    Submission { caller, body }: Submission,
) -> Described<Restore<R>> {
    Described::new(async move {
        permit::<R>(&caller.context, Action::Delete)?;
        let state = State::of(&request)?;
        let id = id_in_path::<R>(&request)?;
        let only = shown_fields::<R>(&request)?;
        domain_kernel::Input::new(body.json)?.finish()?;
        let context = caller.repeatable(&request, body.fingerprint)?;
        let crud = R::crud(state.application()).clone();
        let reply = state.run(async move { crud.restore(&context, id).await }).await?;
        written(StatusCode::OK, &reply, &only)
    })
}

/// Shows what a write gave, with its version as the entity tag.
pub(crate) fn written<R: Resource>(status: StatusCode, reply: &Reply<R>, only: &Only) -> Answer {
    let mut response = HttpResponse::build(status);
    Ok(match reply {
        Reply::Fresh(record) => {
            response.insert_header((header::ETAG, etag::of(record))).json(Shown { record, only })
        }
        Reply::Replayed(object) => {
            let version = object.get("version").and_then(Value::as_i64).unwrap_or_default();
            response
                .insert_header((header::ETAG, etag::of_version(version)))
                .insert_header(("idempotent-replayed", "true"))
                .json(selected(object, only))
        }
    })
}

/// An object with only some of its fields.
fn selected(object: &Value, only: &Only) -> Value {
    match object {
        Value::Object(map) => {
            let wanted = map.iter().filter(|(name, _)| only.shows(name));
            Value::Object(wanted.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        other => other.clone(),
    }
}

/// Reads the parameters of an operation that can only be told which fields to show.
pub(crate) fn shown_fields<R: Resource>(request: &HttpRequest) -> Result<Only, Failure> {
    named_parameters::<R>(request, &["fields"]).map(|(only, _)| only)
}

fn retrieve_parameters<R: Resource>(request: &HttpRequest) -> Result<(Only, Which), Failure> {
    let allowed: &[&str] = if marks_deletion::<R>() { &["fields", "deleted"] } else { &["fields"] };
    let (only, deleted) = named_parameters::<R>(request, allowed)?;
    Ok((only, if deleted { Which::Any } else { Which::Live }))
}

pub(crate) fn no_parameters(request: &HttpRequest) -> Result<(), Failure> {
    let mut errors = FieldErrors::default();
    for (name, _) in parameters(request)? {
        if !IGNORED_PARAMETERS.contains(&name.as_str()) {
            errors.add(&name, "Unknown parameter. None is allowed here.");
        }
    }
    Ok(errors.into_result()?)
}

/// The one parameter that an operation takes, where the request gives it; all others are refused by
/// name.
pub(crate) fn one_parameter<T>(
    request: &HttpRequest,
    known: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Failure> {
    let mut errors = FieldErrors::default();
    let mut given = None;
    for (name, value) in parameters(request)? {
        if name != known {
            if !IGNORED_PARAMETERS.contains(&name.as_str()) {
                errors.add(&name, format!("Unknown parameter. Allowed: {known}."));
            }
        } else if given.is_some() {
            errors.add(known, "This parameter was given more than once.");
        } else {
            match read(&value) {
                Ok(value) => given = Some(value),
                Err(message) => errors.add(known, message),
            }
        }
    }
    errors.into_result()?;
    Ok(given)
}

/// The row that takes over what a deleted one held, where the request names one.
fn move_to(request: &HttpRequest) -> Result<Option<i64>, Failure> {
    let read = |text: &str| text.parse().map_err(|_| "A valid integer is required.".to_owned());
    one_parameter(request, "move_to", read)
}

/// Reads `fields` and `deleted`, those that are allowed; refuses all others by name.
fn named_parameters<R: Resource>(
    request: &HttpRequest,
    allowed: &[&str],
) -> Result<(Only, bool), Failure> {
    let mut errors = FieldErrors::default();
    let mut kept = Vec::new();
    for (name, value) in parameters(request)? {
        if allowed.contains(&name.as_str()) {
            kept.push((name, value));
        } else if !IGNORED_PARAMETERS.contains(&name.as_str()) {
            let message = format!("Unknown parameter. Allowed: {}.", allowed.join(", "));
            errors.add(&name, message);
        }
    }
    errors.into_result()?;
    let (query, only) = domain_kernel::query::ListQuery::parse::<R>(&kept, &[])?;
    Ok((only, query.deleted))
}
