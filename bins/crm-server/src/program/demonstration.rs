//! `--demo`: the workspace for demonstrations, made while the server serves.

use std::sync::atomic::{AtomicU64, Ordering};

use demo_data::{DemoMember, DemoWorkspace, PASSWORD, Progress, Size, Stores, load};
use infra_runtime::Application;

/// Of the history's progress so many steps are told.
const STEPS: u64 = 10;

/// Makes the workspace, unless it is there, and says how to sign in as soon as one can. A workspace
/// that cannot be made is no reason to stop serving the others.
pub(super) async fn demonstrate(application: &Application, address: &str) {
    println!("Making the demonstration workspace …");
    let stores = Stores {
        catalog: application.database.catalog(),
        sales: application.database.sales(),
        trade: application.database.orders(),
        clock: application.clock.clone(),
        random: application.random.clone(),
    };
    let told = Told { address, days: AtomicU64::new(0) };
    match load(&application.accounts, &stores, Size::default(), &told).await {
        Ok(demo) => summarize(&demo, &told),
        Err(error) => {
            tracing::error!(error = ?error, "the demonstration workspace was not made");
            println!("The demonstration workspace was not made: {error}");
            println!("  {}", DemoWorkspace::REMEDY);
        }
    }
}

fn summarize(demo: &DemoWorkspace, told: &Told<'_>) {
    if !demo.created {
        told.open(&demo.members);
    }
    let DemoWorkspace { companies, contacts, products, deals, orders, invoices, payments, .. } =
        demo;
    println!("  {companies} companies, {contacts} contacts, {products} products, {deals} deals");
    println!("  {orders} orders, {invoices} invoices, {payments} payments");
    if !demo.complete {
        println!("  {}", DemoWorkspace::REMEDY);
    }
}

/// Tells on standard output.
struct Told<'a> {
    address: &'a str,
    /// How many steps of the history were told.
    days: AtomicU64,
}

impl Progress for Told<'_> {
    fn step(&self, label: &str, done: u64, total: u64) {
        let step = (done * STEPS).checked_div(total).unwrap_or(STEPS);
        if label == demo_data::DAYS && self.days.fetch_max(step, Ordering::Relaxed) < step {
            println!("  {} % of its history", step * 100 / STEPS);
        }
    }

    fn open(&self, members: &[DemoMember]) {
        println!("Demonstration workspace: {}/api/", self.address);
        for member in members {
            println!("  {:<10} {}  password: {PASSWORD}", member.role, member.username);
        }
    }
}
