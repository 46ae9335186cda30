//! What is sent to the database, noted for tests and benchmarks.

use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent};

/// The statements that were sent, in order.
#[derive(Debug, Clone, Default)]
pub struct StatementLog(Arc<Mutex<Vec<String>>>);

/// What opens, ends and places a transaction, and is not counted.
const CONTROL: [&str; 7] =
    ["BEGIN", "COMMIT", "ROLLBACK", "SET LOCAL", "SAVEPOINT", "RELEASE", "PRAGMA"];

impl StatementLog {
    /// Takes what was noted: the queries, without transaction control and setting the tenant.
    pub fn take(&self) -> Vec<String> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_query = |sql: &String| !CONTROL.iter().any(|control| sql.starts_with(control));
        std::mem::take(&mut *noted).into_iter().filter(is_query).collect()
    }
}

impl Instrumentation for StatementLog {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            noted.push(query.to_string());
        }
    }
}
