//! What is sent to write one row: an object as JSON, or a form where the row can hold a file.

use std::future::Future;
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};
use domain_kernel::crud::{Reply, permit};
use domain_kernel::files::{FileField, Pending, Sent as SentFile};
use domain_kernel::policy::Action;
use domain_kernel::{Error, Kind, Resource, Result as DomainResult, all_fields};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use serde_json::{Map, Value};

use crate::http::body::{JsonBody, parse};
use crate::http::caller::Caller;
use crate::http::failure::Failure;
use crate::http::multipart::{self, Limits, UploadedFile};
use crate::http::state::State;

/// Room for the texts of a form beside its file, and for saying that the file is too large.
const BESIDE_FILE: usize = 1 << 20;

/// What Django REST Framework answers to something else in place of a file.
const NO_FILE: &str = "The submitted data was not a file. Check the encoding type on the form.";

/// What was sent to write a row, from a signed-in caller who may write such rows.
pub(crate) struct Sent<R> {
    /// Who sent it.
    pub(crate) caller: Caller,
    /// SHA-256 of the request.
    pub(crate) fingerprint: Vec<u8>,
    json: Value,
    file: FileChange,
    of: PhantomData<R>,
}

/// What becomes of the row's file.
enum FileChange {
    Keep,
    TakeOut,
    Put(UploadedFile),
}

/// What was sent, ready to be read as a row.
pub(crate) struct Draft {
    /// The object.
    pub(crate) json: Value,
    /// The file that is to be kept before the row is written.
    pub(crate) file: Option<Pending>,
    /// The new address of the row's file, where that changes; none takes it out.
    pub(crate) address: Option<Option<String>>,
}

impl<R: Resource> FromRequest for Sent<R> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        let form = R::FILE.filter(|_| is_form(request));
        let mut payload = payload.take();
        let request = request.clone();
        async move {
            let caller = caller.await?;
            let action =
                if request.method() == Method::POST { Action::Create } else { Action::Update };
            permit::<R>(&caller.context, action)?;
            let (json, fingerprint, file) = match form {
                Some(field) => read_form::<R>(&request, &field, payload).await?,
                None => {
                    let JsonBody { json, fingerprint } =
                        JsonBody::from_request(&request, &mut payload).await?;
                    let (json, file) = split(json, R::FILE)?;
                    (json, fingerprint, file)
                }
            };
            caller.check_again(&State::of(&request)?).await?;
            Ok(Self { caller, fingerprint, json, file, of: PhantomData })
        }
        .boxed_local()
    }
}

impl<R: Resource> Sent<R> {
    /// Makes the file ready that came with it, and says in the object where it is going to be.
    pub(crate) async fn draft(self, state: &State) -> Result<(Caller, Vec<u8>, Draft), Failure> {
        let Self { caller, fingerprint, mut json, file, .. } = self;
        let draft = match (file, R::FILE) {
            (FileChange::Put(file), Some(field)) => {
                let (files, context) = (state.application().files.clone(), caller.context.clone());
                let sent = SentFile { name: file.file_name, bytes: file.bytes.into() };
                let pending =
                    state.run(async move { files.prepare(&context, &field, sent).await }).await?;
                if let Value::Object(map) = &mut json {
                    // Ignored where only the server writes it.
                    map.insert(field.address.to_owned(), Value::String(pending.address.clone()));
                    if let Some(name) = field.name {
                        map.entry(name).or_insert_with(|| Value::String(pending.name.clone()));
                    }
                }
                let address = Some(Some(pending.address.clone()));
                Draft { json, file: Some(pending), address }
            }
            (FileChange::TakeOut, _) => Draft { json, file: None, address: Some(None) },
            (FileChange::Keep | FileChange::Put(_), _) => Draft { json, file: None, address: None },
        };
        Ok((caller, fingerprint, draft))
    }
}

/// Keeps a file, then writes the row that names it; the file goes again when the row is surely not
/// written.
pub(crate) async fn write_with<R: Resource>(
    state: &State,
    file: Option<Pending>,
    write: impl Future<Output = DomainResult<Reply<R>>> + Send + 'static,
) -> Result<Reply<R>, Failure> {
    let Some(file) = file else { return state.run(write).await };
    let files = state.application().files.clone();
    state
        .run(async move {
            let key = files.keep(file).await?;
            let outcome = write.await;
            if is_named_by_nothing(&outcome)
                && let Err(error) = files.discard(key).await
            {
                tracing::warn!(%error, "a file that no row names is not deleted yet");
            }
            outcome
        })
        .await
}

/// Whether surely no row names the file that came with a write. An error of the store is no answer: a
/// connection that is lost while the unit commits may have been lost after it. Such a file stays, and
/// the sweep of files finds out.
fn is_named_by_nothing<T>(outcome: &DomainResult<Reply<T>>) -> bool {
    !matches!(outcome, Ok(Reply::Fresh(_)) | Err(Error::Internal(_) | Error::Unavailable(_)))
}

