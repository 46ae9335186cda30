//! Moves of documents from state to state, each at an address of its own: confirming an order, for
//! instance. Writing the state by PATCH does the same.

use std::marker::PhantomData;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use domain_kernel::crud::permit;
use domain_kernel::policy::Action;
use domain_kernel::{Input, Record, Result};
use domain_sales::invoice::status::InvoiceState;
use domain_sales::order::status::OrderState;
use domain_sales::shipment::status::ShipmentState;
use domain_sales::{Invoice, Order, Shipment};
use paperclip::actix::web;

use crate::http::body::Submission;
use crate::http::described::{Described, Operation};
use crate::http::etag;
use crate::http::state::State;
use crate::operations::refuse_method;
use crate::resource::{Served, id_in_path, shown_fields, written};

/// A move of one kind of document.
pub(crate) trait Act: Send + Sync + 'static {
    /// The document.
    type Of: Served;
    /// The last part of the path: `confirm`.
    const NAME: &'static str;
    /// A few words for the API document.
    const SUMMARY: &'static str;
    /// A sentence for it.
    const TEXT: &'static str;

    /// What becomes of a document.
    fn act(document: &Record<Self::Of>) -> Result<Self::Of>;
}

/// Names the operation of a move: `orders_confirm`.
pub(crate) struct Acts<A>(PhantomData<A>);

impl<A: Act> Operation for Acts<A> {
    fn id() -> String {
        use domain_kernel::Resource as _;
        format!("{}_{}", A::Of::NAME, A::NAME)
    }
}

/// Declares moves: a type for each, their routes and what the API document says of them.
macro_rules! acts {
    ($( $Name:ident of $Of:ident: $name:literal, $summary:literal, $text:literal, $rule:expr; )+) => {
        $(
            pub(crate) struct $Name;

            impl Act for $Name {
                type Of = $Of;
                const NAME: &'static str = $name;
                const SUMMARY: &'static str = $summary;
                const TEXT: &'static str = $text;

                fn act(document: &Record<$Of>) -> Result<$Of> {
                    let rule: fn($Of) -> $Of = $rule;
                    Ok(rule(document.data.clone()))
                }
            }
        )+

        /// Adds the routes.
        pub(crate) fn route(config: &mut web::ServiceConfig<'_>) {
            $( add::<$Name>(config); )+
        }

        /// What the API document says of them.
        pub(crate) fn operations() -> Vec<crate::openapi::OperationDoc> {
            vec![$( crate::openapi::acts::described::<$Name>() ),+]
        }
    };
}

acts! {
    ConfirmOrder of Order: "confirm", "Confirm an order",
        "A draft with lines is agreed upon: its lines stay as they are.",
        |order| order.moved_to(OrderState::Confirmed);
    ReopenOrder of Order: "reopen", "Make an order a draft again",
        "A confirmed order of which nothing was shipped or invoiced can be changed again.",
        |order| order.moved_to(OrderState::Draft);
    FulfilOrder of Order: "fulfil", "Fulfil an order",
        "What is open of it has been handed over without a shipment.",
        |order| order.moved_to(OrderState::Fulfilled);
    CloseOrder of Order: "close", "Close an order",
        "It is done with; what was not shipped will not be.",
        |order| order.moved_to(OrderState::Closed);
    CancelOrder of Order: "cancel", "Cancel an order",
        "It is called off before anything was shipped.",
        |order| order.moved_to(OrderState::Cancelled);
    IssueInvoice of Invoice: "issue", "Issue an invoice",
        "A draft gets its number and stays as it is from then on.",
        |invoice| invoice.moved_to(InvoiceState::Issued);
    VoidInvoice of Invoice: "void", "Make an invoice void",
        "A draft, or an invoice that nothing was paid for, asks for nothing any more.",
        |invoice| invoice.moved_to(InvoiceState::Void);
    ShipShipment of Shipment: "ship", "Ship a shipment",
        "It has left.",
        |shipment| shipment.moved_to(ShipmentState::Shipped);
    DeliverShipment of Shipment: "deliver", "Deliver a shipment",
        "The customer has it.",
        |shipment| shipment.moved_to(ShipmentState::Delivered);
    ReturnShipment of Shipment: "return", "Take a shipment back",
        "It came back.",
        |shipment| shipment.moved_to(ShipmentState::Returned);
    CancelShipment of Shipment: "cancel", "Cancel a shipment",
        "It is called off before it left; what was in it is open again.",
        |shipment| shipment.moved_to(ShipmentState::Cancelled);
}

fn add<A: Act>(config: &mut web::ServiceConfig<'_>) {
    use domain_kernel::Resource as _;
    let path = format!("/api/{}/{{id}}/{}/", A::Of::NAME, A::NAME);
    config.service(
        web::resource(&path)
            .route(web::post().to(act::<A>))
            .default_service(actix_web::web::to(refuse_method(&["POST"]))),
    );
}

/// `POST /api/<documents>/{id}/<move>/`
fn act<A: Act>(
    request: HttpRequest,
    Submission { caller, body }: Submission,
) -> Described<Acts<A>> {
    Described::new(async move {
        permit::<A::Of>(&caller.context, Action::Update)?;
        let state = State::of(&request)?;
        let id = id_in_path::<A::Of>(&request)?;
        let only = shown_fields::<A::Of>(&request)?;
        let expected = etag::expected(&request)?;
        Input::new(body.json)?.finish()?;
        let context = caller.repeatable(&request, body.fingerprint)?;
        let crud = A::Of::crud(state.application()).clone();
        let reply = state
            .run(async move { crud.act(&context, id, expected, |row, _| A::act(row)).await })
            .await?;
        written(StatusCode::OK, &reply, &only)
    })
}
