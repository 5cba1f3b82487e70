//! The application as one value: built once, passed down, no globals.

use crate::{
    Error, Result,
    clock::Clock,
    document_log::DocumentLog,
    neighbours::{Node, Word},
    sign_in::Lasting,
    workspace::Workspace,
};
use collab::{Changed, Limits, Rooms};
use domain::{
    Instant, PostmortemId,
    access::{Action, Actor, allowed},
};
use rand::RngCore;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, RwLock, Weak},
};
use store::{Db, OpenError, Tx};
use tokio::sync::mpsc;

/// What an installation is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where files live.
    pub data_dir: PathBuf,
    /// `None`: SQLite in the data directory; otherwise `postgres://…` or `sqlite://…`.
    pub database_url: Option<String>,
    /// The file with the key for secrets; `None`: `secret.key` in the data directory.
    pub secret_key_file: Option<PathBuf>,
    /// How long sessions last.
    pub sessions: Lasting,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// What lies outside.
    pub outside: Outside,
}

/// What lies outside an installation and may be spoken to. By default that is nothing.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// How mail is sent; without it, links are handed over by people.
    pub mail: Option<crate::mail::Settings>,
    /// Hosts inside the network that may be asked.
    pub inside: crate::outbound::Inside,
    /// Whether pages that people link to are fetched once, to keep what they say.
    pub snapshots: bool,
    /// A host that has the certificates of Amazon SNS instead of Amazon's own, which are asked otherwise. No setting says
    /// so: it is for trying without the network.
    pub certificates: Option<String>,
    /// How people sign in with a provider; without it, administrators say so on a page.
    pub provider: Option<crate::provider::Configured>,
}

