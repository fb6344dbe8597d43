//! Numbers for Prometheus: typed fields, written where things happen, read at `/metrics`.
//!
//! No label holds an id, a name or an amount of a person: routes are patterns, and all labels have few values.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Seconds of requests: from a notice on the hot path to a slow report.
const SECONDS: [f64; 13] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];
/// Gifts of one commit, up to the writer's largest batch.
const BATCH: [f64; 12] = [
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0,
];
/// The pattern under which requests are counted that fit no route; their paths could be anything.
const NO_ROUTE: &str = "(none)";

/// A counter.
pub type Count = Counter<u64, AtomicU64>;

/// What a request is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// `GET`.
    pub method: String,
    /// The pattern, `/api/v1/jobs/{job}`.
    pub route: String,
    /// The status.
    pub status: u32,
}

/// What a duration is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RouteLabels {
    /// The pattern.
    pub route: String,
}

/// One word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct NameLabel {
    /// The word: a reaction, a kind of error, a state of jobs.
    pub name: String,
}

impl NameLabel {
    /// This word.
    pub fn of(name: &str) -> Self {
        Self { name: name.to_owned() }
    }
}

/// The numbers of a running program. Cheap to clone; fields share their values.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// Requests answered.
    pub http_requests: Family<RequestLabels, Count>,
    /// How long they took.
    pub http_seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    /// Gifts made durable.
    pub intake_gifts: Count,
    /// Notices answered as repeats.
    pub intake_repeats: Count,
    /// Notices and lines held for review.
    pub intake_held: Count,
    /// Requests turned away because the queue was full.
    pub intake_turned_away: Count,
    /// Commits of the intake writer.
    pub intake_batches: Count,
    /// Gifts of one commit.
    pub intake_batch_size: Histogram,
    /// Seconds of one commit.
    pub intake_commit_seconds: Histogram,
    /// Requests waiting for the writer.
    pub intake_queue_depth: Gauge,
    /// Facts a reaction has not read yet.
    pub reaction_lag: Family<NameLabel, Gauge>,
    /// Failures of a reaction since its last success.
    pub reaction_failures: Family<NameLabel, Gauge>,
    /// Facts without a place.
    pub facts_unplaced: Gauge,
    /// For how many seconds the oldest entry that is not in the published log has waited.
    pub public_log_oldest_seconds: Gauge,
    /// Jobs in each state.
    pub jobs: Family<NameLabel, Gauge>,
    /// Errors of the database: `unavailable`, `full`, `contended`, `other`.
    pub db_errors: Family<NameLabel, Count>,
    /// Free bytes where the data folder lies.
    pub disk_free_bytes: Gauge,
    registry: Arc<Registry>,
}

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

