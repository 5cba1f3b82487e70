//! Numbers for monitoring, in the text format of Prometheus (exposition format 0.0.4).
//!
//! Who may read them: administrators, by session or by `Authorization: Bearer TOKEN`. Loopback alone is no
//! rule, because behind a proxy on the same machine everybody comes from there.

use crate::state::State;
use app::numbers::{BOUNDS, Histogram, Numbers};
use axum::{
    extract::Request,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{
    collections::BTreeMap,
    fmt::Write,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant as Stopwatch,
};

/// What this process answered since it started.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    routes: Mutex<BTreeMap<(&'static str, String), Arc<Route>>>,
    sockets: AtomicU64,
}

#[derive(Debug, Default)]
struct Route {
    /// Answers by the first digit of their status, from 1.
    by_status: [AtomicU64; 5],
    took: Histogram,
}

/// A socket that is open for as long as this is held.
#[derive(Debug)]
pub(crate) struct OpenSocket(Arc<Metrics>);

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.sockets.fetch_sub(1, Relaxed);
    }
}

impl Metrics {
    /// Counts a socket until the answer is dropped.
    pub(crate) fn socket_opened(self: &Arc<Self>) -> OpenSocket {
        self.sockets.fetch_add(1, Relaxed);
        OpenSocket(Arc::clone(self))
    }

    fn answered(&self, method: &Method, path: &'static str, status: StatusCode, took: std::time::Duration) {
        let route = {
            let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(routes.entry((path, method.to_string())).or_default())
        };
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        route.by_status[class].fetch_add(1, Relaxed);
        route.took.add(took);
    }
}

/// Answers a request and counts it under the pattern of its route, never under its own address.
pub(crate) async fn timed<F: Future<Output = Response>>(
    method: Method,
    path: &'static str,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let metrics = request.extensions().get::<State>().map(|state| Arc::clone(&state.metrics));
    let began = Stopwatch::now();
    let response = answer(request).await;
    if let Some(metrics) = metrics {
        metrics.answered(&method, path, response.status(), began.elapsed());
    }
    response
}

