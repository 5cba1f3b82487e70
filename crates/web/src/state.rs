//! What every handler can reach.

use crate::{carriers::Carriers, metrics::Metrics};
use app::App;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use std::{convert::Infallible, sync::Arc};

/// How this installation is reached from outside.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address people type, for instance `https://debrief.example`; without it the `Host` header counts.
    pub public_url: Option<String>,
    /// Whether cookies are marked `Secure`; set when people come over https.
    pub secure_cookies: bool,
    /// Bytes that one upload may have.
    pub upload_limit: u64,
    /// Whether the `X-Forwarded-For` header of a proxy in front is believed when tries to sign in are slowed.
    pub behind_proxy: bool,
}

impl Settings {
    /// 2 GiB: the largest archive that people are known to export.
    pub const UPLOAD_LIMIT: u64 = 2 << 30;

    /// For an installation that is reached at `public_url`, or at whatever address it answers.
    pub fn new(public_url: Option<String>) -> Self {
        let secure_cookies = public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        Self { public_url, secure_cookies, upload_limit: Self::UPLOAD_LIMIT, behind_proxy: false }
    }

    /// The whole address of `path`, for links that leave the page: under the public address, or under the
    /// one that this request was sent to.
    pub(crate) fn absolute(&self, headers: &HeaderMap, path: &str) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let scheme = if self.secure_cookies { "https" } else { "http" };
        match &self.public_url {
            Some(public) => format!("{}{path}", public.trim_end_matches('/')),
            None => format!("{scheme}://{host}{path}"),
        }
    }
}

/// The application and how it is reached. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct State {
    /// What people can do.
    pub app: App,
    /// How this installation is reached.
    pub settings: Arc<Settings>,
    /// What was answered so far.
    pub(crate) metrics: Arc<Metrics>,
    /// Who carries the lines of shared documents.
    pub(crate) carriers: Arc<Carriers>,
}

impl State {
    /// The state for [`router`](crate::router()).
    pub fn new(app: App, settings: Settings) -> Self {
        let carriers = Carriers::new(Arc::clone(app.tempo()));
        Self { app, settings: Arc::new(settings), metrics: Arc::default(), carriers: Arc::new(carriers) }
    }
}

impl FromRequestParts<State> for State {
    type Rejection = Infallible;
    async fn from_request_parts(_: &mut Parts, state: &State) -> Result<Self, Infallible> {
        Ok(state.clone())
    }
}