impl Metrics {
    /// All numbers at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            http_requests: Family::default(),
            http_seconds: Family::new_with_constructor(seconds as fn() -> Histogram),
            intake_gifts: Count::default(),
            intake_repeats: Count::default(),
            intake_held: Count::default(),
            intake_turned_away: Count::default(),
            intake_batches: Count::default(),
            intake_batch_size: Histogram::new(BATCH),
            intake_commit_seconds: seconds(),
            intake_queue_depth: Gauge::default(),
            reaction_lag: Family::default(),
            reaction_failures: Family::default(),
            facts_unplaced: Gauge::default(),
            public_log_oldest_seconds: Gauge::default(),
            jobs: Family::default(),
            db_errors: Family::default(),
            disk_free_bytes: Gauge::default(),
            registry: Arc::default(),
        };
        metrics.registry = Arc::new(metrics.registered());
        metrics
    }

    fn registered(&self) -> Registry {
        let mut r = Registry::with_prefix("qiao");
        r.register("http_requests", "Requests answered", self.http_requests.clone());
        r.register("http_seconds", "Seconds per request", self.http_seconds.clone());
        r.register("intake_gifts", "Gifts made durable", self.intake_gifts.clone());
        r.register(
            "intake_repeats",
            "Notices answered as repeats",
            self.intake_repeats.clone(),
        );
        r.register(
            "intake_held",
            "Notices and lines held for review",
            self.intake_held.clone(),
        );
        r.register(
            "intake_turned_away",
            "Requests refused because the queue was full",
            self.intake_turned_away.clone(),
        );
        r.register(
            "intake_batches",
            "Commits of the intake writer",
            self.intake_batches.clone(),
        );
        r.register("intake_batch_size", "Gifts per commit", self.intake_batch_size.clone());
        r.register(
            "intake_commit_seconds",
            "Seconds per commit",
            self.intake_commit_seconds.clone(),
        );
        r.register(
            "intake_queue_depth",
            "Requests waiting for the writer",
            self.intake_queue_depth.clone(),
        );
        r.register(
            "reaction_lag",
            "Facts a reaction has not read yet",
            self.reaction_lag.clone(),
        );
        r.register(
            "reaction_failures",
            "Failures since the last success",
            self.reaction_failures.clone(),
        );
        r.register("facts_unplaced", "Facts without a place", self.facts_unplaced.clone());
        r.register(
            "public_log_oldest_seconds",
            "Seconds that the oldest entry not yet published has waited",
            self.public_log_oldest_seconds.clone(),
        );
        r.register("jobs", "Jobs in each state", self.jobs.clone());
        r.register("db_errors", "Errors of the database", self.db_errors.clone());
        r.register(
            "disk_free_bytes",
            "Free bytes of the data folder's disk",
            self.disk_free_bytes.clone(),
        );
        r
    }

    /// The text for Prometheus.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(8 * 1024);
        if let Err(error) = prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            tracing::error!(%error, "the metrics cannot be written");
        }
        text
    }

    /// Counts a commit of the intake writer: how many gifts it held, how long it took, how many requests wait behind it.
    pub fn intake_batch(&self, gifts: usize, micros: u64, waiting: usize) {
        self.intake_batches.inc();
        self.intake_batch_size.observe(gifts as f64);
        self.intake_commit_seconds
            .observe(Duration::from_micros(micros).as_secs_f64());
        self.intake_queue_depth.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }

    /// Counts an error of the database.
    pub fn db_error(&self, error: &db::DbError) {
        use db::DbError as E;
        let word = match error {
            E::Unavailable(_) => "unavailable",
            E::Full(_) => "full",
            E::Contended(_) => "contended",
            E::Duplicate(_) | E::Row { .. } | E::Schema(_) | E::Other(_) => "other",
        };
        self.db_errors.get_or_create(&NameLabel::of(word)).inc();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Layer that counts every request by its route's pattern:
/// `router.layer(axum::middleware::from_fn_with_state(metrics, health::metrics::observe))`.
pub async fn observe(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let begun = tokio::time::Instant::now();
    let method = request.method().as_str().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or(NO_ROUTE, MatchedPath::as_str)
        .to_owned();
    let response = next.run(request).await;
    let route_labels = RouteLabels { route: route.clone() };
    metrics
        .http_seconds
        .get_or_create(&route_labels)
        .observe(begun.elapsed().as_secs_f64());
    let labels = RequestLabels {
        method,
        route,
        status: u32::from(response.status().as_u16()),
    };
    metrics.http_requests.get_or_create(&labels).inc();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_stands_in_the_text() {
        let metrics = Metrics::new();
        metrics.clone().intake_gifts.inc_by(3);
        metrics.intake_batch_size.observe(3.0);
        metrics.reaction_lag.get_or_create(&NameLabel::of("numbers")).set(7);
        metrics.db_error(&db::DbError::Full("x".into()));
        let text = metrics.text();
        for line in [
            "qiao_intake_gifts_total 3",
            "qiao_intake_batch_size_bucket{le=\"4.0\"} 1",
            "qiao_reaction_lag{name=\"numbers\"} 7",
            "qiao_db_errors_total{name=\"full\"} 1",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
