//! What is sent to the database, shown to whoever watches: tests and benchmarks.

use std::fmt;
use std::sync::Arc;

use diesel::connection::{Instrumentation, InstrumentationEvent};

/// Sees every statement before it is sent.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&str) + Send + Sync>);

impl Observer {
    /// An observer that calls a function.
    pub fn new(see: Arc<dyn Fn(&str) + Send + Sync>) -> Self {
        Self(see)
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer(…)")
    }
}

impl Instrumentation for Observer {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            (self.0)(&query.to_string());
        }
    }
}
