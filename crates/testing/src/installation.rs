//! The whole application on a fresh record, with a clock that stands still.

use crate::{Database, FakeClock, Fixture};
use app::{App, Settings};
use domain::{access::Actor, person::Role, scope::Scopes};
use std::{path::PathBuf, sync::Arc};

/// An installation of a test's own.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The application.
    pub app: App,
    /// Its clock.
    pub clock: Arc<FakeClock>,
    url: String,
    folder: PathBuf,
}

impl Installation {
    /// Another process of the same installation: the same record and clock, nothing else shared.
    pub async fn another_node(&self) -> App {
        let settings = Settings {
            data_dir: self.folder.clone(),
            database_url: Some(self.url.clone()),
            secret_key_file: None,
            clock: Arc::clone(&self.clock) as Arc<dyn app::Clock>,
            outside: app::Outside::default(),
        };
        App::open(settings).await.expect("the application opens")
    }

    /// The same installation, with something outside to speak to.
    pub async fn with(&self, outside: app::Outside) -> Self {
        let settings = Settings {
            data_dir: self.folder.clone(),
            database_url: Some(self.url.clone()),
            secret_key_file: None,
            clock: Arc::clone(&self.clock) as Arc<dyn app::Clock>,
            outside,
        };
        Self { app: App::open(settings).await.expect("the application opens"), ..self.clone() }
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
}

impl Fixture for Installation {
    async fn on(database: &Database) -> Self {
        let clock = Arc::new(FakeClock::default());
        let (url, folder) = (database.url().to_owned(), database.folder().join("data"));
        let settings = Settings {
            data_dir: folder.clone(),
            database_url: Some(url.clone()),
            secret_key_file: None,
            clock: Arc::clone(&clock) as Arc<dyn app::Clock>,
            outside: app::Outside::default(),
        };
        let app = App::open(settings).await.expect("the application opens");
        Self { app, clock, url, folder }
    }
}
