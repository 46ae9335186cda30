//! Figures for Prometheus.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};
use domain_jobs::Event;
use domain_kernel::Error;
use infra_runtime::jobs::Watch;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::failure::Answer;
use super::state::State;

/// Upper bounds of the buckets of a request's duration, in seconds.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    /// The pattern, not the path: paths have no end.
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobOutcome {
    kind: String,
    outcome: &'static str,
}

/// The figures of a server's worker.
#[derive(Clone, Default)]
pub(crate) struct JobMetrics {
    ended: Family<JobOutcome, Counter>,
    running: Gauge<i64, AtomicI64>,
}

impl JobMetrics {
    /// What the worker tells its events to.
    pub(crate) fn watch(&self) -> Watch {
        let figures = self.clone();
        Arc::new(move |event| match event {
            Event::Started(_) => {
                figures.running.inc();
            }
            Event::Ended { job, how, .. } => {
                figures.running.dec();
                let labels = JobOutcome { kind: job.kind.clone(), outcome: how.word() };
                figures.ended.get_or_create(&labels).inc();
            }
            Event::Recovered(_) | Event::Fired(_) | Event::Trouble { .. } => {}
        })
    }
}

/// The figures of a server.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Outcome, Counter>,
    seconds: Family<Route, Histogram>,
    in_flight: Gauge<i64, AtomicI64>,
    /// Of the worker.
    pub(crate) jobs: JobMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::<Outcome, Counter>::default();
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let seconds = Family::new_with_constructor(histogram);
        let in_flight = Gauge::default();
        let mut registry = Registry::with_prefix("crm");
        registry.register("http_requests", "Requests that were answered", requests.clone());
        registry.register("http_request_seconds", "How long they took", seconds.clone());
        registry.register("http_requests_in_flight", "Requests under way", in_flight.clone());
        let jobs = JobMetrics::default();
        registry.register("jobs", "Attempts of jobs that ended", jobs.ended.clone());
        registry.register("jobs_running", "Jobs under way", jobs.running.clone());
        let version = [("version".into(), env!("CARGO_PKG_VERSION").into())];
        let build = Gauge::<i64, AtomicI64>::default();
        build.set(1);
        registry.sub_registry_with_labels(version.into_iter()).register(
            "build",
            "The program that runs",
            build,
        );
        Self { registry: Arc::new(registry), requests, seconds, in_flight, jobs }
    }
}

impl Metrics {
    /// Notes that a request came; dropping the guard, that it is over.
    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Notes an answer.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let labels = Route { method: method.clone(), route: route.clone() };
        self.seconds.get_or_create(&labels).observe(took.as_secs_f64());
        self.requests.get_or_create(&Outcome { method, route, status }).inc();
    }
}

/// A request under way.
pub(crate) struct InFlight(Gauge<i64, AtomicI64>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// `GET /metrics`
pub(crate) async fn show(request: HttpRequest) -> Answer {
    let state = State::of(&request)?;
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &state.metrics().registry)
        .map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}
