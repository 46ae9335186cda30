//! The statements that a server sends to its database.

use std::sync::{Arc, Mutex};

/// What opens, ends and places a transaction is not counted.
const CONTROL: [&str; 6] = ["BEGIN", "COMMIT", "ROLLBACK", "SET LOCAL", "SAVEPOINT", "PRAGMA"];

/// Notes every statement.
#[derive(Debug, Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// What the store tells them to.
    pub fn observer(&self) -> Arc<dyn Fn(&str) + Send + Sync> {
        let noted = self.0.clone();
        Arc::new(move |sql| noted.lock().expect("not poisoned").push(sql.to_owned()))
    }

    /// Takes what was noted: the queries, without transaction control and setting the tenant.
    pub fn take(&self) -> Vec<String> {
        let noted = std::mem::take(&mut *self.0.lock().expect("not poisoned"));
        let is_query = |sql: &String| {
            !sql.trim().is_empty() && !CONTROL.iter().any(|control| sql.starts_with(control))
        };
        noted.into_iter().filter(is_query).collect()
    }
}
