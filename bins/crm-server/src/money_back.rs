//! Money that goes back: credit notes for invoices, refunds of payments. Both are made once, beside
//! what they belong to, and listed as resources of their own.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use domain_kernel::crud::permit;
use domain_kernel::field::{LongText, Money};
use domain_kernel::policy::Action;
use domain_kernel::{Field, FieldType as _, Id, Input, Patch, Resource};
use domain_sales::{CreditNote, Invoice, Payment, Refund};
use paperclip::actix::web;

use crate::accounts::operation;
use crate::http::body::Submission;
use crate::http::described::{Described, Operation};
use crate::http::failure::Answer;
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::{Served, id_in_path, shown_fields, written};

/// How much goes back.
pub(crate) const AMOUNT: Field =
    Field::new("amount", "How much.", <Money<12>>::KIND, <Money<12>>::NULLABLE).required();
/// Why it goes back.
pub(crate) const REASON: Field = Field::new("reason", "Why.", LongText::KIND, LongText::NULLABLE);

/// Adds the routes.
pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
    config
        .service(
            web::resource("/api/invoices/{id}/credit/")
                .route(web::post().to(credit))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        )
        .service(
            web::resource("/api/payments/{id}/refund/")
                .route(web::post().to(refund))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        );
}

operation!(CreditInvoice, "invoices_credit");
operation!(RefundPayment, "payments_refund");

/// `POST /api/invoices/{id}/credit/`
fn credit(request: HttpRequest, submission: Submission) -> Described<CreditInvoice> {
    Described::new(give_back::<Invoice, CreditNote>(request, submission, CreditNote::wanted))
}

/// `POST /api/payments/{id}/refund/`
fn refund(request: HttpRequest, submission: Submission) -> Described<RefundPayment> {
    Described::new(give_back::<Payment, Refund>(request, submission, Refund::wanted))
}

/// Makes a `B` for the `O` that the path names.
async fn give_back<O: Resource, B: Served>(
    request: HttpRequest,
    Submission { caller, body }: Submission,
    wanted: fn(Id<O>, Money<12>, LongText) -> B,
) -> Answer {
    permit::<B>(&caller.context, Action::Create)?;
    let state = State::of(&request)?;
    let id = id_in_path::<O>(&request)?;
    let only = shown_fields::<B>(&request)?;
    let mut input = Input::new(body.json)?;
    let amount = input.take::<Money<12>>(&AMOUNT);
    let reason = match input.take_patch::<LongText>(&REASON) {
        Patch::Set(reason) => reason,
        Patch::Keep => LongText::default(),
    };
    input.finish()?;
    // Without one there is an error, which has ended the reading.
    let data = wanted(id, amount.unwrap_or_default(), reason);
    let context = caller.repeatable(&request, body.fingerprint)?;
    let crud = B::crud(state.application()).clone();
    let reply = state.run(async move { crud.create(&context, data).await }).await?;
    written(StatusCode::CREATED, &reply, &only)
}
