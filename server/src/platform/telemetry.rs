//! Logs (JSON or text; what a request causes bears its id) and metrics (Prometheus text format).

use std::{borrow::Cow, io::IsTerminal as _};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    #[default]
    Text,
}

/// Starts logging to standard error. A second call changes nothing.
pub fn start(format: LogFormat, filter: &str) {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let _already_started = match format {
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Text => builder.try_init(),
    };
}

/// The labels of a request: never the path itself, which may hold ids.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    /// GET, POST, ...
    pub method: &'static str,
    /// The route's pattern.
    pub route: Cow<'static, str>,
    /// The status code.
    pub status: u16,
}

/// The label of a counted thing.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct KindLabel {
    /// What was counted.
    pub kind: String,
}

/// The labels of a certificate of the service's own.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct OwnLabels {
    /// What it is.
    pub kind: String,
    /// Whose.
    pub name: String,
}

/// All counters and timings of the process.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Histogram,
    jobs_given_up: Family<KindLabel, Counter>,
    events: Family<KindLabel, Counter>,
    days_left: Family<OwnLabels, Gauge>,
    timestamps: Family<KindLabel, Counter>,
    clock_usable: Gauge,
    clock_error: Gauge,
    findings: Family<KindLabel, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("segl");
        let requests = Family::default();
        let seconds = Histogram::new([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0]);
        let jobs_given_up = Family::default();
        let events = Family::default();
        let timestamps = Family::default();
        let (clock_usable, clock_error) = (Gauge::default(), Gauge::default());
        let findings: Family<KindLabel, Gauge> = Family::default();
        registry.register("requests", "Answered requests", requests.clone());
        registry.register("request_seconds", "Time to answer", seconds.clone());
        registry.register("jobs_given_up", "Jobs given up after their last attempt", jobs_given_up.clone());
        registry.register("events", "Audited events by action, counted by the node that chains them", events.clone());
        let days_left = Family::default();
        registry.register("own_certificate_days_left", "Whole days until a certificate of the service's own ends", days_left.clone());
        registry.register("timestamps", "Time-stamp requests by outcome", timestamps.clone());
        registry.register("clock_usable", "1 while times are stamped, 0 while the clock is off or unknown", clock_usable.clone());
        registry.register("clock_error_milliseconds", "How far the clock may be off; -1 when unknown", clock_error.clone());
        clock_error.set(-1);
        registry.register("findings", "What the last check found wrong, by what was checked", findings.clone());
        Self { registry, requests, seconds, jobs_given_up, events, days_left, timestamps, clock_usable, clock_error, findings }
    }
}

impl Metrics {
    /// Counts an answered request.
    pub fn answered(&self, labels: RequestLabels, seconds: f64) {
        self.requests.get_or_create(&labels).inc();
        self.seconds.observe(seconds);
    }

    /// Counts a job that was given up.
    pub fn gave_up(&self, kind: &str) {
        self.jobs_given_up.get_or_create(&KindLabel { kind: kind.to_owned() }).inc();
    }

    /// Counts an event such as `certificate.activated`.
    pub fn happened(&self, kind: &str) {
        self.events.get_or_create(&KindLabel { kind: kind.to_owned() }).inc();
    }

    /// How long a certificate of the service's own still lasts.
    pub fn lasts(&self, kind: &str, name: &str, days: i64) {
        self.days_left.get_or_create(&OwnLabels { kind: kind.to_owned(), name: name.to_owned() }).set(days);
    }

    /// Counts a time-stamp request by what became of it.
    pub fn stamped(&self, outcome: &str) {
        self.timestamps.get_or_create(&KindLabel { kind: outcome.to_owned() }).inc();
    }

    /// Tells whether the clock is fit to stamp by, and how far it may be off if that is known.
    pub fn clock(&self, usable: bool, error_milliseconds: Option<i64>) {
        self.clock_usable.set(usable.into());
        self.clock_error.set(error_milliseconds.unwrap_or(-1));
    }

    /// Tells how much a check of this kind found wrong: 0 is well.
    pub fn found(&self, kind: &str, count: usize) {
        self.findings.get_or_create(&KindLabel { kind: kind.to_owned() }).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// The Prometheus text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let _never_fails_on_strings = encode(&mut text, &self.registry);
        text
    }
}
