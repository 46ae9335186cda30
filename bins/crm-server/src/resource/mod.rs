//! Resources over HTTP: declared once in the domain, served in full from here.
//!
//! List, create, retrieve, replace, change, delete, restore, bulk and export of every resource
//! are these handlers; what differs between resources is their declaration.

mod bulk;
mod export;
mod list;
mod sent;
pub(crate) mod write;

use std::marker::PhantomData;
use std::sync::OnceLock;

use actix_web::HttpRequest;
use domain_accounts::{
    AuditLog, FeatureFlag, Invite, PlanOverride, PlanRequest, Subscription, SubscriptionPlan, User,
    UserRole, Workspace,
};
use domain_catalog::{
    Category, InventoryLot, PriceChange, Product, ProductVariant, StockMovement, Supplier,
};
use domain_jobs::Job;
use domain_kernel::crud::Crud;
use domain_kernel::{Field, Id, Operations, RecordKind, Resource, all_fields};
use domain_sales::{
    Activity, Attachment, Company, Contact, CreditNote, DealStage, ExchangeRate, Invoice, Lead,
    Note, Opportunity, Order, OrderLine, Payment, Pipeline, Refund, Shipment, StageChange,
};
use infra_runtime::Application;
use paperclip::actix::web;

use crate::http::described::Operation;
use crate::http::failure::Failure;
use crate::openapi::OperationDoc;
use crate::operations::refuse_method;

pub(crate) use bulk::limits as bulk_limits;
pub(crate) use write::{shown_fields, written};

/// A resource that this server serves.
pub(crate) trait Served: Resource {
    /// Its use cases.
    fn crud(application: &Application) -> &Crud<Self>;
}

impl Served for Company {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.companies
    }
}

impl Served for Contact {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.contacts
    }
}

impl Served for Lead {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.leads
    }
}

impl Served for Pipeline {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.pipelines
    }
}

impl Served for DealStage {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.deal_stages
    }
}

impl Served for Opportunity {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.opportunities
    }
}

impl Served for Activity {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.activities
    }
}

impl Served for Note {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.notes
    }
}

impl Served for Attachment {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.attachments
    }
}

impl Served for StageChange {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.sales.stage_changes
    }
}

impl Served for Category {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.catalog.categories
    }
}

impl Served for Supplier {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.catalog.suppliers
    }
}

impl Served for Product {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.catalog.products
    }
}

impl Served for ProductVariant {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.catalog.product_variants
    }
}

impl Served for PriceChange {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.catalog.price_history
    }
}

impl Served for InventoryLot {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.catalog.inventory_lots
    }
}

impl Served for StockMovement {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.catalog.stock_movements
    }
}

impl Served for Order {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.trade.orders
    }
}

impl Served for OrderLine {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.trade.order_lines
    }
}

impl Served for Invoice {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.trade.invoices
    }
}

impl Served for CreditNote {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.trade.credit_notes
    }
}

impl Served for Payment {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.trade.payments
    }
}

impl Served for Refund {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.trade.refunds
    }
}

impl Served for Shipment {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.trade.shipments
    }
}

impl Served for ExchangeRate {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.trade.exchange_rates
    }
}

impl Served for Job {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.jobs.records
    }
}

impl Served for User {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.users
    }
}

impl Served for UserRole {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.user_roles
    }
}

impl Served for Invite {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.invites
    }
}

impl Served for Workspace {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.workspaces
    }
}

impl Served for AuditLog {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.audit_logs
    }
}

impl Served for SubscriptionPlan {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.subscription_plans
    }
}

impl Served for FeatureFlag {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.feature_flags
    }
}

impl Served for Subscription {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.subscriptions
    }
}

impl Served for PlanOverride {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.plan_overrides
    }
}

impl Served for PlanRequest {
    fn crud(application: &Application) -> &Crud<Self> {
        &application.accounts.plan_requests
    }
}

/// What the server knows of a resource without its type.
pub(crate) struct ServedResource {
    pub(crate) name: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) module: &'static str,
    pub(crate) description: &'static str,
    pub(crate) feature: Option<&'static str>,
    pub(crate) offers: Operations,
    /// What notes and the like can belong to, if its rows are that.
    pub(crate) kind: Option<RecordKind>,
    pub(crate) fields: Vec<&'static Field>,
    /// Its operations in the API document.
    pub(crate) operations: Vec<OperationDoc>,
    /// Its routes.
    pub(crate) route: fn(&mut web::ServiceConfig<'_>),
}

/// The kinds of records that workspaces have, for what belongs to a record of any kind.
pub fn record_kinds() -> Vec<RecordKind> {
    served().iter().filter_map(|resource| resource.kind).collect()
}

