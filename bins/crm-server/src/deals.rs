//! What is done with leads, deals and activities beside writing them: converting, ending, completing.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use domain_kernel::crud::permit;
use domain_kernel::field::LongText;
use domain_kernel::policy::Action;
use domain_kernel::{Field, FieldType as _, Input, Patch};
use domain_sales::{Activity, Conversion, Lead, Opportunity, Outcome};
use paperclip::actix::web;

use crate::accounts::operation;
use crate::http::body::Submission;
use crate::http::described::{Described, Operation};
use crate::http::etag;
use crate::http::failure::{Answer, Failure};
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::{id_in_path, shown_fields, written};

/// Why a deal was won or lost.
pub(crate) const REASON: Field =
    Field::new("reason", "Why it ended so.", LongText::KIND, LongText::NULLABLE);

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/opportunities/{id}/win/")
                .route(web::post().to(win))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/opportunities/{id}/lose/")
                .route(web::post().to(lose))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/opportunities/{id}/reopen/")
                .route(web::post().to(reopen))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/leads/{id}/convert/")
                .route(web::post().to(convert))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/deal-activities/{id}/complete/")
                .route(web::post().to(complete))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        );
}

operation!(WinDeal, "opportunities_win");
operation!(LoseDeal, "opportunities_lose");
operation!(ReopenDeal, "opportunities_reopen");
operation!(ConvertLead, "leads_convert");
operation!(CompleteActivity, "deal-activities_complete");

/// `POST /api/opportunities/{id}/win/`
fn win(request: HttpRequest, submission: Submission) -> Described<WinDeal> {
    Described::new(conclude(request, submission, |input| reason(input).map(Outcome::Win)))
}

/// `POST /api/opportunities/{id}/lose/`
fn lose(request: HttpRequest, submission: Submission) -> Described<LoseDeal> {
    Described::new(conclude(request, submission, |input| reason(input).map(Outcome::Lose)))
}

/// `POST /api/opportunities/{id}/reopen/`
fn reopen(request: HttpRequest, submission: Submission) -> Described<ReopenDeal> {
    Described::new(conclude(request, submission, |input| {
        input.finish()?;
        Ok(Outcome::Reopen)
    }))
}

/// Why a deal ended; empty where nobody says.
fn reason(mut input: Input) -> Result<LongText, Failure> {
    let reason = input.take_patch::<LongText>(&REASON);
    input.finish()?;
    Ok(match reason {
        Patch::Set(reason) => reason,
        Patch::Keep => LongText::default(),
    })
}

async fn conclude(
    request: HttpRequest,
    Submission { caller, body }: Submission,
    read: impl FnOnce(Input) -> Result<Outcome, Failure>,
) -> Answer {
    permit::<Opportunity>(&caller.context, Action::Update)?;
    let state = State::of(&request)?;
    let id = id_in_path::<Opportunity>(&request)?;
    let only = shown_fields::<Opportunity>(&request)?;
    let expected = etag::expected(&request)?;
    let outcome = read(Input::new(body.json)?)?;
    let context = caller.repeatable(&request, body.fingerprint)?;
    let sales = state.application().sales.clone();
    let reply =
        state.run(async move { sales.conclude(&context, id, outcome, expected).await }).await?;
    written(StatusCode::OK, &reply, &only)
}

/// `POST /api/leads/{id}/convert/`
fn convert(
    request: HttpRequest,
    Submission { caller, body }: Submission,
) -> Described<ConvertLead> {
    Described::new(async move {
        permit::<Lead>(&caller.context, Action::Update)?;
        let state = State::of(&request)?;
        let id = id_in_path::<Lead>(&request)?;
        let only = shown_fields::<Lead>(&request)?;
        let wish = Conversion::read(body.json)?;
        let context = caller.repeatable(&request, body.fingerprint)?;
        let sales = state.application().sales.clone();
        let reply = state.run(async move { sales.convert(&context, id, wish).await }).await?;
        written(StatusCode::OK, &reply, &only)
    })
}

/// `POST /api/deal-activities/{id}/complete/`
fn complete(
    request: HttpRequest,
    Submission { caller, body }: Submission,
) -> Described<CompleteActivity> {
    Described::new(async move {
        permit::<Activity>(&caller.context, Action::Update)?;
        let state = State::of(&request)?;
        let id = id_in_path::<Activity>(&request)?;
        let only = shown_fields::<Activity>(&request)?;
        let expected = etag::expected(&request)?;
        Input::new(body.json)?.finish()?;
        let context = caller.repeatable(&request, body.fingerprint)?;
        let sales = state.application().sales.clone();
        let reply = state.run(async move { sales.complete(&context, id, expected).await }).await?;
        written(StatusCode::OK, &reply, &only)
    })
}
