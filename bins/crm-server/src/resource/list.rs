//! Lists.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use domain_kernel::crud::permit;
use domain_kernel::policy::Action;
use domain_kernel::query::{ListQuery, Listing, Window};
use domain_kernel::{Cursor, Only, Record, Resource, Shown};
use serde::Serialize;

use super::{IGNORED_PARAMETERS, List, Served, export, parameters};
use crate::http::caller::Caller;
use crate::http::described::Described;
use crate::http::failure::{Answer, Failure};
use crate::http::links;
use crate::http::state::State;

/// `GET /api/<resource>/`
pub(crate) fn list<R: Served>(request: HttpRequest, caller: Caller) -> Described<List<R>> {
    Described::new(answer::<R>(request, caller))
}

async fn answer<R: Served>(request: HttpRequest, caller: Caller) -> Answer {
    permit::<R>(&caller.context, Action::Read)?;
    let state = State::of(&request)?;
    let mut parameters = parameters(&request)?;
    let allowed: Vec<&str> = IGNORED_PARAMETERS.into_iter().chain(["format"]).collect();
    let (query, only) = ListQuery::parse::<R>(&parameters, &allowed)?;
    if let Some(format) = export::format(&parameters)? {
        return export::answer::<R>(&state, caller, query, only, format).await;
    }
    // Where they mean nothing, the addresses of pages do not carry them on.
    let staff = caller.context.roles.is_staff();
    parameters.retain(|(name, _)| staff || !IGNORED_PARAMETERS.contains(&name.as_str()));
    let crud = R::crud(state.application()).clone();
    let base = links::base(&state, &request);
    let asked = query.clone();
    let listing = state.run(async move { crud.list(&caller.context, &asked).await }).await?;
    let link = |changes: &[(&str, Option<String>)]| {
        links::with_parameters(&base, &request, &parameters, changes)
    };
    let page = Page::new(&query, &only, &listing, link);
    let body =
        serde_json::to_vec(&page).map_err(|e| Failure::from(domain_kernel::Error::internal(e)))?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(body))
}

/// A page as clients know it.
#[derive(Serialize)]
#[serde(bound = "")]
struct Page<'a, R: Resource> {
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<Shown<'a, R>>,
}

impl<'a, R: Resource> Page<'a, R> {
    fn new(
        query: &ListQuery,
        only: &'a Only,
        listing: &'a Listing<Record<R>>,
        link: impl Fn(&[(&str, Option<String>)]) -> String,
    ) -> Self {
        let (next, previous) = match &query.window {
            Window::Page { number, .. } => {
                let page = |number: i64| {
                    // The first page is the address without a number, as clients know it.
                    link(&[("page", (number > 1).then(|| number.to_string()))])
                };
                (listing.more.then(|| page(number + 1)), (*number > 1).then(|| page(number - 1)))
            }
            Window::Keyset { from, .. } => {
                let back = from.as_ref().is_some_and(|cursor| cursor.backwards);
                let beside = |record: Option<&Record<R>>, backwards| {
                    record.map(|record| {
                        let cursor = Cursor::beside(record, &query.ordering, backwards);
                        link(&[("cursor", Some(cursor.encode(&query.ordering)))])
                    })
                };
                let has_next = back || listing.more;
                let has_previous = if back { listing.more } else { from.is_some() };
                (
                    beside(listing.records.last().filter(|_| has_next), false),
                    beside(listing.records.first().filter(|_| has_previous), true),
                )
            }
        };
        let results = listing.records.iter().map(|record| Shown { record, only }).collect();
        Self { count: listing.total, next, previous, results }
    }
}