/// Every resource, in the order of the API's root.
pub(crate) fn served() -> &'static [ServedResource] {
    static SERVED: OnceLock<Vec<ServedResource>> = OnceLock::new();
    SERVED.get_or_init(|| {
        vec![
            of::<Workspace>(),
            of::<User>(),
            of::<UserRole>(),
            of::<Invite>(),
            of::<AuditLog>(),
            of::<SubscriptionPlan>(),
            of::<FeatureFlag>(),
            of::<Subscription>(),
            of::<PlanOverride>(),
            of::<PlanRequest>(),
            of::<Company>(),
            of::<Contact>(),
            of::<Lead>(),
            of::<Pipeline>(),
            of::<DealStage>(),
            of::<Opportunity>(),
            of::<StageChange>(),
            of::<Activity>(),
            of::<Note>(),
            of::<Attachment>(),
            of::<Category>(),
            of::<Supplier>(),
            of::<Product>(),
            of::<ProductVariant>(),
            of::<PriceChange>(),
            of::<InventoryLot>(),
            of::<StockMovement>(),
            of::<Order>(),
            of::<OrderLine>(),
            of::<Invoice>(),
            of::<CreditNote>(),
            of::<Payment>(),
            of::<Refund>(),
            of::<Shipment>(),
            of::<ExchangeRate>(),
            of::<Job>(),
        ]
    })
}

fn of<R: Served>() -> ServedResource {
    ServedResource {
        name: R::NAME,
        singular: R::SINGULAR,
        module: R::MODULE,
        description: R::DESCRIPTION,
        feature: R::FEATURE,
        offers: R::OPERATIONS,
        kind: RecordKind::of::<R>(),
        fields: all_fields::<R>().collect(),
        operations: crate::openapi::resource::operations::<R>(),
        route: route::<R>,
    }
}

/// Adds a resource's routes; aliases of the path are made one before routing.
fn route<R: Served>(config: &mut web::ServiceConfig<'_>) {
    const READS: &[&str] = &["GET", "HEAD"];
    let (changes, creates) = match R::OPERATIONS {
        Operations::ReadOnly => (false, false),
        Operations::Changes => (true, false),
        Operations::OneByOne | Operations::All => (true, true),
    };
    let path = format!("/api/{}/", R::NAME);
    let mut list = web::resource(&path);
    list = list.route(web::get().to(list::list::<R>)).route(web::head().to(list::list::<R>));
    let mut one = web::resource(&format!("{path}{{id}}/"));
    one =
        one.route(web::get().to(write::retrieve::<R>)).route(web::head().to(write::retrieve::<R>));
    let (mut of_list, mut of_one) = (READS, READS);
    if changes {
        one = one.route(web::put().to(write::replace::<R>));
        one = one.route(web::patch().to(write::change::<R>));
        of_one = &["GET", "HEAD", "PUT", "PATCH"];
    }
    if creates {
        list = list.route(web::post().to(write::create::<R>));
        of_list = &["GET", "HEAD", "POST"];
        one = one.route(web::delete().to(write::delete::<R>));
        of_one = &["GET", "HEAD", "PUT", "PATCH", "DELETE"];
        let restore = web::resource(&format!("{path}{{id}}/restore/"));
        config.service(
            restore
                .route(web::post().to(write::restore::<R>))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        );
    }
    if R::OPERATIONS == Operations::All {
        // Before the rows: `bulk` is none.
        let bulk = web::resource(&format!("{path}bulk/"));
        config.service(
            bulk.route(web::post().to(bulk::bulk::<R>))
                .default_service(actix_web::web::to(refuse_method(&["POST"]))),
        );
    }
    config
        .service(list.default_service(actix_web::web::to(refuse_method(of_list))))
        .service(one.default_service(actix_web::web::to(refuse_method(of_one))));
}

/// Names an operation of a resource: `contacts_list`.
macro_rules! operation {
    ($Name:ident, $verb:literal) => {
        #[doc = concat!("`…_", $verb, "`")]
        pub(crate) struct $Name<R>(PhantomData<R>);

        impl<R: Resource> Operation for $Name<R> {
            fn id() -> String {
                format!("{}_{}", R::NAME, $verb)
            }
        }
    };
}

operation!(List, "list");
operation!(Create, "create");
operation!(Retrieve, "retrieve");
operation!(Replace, "update");
operation!(Change, "partial_update");
operation!(Delete, "destroy");
operation!(Restore, "restore");
operation!(Bulk, "bulk");

/// The row that a path names; what cannot be an id names none.
pub(crate) fn id_in_path<R: Resource>(request: &HttpRequest) -> Result<Id<R>, Failure> {
    let missing = || Failure::from(domain_kernel::Error::NotFound);
    number_in_path(request).map(Id::new).ok_or_else(missing)
}

/// The number that a path ends in, if it can be an id.
pub(crate) fn number_in_path(request: &HttpRequest) -> Option<i64> {
    let text = request.match_info().get("id").unwrap_or_default();
    // The parser would take a sign, too.
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|text| text.parse().ok()).filter(|id| *id > 0)
}

/// The query parameters of a request, decoded, in order.
pub(crate) fn parameters(request: &HttpRequest) -> Result<Vec<(String, String)>, Failure> {
    actix_web::web::Query::<Vec<(String, String)>>::from_query(request.query_string())
        .map(actix_web::web::Query::into_inner)
        .map_err(|error| Failure::bad(format!("The query cannot be read: {error}.")))
}

/// Parameters that every operation accepts and none uses here: platform staff name a workspace by
/// them, for anybody else they are ignored.
pub(crate) const IGNORED_PARAMETERS: [&str; 2] = ["organization_id", "organization_slug"];
