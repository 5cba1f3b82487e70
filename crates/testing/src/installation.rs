//! The whole application on a fresh record, with a clock that stands still.

use crate::{Database, FakeClock, Fixture, Kind, turns::in_turn};
use app::{App, Settings};
use axum::Router;
use domain::{access::Actor, person::Role, scope::Scopes};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// An installation of a test's own.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The application.
    pub app: App,
    /// Its clock.
    pub clock: Arc<FakeClock>,
    /// The other nodes on its database.
    others: Vec<App>,
    url: String,
    folder: PathBuf,
}

impl Installation {
    /// Another process of the same installation: the same record and clock, nothing else shared.
    pub async fn another_node(&self) -> App {
        open(self.settings()).await
    }

    /// The same installation, with something outside to speak to.
    pub async fn with(&self, outside: app::Outside) -> Self {
        Self { app: open(Settings { outside, ..self.settings() }).await, ..self.clone() }
    }

    /// The same installation, where sessions last otherwise.
    pub async fn where_sessions_last(&self, sessions: app::sign_in::Lasting) -> Self {
        Self { app: open(Settings { sessions, ..self.settings() }).await, ..self.clone() }
    }

    /// Its pages, API and sockets, made by `serve` for each node. With several nodes they answer in turn.
    pub fn service(&self, serve: impl Fn(&App) -> Router) -> Router {
        let mut nodes: Vec<Router> = std::iter::once(&self.app).chain(&self.others).map(serve).collect();
        if nodes.len() == 1 { nodes.remove(0) } else { in_turn(nodes) }
    }

    /// Somebody with `role`; the address is made of the name.
    pub async fn somebody(&self, name: &str, role: Role) -> Actor {
        let email = format!("{}@larkfare.example", name.to_lowercase().replace(' ', "."));
        let id = app::people::record(&self.app, &Actor::installation(), name, &email, role, None)
            .await
            .expect("a person is recorded");
        Actor { person: Some(id), name: name.into(), role, scopes: Scopes::ALL }
    }

    /// The address of its database.
    pub fn database_url(&self) -> &str {
        &self.url
    }

    fn settings(&self) -> Settings {
        settings(&self.folder, &self.url, &self.clock)
    }
}

async fn open(settings: Settings) -> App {
    App::open(settings).await.expect("the application opens")
}

fn settings(folder: &Path, url: &str, clock: &Arc<FakeClock>) -> Settings {
    Settings {
        data_dir: folder.to_owned(),
        database_url: Some(url.to_owned()),
        secret_key_file: None,
        sessions: app::sign_in::Lasting::default(),
        clock: Arc::clone(clock) as Arc<dyn app::Clock>,
        outside: app::Outside::default(),
    }
}

impl Fixture for Installation {
    async fn on(database: &Database) -> Self {
        let clock = Arc::new(FakeClock::default());
        let (url, folder) = (database.url().to_owned(), database.folder().join("data"));
        let app = open(settings(&folder, &url, &clock)).await;
        let mut place = Self { app, clock, others: vec![], url, folder };
        if database.kind() == Kind::TwoNodes {
            place.others.push(place.another_node().await);
        }
        place
    }
}
