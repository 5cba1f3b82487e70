//! The log: to standard error, so that what a command prints stays clean.

use crate::{arguments::LogFormat, configuration::Configuration};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts writing log lines.
pub fn start(configuration: &Configuration) {
    let filter = EnvFilter::try_new(&configuration.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    // A second start in one process (tests) keeps the first.
    let _ = match configuration.log_format {
        LogFormat::Text => registry.with(lines.with_target(false)).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
}
