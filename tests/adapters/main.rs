//! Every promise of the ports, kept by both databases.

#![expect(clippy::expect_used, reason = "tests")]

mod files;
mod limits;
mod mail;
mod oidc;

use std::sync::Arc;

use async_trait::async_trait;
use domain_kernel::TenantId;
use infra_runtime::Database;
use jiff::Timestamp;
use serde_json::Value;
use system_tests::{Backend, TestDatabase};
use testkit::contract::{AuditRow, Backdoor, Fixture};
use testkit::{FixedClock, SeededRandom};

/// A fresh database as the contract wants it.
async fn fixture(backend: Backend) -> Fixture {
    let database = Arc::new(TestDatabase::create(backend).await);
    let clock = Arc::new(FixedClock::default());
    let store = Database::open(&database.config(&[]), clock.clone()).await.expect("opens");
    Fixture {
        sales: store.sales(),
        catalog: store.catalog(),
        orders: store.orders(),
        accounts: store.accounts(),
        jobs: store.jobs(),
        queue: store.queue(),
        backdoor: Arc::new(Tables(database.clone(), store)),
        clock,
        random: SeededRandom::new(1),
        keep: Box::new(database),
    }
}

/// Reads what no port offers from the tables.
struct Tables(Arc<TestDatabase>, Database);

#[async_trait]
impl Backdoor for Tables {
    async fn events(&self, tenant: TenantId) -> Vec<Value> {
        let sql = format!(
            "SELECT envelope FROM events WHERE organization_id = {tenant} ORDER BY position"
        );
        let rows = self.0.query(&sql).await;
        rows.into_iter().map(|row| row["envelope"].clone()).collect()
    }

    async fn audit(&self, tenant: TenantId) -> Vec<AuditRow> {
        let instant = match self.0.backend {
            Backend::Sqlite => "created_at",
            Backend::Postgres => "(extract(epoch FROM created_at) * 1000000)::bigint",
        };
        let sql = format!(
            "SELECT coalesce(user_id, staff_id) AS user_id, action, entity, entity_id, changed, request_id, {instant} AS at
             FROM audit_entries WHERE organization_id = {tenant} ORDER BY id"
        );
        let text = |row: &Value, name: &str| row[name].as_str().expect("text").to_owned();
        let number = |row: &Value, name: &str| row[name].as_i64().expect("a number");
        let rows = self.0.query(&sql).await;
        rows.iter()
            .map(|row| AuditRow {
                user: row["user_id"].as_i64(),
                action: text(row, "action"),
                entity: text(row, "entity"),
                entity_id: number(row, "entity_id"),
                changed: row["changed"].clone(),
                request_id: text(row, "request_id"),
                created_at: Timestamp::from_microsecond(number(row, "at")).expect("in range"),
            })
            .collect()
    }

    async fn sweep(&self) {
        self.1.sweep().await.expect("a sweep");
    }
}

mod sqlite {
    use super::*;

    async fn make() -> Fixture {
        fixture(Backend::Sqlite).await
    }

    testkit::sales_contract!(make);
    testkit::catalog_contract!(make);
    testkit::trade_contract!(make);
    testkit::accounts_contract!(make);
    testkit::jobs_contract!(make);
}

mod postgres {
    use super::*;

    async fn make() -> Fixture {
        fixture(Backend::Postgres).await
    }

    testkit::sales_contract!(make);
    testkit::catalog_contract!(make);
    testkit::trade_contract!(make);
    testkit::accounts_contract!(make);
    testkit::jobs_contract!(make);
}