fn is_form(request: &HttpRequest) -> bool {
    let given = request.headers().get(header::CONTENT_TYPE);
    let text = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

async fn read_form<R: Resource>(
    request: &HttpRequest,
    field: &FileField,
    payload: Payload,
) -> Result<(Value, Vec<u8>, FileChange), Failure> {
    let limit = State::of(request)?.config().files.limit;
    let limits = Limits { file: limit, total: limit.saturating_add(BESIDE_FILE) };
    let payload = web::Payload::from_request(request, &mut { payload }).await;
    let payload = payload.map_err(|error| Failure::bad(error.to_string()))?;
    let mut parts = multipart::read(request, payload, limits).await?;
    let file = match (parts.file(field.part), parts.text(field.part)) {
        (Some(file), _) => FileChange::Put(file),
        (None, None) => FileChange::Keep,
        (None, Some(text)) if text.is_empty() => taken_out(field)?,
        (None, Some(_)) => return Err(Error::field(field.part, NO_FILE).into()),
    };
    let fingerprint = std::mem::take(&mut parts.fingerprint);
    let mut object = Map::new();
    for (name, text) in parts.into_texts()? {
        let declared = all_fields::<R>().find(|declared| declared.name == name);
        let value = match declared {
            Some(declared) => value_of(declared.kind, declared.nullable, text)
                .map_err(|message| Error::field(&name, message))?,
            None => Value::String(text),
        };
        object.insert(name, value);
    }
    Ok((Value::Object(object), fingerprint, file))
}

/// The value that a field of a form says, in JSON: forms know texts only.
fn value_of(kind: Kind, nullable: bool, text: String) -> Result<Value, String> {
    if text.is_empty() && nullable {
        return Ok(Value::Null);
    }
    Ok(match kind {
        Kind::Flag => match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "1" | "yes" => Value::Bool(true),
            // What a browser sends of a box that is not ticked is nothing at all.
            "false" | "off" | "0" | "no" => Value::Bool(false),
            _ => Value::String(text),
        },
        Kind::Json | Kind::Object | Kind::Links { .. } | Kind::Rows { .. } => {
            parse(text.as_bytes()).map_err(|_| "Value must be valid JSON.".to_owned())?
        }
        Kind::Integer
        | Kind::Count
        | Kind::Link { .. }
        | Kind::Key { .. }
        | Kind::Member
        | Kind::Target => match text.trim().parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::String(text),
        },
        _ => Value::String(text),
    })
}

/// Takes what an object says about the file out of it.
fn split(mut json: Value, field: Option<FileField>) -> Result<(Value, FileChange), Failure> {
    let (Some(field), Some(map)) = (field, json.as_object_mut()) else {
        return Ok((json, FileChange::Keep));
    };
    let file = match map.remove(field.part) {
        None => FileChange::Keep,
        Some(Value::Null) => taken_out(&field)?,
        Some(_) => return Err(Error::field(field.part, NO_FILE).into()),
    };
    Ok((json, file))
}

fn taken_out(field: &FileField) -> Result<FileChange, Failure> {
    if field.nullable {
        return Ok(FileChange::TakeOut);
    }
    Err(Error::field(field.part, "This field may not be null.").into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_file_stays_while_a_row_may_name_it() {
        let named = |outcome: DomainResult<Reply<()>>| !is_named_by_nothing(&outcome);
        assert!(named(Err(Error::internal("the connection was lost"))));
        assert!(named(Err(Error::Unavailable("The database does not answer."))));
        for refused in [Error::NotFound, Error::Busy, Error::Conflict("Taken.".to_owned())] {
            assert!(!named(Err(refused)));
        }
        assert!(!named(Ok(Reply::Replayed(Value::Null))), "the first request's file is named");
    }

    #[test]
    fn texts_of_a_form_are_what_their_fields_hold() {
        let read = |kind, text: &str| value_of(kind, false, text.to_owned());
        assert_eq!(read(Kind::Flag, "On"), Ok(json!(true)));
        assert_eq!(read(Kind::Flag, "perhaps"), Ok(json!("perhaps")));
        assert_eq!(read(Kind::Count, "12"), Ok(json!(12)));
        assert_eq!(read(Kind::Link { resource: "categories" }, "x"), Ok(json!("x")));
        assert_eq!(read(Kind::Object, r#"{"a": 1}"#), Ok(json!({ "a": 1 })));
        assert!(read(Kind::Object, "{").is_err());
        assert_eq!(read(Kind::ShortText { max: 9 }, "12"), Ok(json!("12")));
        assert_eq!(value_of(Kind::Member, true, String::new()), Ok(Value::Null));
    }
}