/// The numbers as they are now.
pub(crate) async fn show(state: State) -> Response {
    let text = text(&state.metrics, &state.app.numbers(), state.app.rooms().open_count());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn text(metrics: &Metrics, numbers: &Numbers, documents: usize) -> String {
    let mut page = Page::default();
    page.family("debrief_build_info", "gauge", "Always 1; the version is a label.");
    page.sample("debrief_build_info", &format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1);

    let routes: Vec<((&'static str, String), Arc<Route>)> = {
        let routes = metrics.routes.lock().unwrap_or_else(PoisonError::into_inner);
        routes.iter().map(|(key, route)| (key.clone(), Arc::clone(route))).collect()
    };
    page.family("debrief_http_requests_total", "counter", "Requests by route and class of status.");
    for ((path, method), route) in &routes {
        for (class, count) in route.by_status.iter().enumerate() {
            let count = count.load(Relaxed);
            if count > 0 {
                let labels = format!("{{method=\"{method}\",route=\"{path}\",status=\"{}xx\"}}", class + 1);
                page.sample("debrief_http_requests_total", &labels, count);
            }
        }
    }
    page.family("debrief_http_request_seconds", "histogram", "How long answers took, by route.");
    for ((path, method), route) in &routes {
        page.histogram(
            "debrief_http_request_seconds",
            &format!("method=\"{method}\",route=\"{path}\""),
            &route.took,
        );
    }

    page.single("debrief_documents_open", "gauge", "Shared documents that are open.", documents as u64);
    page.single("debrief_sockets_open", "gauge", "Sockets that are open.", metrics.sockets.load(Relaxed));
    page.single(
        "debrief_edits_total",
        "counter",
        "Edits that were kept.",
        numbers.counted.edits.load(Relaxed),
    );
    page.single(
        "debrief_edits_refused_total",
        "counter",
        "Edits that could not be kept.",
        numbers.counted.edits_refused.load(Relaxed),
    );
    page.family("debrief_edit_commit_seconds", "histogram", "How long it took to make edits durable.");
    page.histogram("debrief_edit_commit_seconds", "", &numbers.counted.commits);

    page.family("debrief_database_connections", "gauge", "Connections to the database by pool.");
    for (pool, open, idle) in &numbers.pools {
        page.sample("debrief_database_connections", &format!("{{pool=\"{pool}\",state=\"idle\"}}"), *idle);
        let busy = open.saturating_sub(*idle);
        page.sample("debrief_database_connections", &format!("{{pool=\"{pool}\",state=\"busy\"}}"), busy);
    }
    let counted = &numbers.counted;
    for (name, help, value) in [
        (
            "debrief_acts_not_streamed_total",
            "Times that acts could not be written to their second place.",
            &counted.acts_not_streamed,
        ),
        ("debrief_jobs_done_total", "Jobs done.", &counted.jobs_done),
        ("debrief_jobs_failed_total", "Attempts at jobs that failed.", &counted.jobs_failed),
        ("debrief_jobs_given_up_total", "Jobs given up after too many attempts.", &counted.jobs_given_up),
    ] {
        page.single(name, "counter", help, value.load(Relaxed));
    }
    page.single("debrief_backups_total", "counter", "Backups made.", numbers.counted.backups.load(Relaxed));
    page.single(
        "debrief_backups_failed_total",
        "counter",
        "Backups that could not be made.",
        numbers.counted.backups_failed.load(Relaxed),
    );
    page.single(
        "debrief_last_backup_timestamp_seconds",
        "gauge",
        "When the last backup of this process was made; 0 if none was.",
        numbers.counted.last_backup_at.load(Relaxed),
    );
    page.single(
        "debrief_last_backup_bytes",
        "gauge",
        "The size of the last backup.",
        numbers.counted.last_backup_bytes.load(Relaxed),
    );
    page.0
}

/// The text while it is put together. Writing to a string cannot fail.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.family(name, kind, help);
        self.sample(name, "", value);
    }

    fn histogram(&mut self, name: &str, labels: &str, times: &Histogram) {
        let comma = if labels.is_empty() { "" } else { "," };
        let (counts, sum) = times.read();
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().map(ToString::to_string).chain(["+Inf".to_owned()]).zip(counts) {
            below += count;
            self.sample(&format!("{name}_bucket"), &format!("{{{labels}{comma}le=\"{bound}\"}}"), below);
        }
        let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        self.sample(&format!("{name}_sum"), &labels, sum.as_secs_f64());
        self.sample(&format!("{name}_count"), &labels, below);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn numbers_add_up_in_the_form_that_prometheus_reads() {
        let metrics = Arc::new(Metrics::default());
        for (status, millis) in [(200, 2), (204, 40), (503, 20_000)] {
            let status = StatusCode::from_u16(status).unwrap();
            metrics.answered(&Method::GET, "/incidents/{number}", status, Duration::from_millis(millis));
        }
        let open = metrics.socket_opened();
        let said = text(&metrics, &Numbers::default(), 3);
        for line in [
            "# TYPE debrief_http_requests_total counter",
            "debrief_http_requests_total{method=\"GET\",route=\"/incidents/{number}\",status=\"2xx\"} 2",
            "debrief_http_requests_total{method=\"GET\",route=\"/incidents/{number}\",status=\"5xx\"} 1",
            "debrief_http_request_seconds_bucket{method=\"GET\",route=\"/incidents/{number}\",le=\"0.0025\"} 1",
            "debrief_http_request_seconds_bucket{method=\"GET\",route=\"/incidents/{number}\",le=\"+Inf\"} 3",
            "debrief_http_request_seconds_count{method=\"GET\",route=\"/incidents/{number}\"} 3",
            "debrief_edit_commit_seconds_bucket{le=\"+Inf\"} 0",
            "debrief_sockets_open 1",
            "debrief_documents_open 3",
        ] {
            assert!(said.lines().any(|found| found == line), "{line}\n{said}");
        }
        drop(open);
        assert!(text(&metrics, &Numbers::default(), 0).contains("debrief_sockets_open 0"));
    }
}
