//! Contacts and products from a spreadsheet.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use domain_integrations::import::{Outcome, SheetFormat, Target};
use domain_kernel::{Error, FieldErrors};
use paperclip::actix::web;

use crate::accounts::operation;
use crate::http::caller::Caller;
use crate::http::described::{Described, Operation};
use crate::http::failure::Failure;
use crate::http::multipart::{self, Limits, Parts};
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::write;

/// Largest file, and with it room for the rest and for what is somewhat too large.
pub(crate) const MAX_FILE: usize = 10 * 1024 * 1024;
const LIMITS: Limits = Limits { file: MAX_FILE, total: 2 * MAX_FILE };

/// Adds the route.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config.service(
        web::resource("/api/data-import/")
            .route(web::post().to(import))
            .default_service(actix_web::web::to(refuse_method(&["POST"]))),
    );
}

operation!(Import, "data-import_create");

/// `POST /api/data-import/`
fn import(request: HttpRequest, caller: Caller, payload: Payload) -> Described<Import> {
    Described::new(async move {
        may_import_something(&caller)?;
        write::no_parameters(&request)?;
        let state = State::of(&request)?;
        let parts = multipart::read(&request, payload, LIMITS).await?;
        caller.check_again(&state).await?;
        let context = caller.repeatable(&request, parts.fingerprint.clone())?;
        let (target, format, file) = wanted(parts)?;
        let imports = state.application().imports.clone();
        let outcome = state
            .run_long(async move { imports.import(&context, target, format, file).await })
            .await?;
        Ok(match outcome {
            Outcome::Fresh(report) => HttpResponse::Ok().json(report),
            Outcome::Replayed(report) => {
                HttpResponse::Ok().insert_header(("idempotent-replayed", "true")).json(report)
            }
        })
    })
}

/// Refuses who may import nothing before they send a file.
fn may_import_something(caller: &Caller) -> Result<(), Failure> {
    let mut refusals = Target::ALL.iter().filter_map(|one| one.permit(&caller.context).err());
    match (refusals.next(), refusals.next()) {
        (Some(refusal), Some(_)) => Err(refusal.into()),
        _ => Ok(()),
    }
}

/// What is to be imported.
fn wanted(mut parts: Parts) -> Result<(Target, SheetFormat, Vec<u8>), Failure> {
    let mut errors = FieldErrors::default();
    let target = match parts.text("resource") {
        None => Err("This field is required.".to_owned()),
        Some(name) => {
            Target::called(&name).ok_or_else(|| format!("\"{name}\" is not a valid choice."))
        }
    };
    let file = parts.required_file("file");
    parts.finish()?;
    let target = target.map_err(|message| errors.add("resource", message)).ok();
    let format = match file {
        Ok(file) => match SheetFormat::of_file(&file.file_name) {
            Some(format) => Some((format, file.bytes)),
            None => {
                errors.add("file", "Send a .csv or .xlsx file.");
                None
            }
        },
        Err(Failure::Domain(Error::Invalid(wrong))) => {
            errors.0.extend(wrong.0);
            None
        }
        Err(other) => return Err(other),
    };
    errors.into_result()?;
    match (target, format) {
        (Some(target), Some((format, bytes))) => Ok((target, format, bytes.into())),
        _ => Err(Error::internal("a part was lost without a message").into()),
    }
}
