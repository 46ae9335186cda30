//! `demo-data`: the workspace for demonstrations.

use demo_data::{DemoWorkspace, Progress, Size, Stores, load};
use domain_kernel::Error;
use indicatif::{ProgressBar, ProgressStyle};
use infra_runtime::Application;
use infra_runtime::config::Config;
use serde_json::{Value, json};

use crate::ask;
use crate::cli::DemoData;
use crate::failure::Result;
use crate::output::Output;
use crate::session::open_or_make;

/// Makes it, unless it is there, and says who can sign in.
pub async fn run(config: &Config, args: DemoData, output: &Output) -> Result<()> {
    let application = open_or_make(config).await?;
    if !config.debug && is_missing(&application).await? {
        let why = "The members of the demonstration have a password that everybody knows, and this \
            server is not set up for development.";
        ask::consent(args.yes, why)?;
    }
    let size = if args.small { Size::SMALL } else { Size::default() };
    // Notes are on records of these kinds.
    application.database.serve(crm_server::record_kinds());
    let stores = Stores {
        catalog: application.database.catalog(),
        sales: application.database.sales(),
        trade: application.database.orders(),
        clock: application.clock.clone(),
        random: application.random.clone(),
    };
    let bar = Bar::new();
    let made = load(&application.accounts, &stores, size, &bar).await;
    bar.0.finish_and_clear();
    show(&made?, output)
}

async fn is_missing(application: &Application) -> Result<bool> {
    match application.accounts.organization(demo_data::SLUG).await {
        Ok(_) => Ok(false),
        Err(Error::NotFound) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn show(demo: &DemoWorkspace, output: &Output) -> Result<()> {
    let DemoWorkspace { slug, created, complete, members, password, .. } = demo;
    let DemoWorkspace { companies, contacts, products, deals, orders, invoices, payments, .. } =
        demo;
    let people: Vec<Value> = members
        .iter()
        .map(|one| json!({ "username": one.username, "name": one.name, "role": one.role }))
        .collect();
    let json = json!({
        "organization": slug, "created": created, "complete": complete,
        "companies": companies, "contacts": contacts, "products": products, "deals": deals,
        "orders": orders, "invoices": invoices, "payments": payments,
        "members": people, "password": password,
    });
    output.show(&json, || {
        let what = if *created {
            "Made the workspace"
        } else {
            "Left alone, for it exists: the workspace"
        };
        let rows = members.iter().map(|one| {
            [one.username.clone(), (*password).to_owned(), one.name.clone(), one.role.clone()]
        });
        let table = output.table(["username", "password", "name", "role"], rows.collect());
        let sign_in =
            if *created { "Sign in as:" } else { "Sign in, unless a password was changed, as:" };
        let warning =
            if *complete { String::new() } else { format!("{}\n", DemoWorkspace::REMEDY) };
        format!(
            "{what} {slug}, with {companies} companies, {contacts} contacts, {products} products, \
             {deals} deals, {orders} orders, {invoices} invoices and {payments} payments.\n\
             {warning}{sign_in}\n\n{table}"
        )
    })
}

/// A bar on standard error, where that is a terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{msg:10} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Progress for Bar {
    fn step(&self, label: &str, done: u64, total: u64) {
        self.0.set_message(label.to_owned());
        self.0.set_length(total);
        self.0.set_position(done);
    }
}