/// Why an installation cannot start. The text is for whoever starts it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be made or written.
    #[error("The data directory {folder} cannot be used: {cause}. Give another one with --data-dir.")]
    DataDir {
        /// Which one.
        folder: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Nothing outside can be asked.
    #[error("Nothing outside can be asked, though the settings ask for it: {0}.")]
    Outside(#[from] crate::outbound::Refused),
    /// Mail is set wrongly.
    #[error(transparent)]
    Mail(#[from] crate::mail::NotSet),
    /// The first read failed.
    #[error("The record cannot be read: {0}. Nothing was changed.")]
    Record(#[from] store::Error),
}

/// The application. Cloning is cheap and gives the same application.
#[derive(Debug, Clone)]
pub struct App {
    parts: Arc<Parts>,
}

#[derive(Debug)]
pub(crate) struct Parts {
    node: Node,
    clock: Arc<dyn Clock>,
    data_dir: PathBuf,
    secret_key_file: PathBuf,
    lasting: Lasting,
    db: Db,
    rooms: Rooms,
    workspace: RwLock<Workspace>,
    sign_ins: crate::sign_in::Throttle,
    imports: crate::imports::Running,
    tempo: Arc<crate::tempo::Tempo>,
    counted: Arc<crate::numbers::Counted>,
    jobs_asked_for: tokio::sync::Notify,
    receiver: crate::hooks::Receiver,
    /// Set once: the process was asked to stop.
    stopping: std::sync::atomic::AtomicBool,
    mailer: Option<crate::mail::Mailer>,
    way_out: Option<crate::outbound::Outbound>,
    provider: crate::provider::Known,
    certificates: crate::hooks::Certificates,
    language: crate::language::Ready,
}

impl App {
    /// Opens the record, brings its schema up to date and makes everything ready.
    pub async fn open(settings: Settings) -> std::result::Result<Self, StartError> {
        make_private_folder(&settings.data_dir)
            .map_err(|cause| StartError::DataDir { folder: settings.data_dir.clone(), cause })?;
        let mailer = settings.outside.mail.as_ref().map(crate::mail::Mailer::new).transpose()?;
        let provider =
            crate::provider::Known::new(settings.outside.inside.clone(), settings.outside.provider);
        let certificates =
            crate::hooks::Certificates::new(settings.outside.inside.clone(), settings.outside.certificates);
        let way_out =
            settings.outside.snapshots.then(|| crate::outbound::Outbound::new(settings.outside.inside));
        let way_out = way_out.transpose()?;
        let db = match &settings.database_url {
            Some(url) => Db::open(url).await?,
            None => Db::open_in(&settings.data_dir).await?,
        };
        let mut tx = db.read().await?;
        let workspace = crate::workspace::load(&mut tx).await?;
        drop(tx);
        let node = Node(rand::rng().next_u64());
        let counted = Arc::<crate::numbers::Counted>::default();
        let log = DocumentLog::new(db.clone(), Arc::clone(&settings.clock), node, Arc::clone(&counted));
        let tempo = Arc::clone(log.tempo());
        let (sayings, to_be_said) = mpsc::channel(crate::neighbours::SAYINGS);
        let neighbours = db.has_neighbours().then_some(sayings);
        tokio::spawn(crate::neighbours::speak(db.clone(), node, to_be_said));
        let parts = Parts {
            node,
            clock: settings.clock,
            secret_key_file: settings.secret_key_file.unwrap_or_else(|| settings.data_dir.join("secret.key")),
            data_dir: settings.data_dir,
            lasting: settings.sessions,
            rooms: Rooms::among(Arc::new(log), Limits::default(), neighbours),
            tempo,
            workspace: RwLock::new(workspace),
            sign_ins: crate::sign_in::Throttle::default(),
            imports: crate::imports::Running::default(),
            counted,
            jobs_asked_for: tokio::sync::Notify::new(),
            receiver: crate::hooks::Receiver::default(),
            stopping: std::sync::atomic::AtomicBool::new(false),
            mailer,
            way_out,
            provider,
            certificates,
            language: crate::language::Ready::default(),
            db,
        };
        let app = Self { parts: Arc::new(parts) };
        crate::neighbours::listen(app.clone()).await?;
        crate::resting::start(app.downgrade());
        Ok(app)
    }

    /// The instant it is now.
    pub fn now(&self) -> Instant {
        self.parts.clock.now()
    }

    /// When edits are written down next.
    pub fn tempo(&self) -> &Arc<crate::tempo::Tempo> {
        &self.parts.tempo
    }

    /// Where files live.
    pub fn data_dir(&self) -> &Path {
        &self.parts.data_dir
    }

    /// How long sessions last.
    pub fn lasting(&self) -> Lasting {
        self.parts.lasting
    }

    /// The file with the key for secrets.
    pub(crate) fn secret_key_file(&self) -> &Path {
        &self.parts.secret_key_file
    }

    /// The shared documents.
    pub fn rooms(&self) -> &Rooms {
        &self.parts.rooms
    }

    /// From now on [`checking::ready`](crate::checking::ready) says no, so that a proxy sends people elsewhere;
    /// everything else goes on.
    pub fn announce_stop(&self) {
        self.parts.stopping.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Whether the process was asked to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.parts.stopping.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Ends everything in order: documents are drained, then the record is closed.
    pub async fn shut_down(&self) {
        self.parts.rooms.shut_down().await;
        self.parts.db.close().await;
    }

    pub(crate) fn node(&self) -> Node {
        self.parts.node
    }

    /// A hold on the application that does not keep it alive.
    pub(crate) fn downgrade(&self) -> Weak<Parts> {
        Arc::downgrade(&self.parts)
    }

    /// What holds for everybody, as last read or set by this process.
    pub(crate) fn workspace(&self) -> Workspace {
        self.parts.workspace.read().map_or_else(|poisoned| poisoned.into_inner().clone(), |held| held.clone())
    }

    /// Remembers the workspace, unless a newer one is known: two changes may end in either order.
    pub(crate) fn keep_workspace(&self, workspace: Workspace) {
        let mut held = self.parts.workspace.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if workspace.revision >= held.revision {
            *held = workspace;
        }
    }

    pub(crate) fn sign_ins(&self) -> &crate::sign_in::Throttle {
        &self.parts.sign_ins
    }

    pub(crate) fn receiver(&self) -> &crate::hooks::Receiver {
        &self.parts.receiver
    }

    pub(crate) fn mailer(&self) -> Option<&crate::mail::Mailer> {
        self.parts.mailer.as_ref()
    }

    /// The way out for pages that people link to, if the settings open it.
    pub(crate) fn way_out(&self) -> Option<&crate::outbound::Outbound> {
        self.parts.way_out.as_ref()
    }

    /// The certificates by which Amazon SNS signs.
    pub(crate) fn certificates(&self) -> &crate::hooks::Certificates {
        &self.parts.certificates
    }

    /// What is known of the provider of single sign-on, and the way to it.
    pub(crate) fn provider(&self) -> &crate::provider::Known {
        &self.parts.provider
    }

    pub(crate) fn imports(&self) -> &crate::imports::Running {
        &self.parts.imports
    }

    pub(crate) fn counted(&self) -> &Arc<crate::numbers::Counted> {
        &self.parts.counted
    }

    /// Wakes whoever does jobs in this process.
    pub(crate) fn jobs_asked_for(&self) -> &tokio::sync::Notify {
        &self.parts.jobs_asked_for
    }

    pub(crate) fn language(&self) -> &crate::language::Ready {
        &self.parts.language
    }

    /// Random bytes from the operating system: for ids, tokens and salts.
    #[expect(
        clippy::unused_self,
        reason = "whoever draws must hold the application, so that tests can seed it"
    )]
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        rand::rng().fill_bytes(&mut bytes);
        bytes
    }

    /// A transaction for reading on behalf of `actor`, if they may do `action`.
    pub(crate) async fn read(&self, actor: &Actor, action: Action) -> Result<Tx> {
        check(actor, action)?;
        Ok(self.parts.db.read().await?)
    }

    /// A transaction for writing on behalf of `actor`, if they may do `action`.
    pub(crate) async fn write(&self, actor: &Actor, action: Action) -> Result<Tx> {
        check(actor, action)?;
        self.begin().await
    }

    /// The transaction of an act whose actor was asked about already, or will be before anything changes. If its
    /// request has a key, that is noted first.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        let mut tx = self.parts.db.write().await?;
        crate::repeats::begin(self, &mut tx).await?;
        Ok(tx)
    }

    /// The record without an actor: only for what happens before somebody is known (signing in).
    pub(crate) fn db(&self) -> &Db {
        &self.parts.db
    }

    /// Tells open pages of a document, on every node, that something beside its text changed; call after the commit.
    pub(crate) fn tell(&self, document: Option<PostmortemId>, changed: Changed) {
        if let Some(document) = document {
            self.parts.rooms.tell(document, changed);
            self.tell_neighbours(&Word::Changed(document, changed));
        }
    }
}

impl From<Arc<Parts>> for App {
    fn from(parts: Arc<Parts>) -> Self {
        Self { parts }
    }
}

fn check(actor: &Actor, action: Action) -> Result<()> {
    if allowed(actor, action) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Others on the machine have no business in here: evidence is painful and sessions are secrets.
pub(crate) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
        // A new folder is only there for good when the one that it stands in was written.
        if let Some(above) = std::fs::canonicalize(folder)?.parent() {
            std::fs::File::open(above)?.sync_all()?;
        }
    }
    Ok(())
}
