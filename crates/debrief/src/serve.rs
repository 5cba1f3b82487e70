//! `debrief serve`: pages and API until somebody says stop.

use crate::{arguments::Serve, configuration::Configuration, failure::Failure};
use app::jobs::{Duties, Workers};
use axum::serve::ListenerExt as _;
use domain::access::Actor;
use std::{io::Write as _, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;

/// How long stopping waits for the record to take the last edits.
const DRAIN: Duration = Duration::from_secs(20);

/// How long stopping waits for jobs that are being done. A backup that takes longer is given up; its half file
/// has another name.
const LAST_JOBS: Duration = Duration::from_secs(5);

/// Opens the record, listens, and serves until SIGTERM or Ctrl-C; then lets what is under way end.
pub async fn run(configuration: &Configuration, serve: &Serve) -> Result<(), Failure> {
    let app = configuration.open().await?;
    app::provider::configure(&app).await?;
    match app::passphrase::seal_all(&app).await {
        Ok(0) => {}
        Ok(sealed) => tracing::info!(sealed, "passphrases of an earlier version are sealed now"),
        // Everything else goes on without the key, and people come in by links.
        Err(error) => tracing::warn!(%error, "passphrases cannot be opened here"),
    }
    let listener = TcpListener::bind(&configuration.listen).await.map_err(|error| {
        Failure::new(format!(
            "{} cannot be listened on: {error}. Choose another with --listen.",
            configuration.listen
        ))
    })?;
    let listening = listener.local_addr().map_err(Failure::system)?.to_string();
    let base = configuration.base_url(&listening);
    greet(&app, serve, &base).await?;

    let mut settings = web::Settings::new(configuration.public_url.clone());
    settings.upload_limit = configuration.upload_limit;
    settings.behind_proxy = configuration.behind_proxy;
    let router = web::router(web::State::new(app.clone(), settings));
    // Without this a keystroke waits up to 40 ms for the one before it to be acknowledged (RFC 896).
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays without TCP_NODELAY");
        }
    });
    let duties =
        Duties { backups: configuration.backups(), deliveries_kept: configuration.deliveries_kept() };
    let workers = Workers::start(app.clone(), duties);
    let stream =
        configuration.audit_stream.clone().map(|place| tokio::spawn(app::acts::stream(app.clone(), place)));
    let (stopping, delay) = (app.clone(), Duration::from_secs(configuration.stop_delay_seconds.into()));
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            stop_asked().await;
            stopping.announce_stop();
            // A proxy that asks `/readyz` sends nobody here any more; those who are here go on meanwhile.
            tokio::time::sleep(delay).await;
            tracing::info!("stopping: documents are drained, requests end");
            if tokio::time::timeout(DRAIN, stopping.rooms().shut_down()).await.is_err() {
                tracing::error!(
                    "the record did not take the last edits in time; browsers keep and send them again"
                );
            }
        })
        .await
        .map_err(Failure::system)?;
    workers.stop(LAST_JOBS).await;
    // What was not streamed yet is when it starts again: the place itself says how far it got.
    if let Some(stream) = stream {
        stream.abort();
    }
    app.shut_down().await;
    Ok(())
}

/// Says where to go: the set-up link of a new installation, the demo's sign-in link, or just the address.
async fn greet(app: &app::App, serve: &Serve, base: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let mut say = |line: String| writeln!(out, "{line}").and_then(|()| out.flush()).map_err(Failure::system);
    if serve.demo {
        let email = app::stories::tell(app).await?;
        let token = app::sign_in::sign_in_link(app, &Actor::installation(), &email, 24).await?;
        return say(format!("Debrief with its demo stories. Sign in here:\n  {base}/links/{token}"));
    }
    match app::sign_in::set_up_link(app).await? {
        Some(token) => say(format!(
            "Debrief is new here. Set it up by this link, which works once:\n  {base}/links/{token}"
        )),
        None => say(format!("Debrief serves at {base}")),
    }
}

async fn stop_asked() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
