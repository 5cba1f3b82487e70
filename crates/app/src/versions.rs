//! Versions of the shared document: kept at each change of state, by name and while people write; compared, and
//! brought back (TIM-10, LIF-08).

mod hourly;

pub(crate) use hourly::Hourly;
pub use store::versions::{History, Listed};

use crate::{App, Error, Result, neighbours::Word, postmortems::opening, reach};
use domain::{
    Instant, PersonId, PostmortemId,
    access::{Action, Actor},
    difference::{self, Change},
    document::Document,
    evidence::Digest32,
    incident::IncidentNumber,
    postmortem::Postmortem,
    version::{NAME_MAX, VersionKind, VersionNumber},
};
use serde_json::json;
use store::{Tx, audit, documents, notices, postmortems, versions};

/// A document at a moment that can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When a version was made.
    Version(VersionNumber),
    /// Now.
    Now,
}

/// A version with what it says.
#[derive(Debug, Clone)]
pub struct Shown {
    /// All versions.
    pub history: History,
    /// This one.
    pub version: Listed,
    /// What the document said.
    pub document: Document,
}

/// What changed from one moment to a later one.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// All versions.
    pub history: History,
    /// The earlier version.
    pub before: Listed,
    /// The later version; `None`: now.
    pub after: Option<Listed>,
    /// What is different, in the order of reading.
    pub changes: Vec<Change>,
    /// Names of those who wrote between the two, in the order of their first words.
    pub writers: Vec<String>,
}

/// The versions of a post-mortem, oldest first, and who wrote since the newest.
pub async fn list(app: &App, actor: &Actor, number: IncidentNumber) -> Result<(History, Vec<String>)> {
    let mut tx = app.read(actor, Action::Read).await?;
    let history = versions::history(&mut tx, number, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    let newest = history.versions.last().map_or(0, |version| version.seq);
    let since = versions::writers_since(&mut tx, history.document, newest).await?;
    Ok((history, since))
}

/// What a version says.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber, version: VersionNumber) -> Result<Shown> {
    let mut tx = app.read(actor, Action::Read).await?;
    let history = versions::history(&mut tx, number, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    let found = of(&history, version)?.clone();
    let mut states = versions::states(&mut tx, history.document, version, version).await?;
    drop(tx);
    let (_, state) = states.pop().ok_or(Error::NotFound)?;
    Ok(Shown { version: found, document: read(&[state])?, history })
}

/// What changed between two versions, or since one; given the wrong way round they are turned.
pub async fn compare(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    one: VersionNumber,
    other: Moment,
) -> Result<Comparison> {
    let (before, after) = match other {
        Moment::Version(other) => (one.min(other), Some(one.max(other))),
        Moment::Now => (one, None),
    };
    let mut tx = app.read(actor, Action::Read).await?;
    let history = versions::history(&mut tx, number, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    let earlier = of(&history, before)?.clone();
    let later = after.map(|after| of(&history, after).cloned()).transpose()?;
    let states = versions::states(&mut tx, history.document, before, after.unwrap_or(before)).await?;
    let since = match (&later, history.versions.last()) {
        (None, Some(newest)) => versions::writers_since(&mut tx, history.document, newest.seq).await?,
        _ => Vec::new(),
    };
    drop(tx);
    let now = match after {
        Some(_) => None,
        None => Some(crate::postmortems::read_document(app, history.document).await?),
    };
    let writers = writers_between(&history, before, after, since);
    // Comparing can take a while for large documents; others are served meanwhile.
    let compared = tokio::task::spawn_blocking(move || {
        let first = states.first().map(|(_, state)| read(&[state])).ok_or(Error::NotFound)??;
        let last = match now {
            Some(now) => now,
            None => states.last().map(|(_, state)| read(&[state])).ok_or(Error::NotFound)??,
        };
        Ok::<_, Error>(difference::between(&first, &last))
    });
    let changes = compared.await.map_err(Error::internal)??;
    Ok(Comparison { history, before: earlier, after: later, changes, writers })
}

fn writers_between(
    history: &History,
    before: VersionNumber,
    after: Option<VersionNumber>,
    since_newest: Vec<String>,
) -> Vec<String> {
    let between =
        |version: &&Listed| version.number > before && after.is_none_or(|after| version.number <= after);
    let named = history.versions.iter().filter(between).flat_map(|version| version.writers.clone());
    let mut writers: Vec<String> = Vec::new();
    for name in named.chain(since_newest) {
        if !writers.contains(&name) {
            writers.push(name);
        }
    }
    writers
}

fn of(history: &History, version: VersionNumber) -> Result<&Listed> {
    history.versions.iter().find(|listed| listed.number == version).ok_or(Error::NotFound)
}

fn read<U: AsRef<[u8]>>(updates: &[U]) -> Result<Document> {
    collab::project(updates).map_err(Error::internal)
}

/// Gives this moment a name, 1 to 80 characters.
pub async fn name(app: &App, actor: &Actor, number: IncidentNumber, name: &str) -> Result<VersionNumber> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "A name has 1 to 80 characters."));
    }
    settle(app, actor, number, Action::Write).await?;
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let postmortem = postmortems::of_incident(&mut tx, held.id()).await?.ok_or(Error::NotFound)?;
    let now = Now::of(&mut tx, postmortem.id).await?;
    let kept = now.keep(app, &mut tx, actor, &postmortem, &VersionKind::Named(name.to_owned())).await?;
    let detail = json!({ "name": name, "version": kept }).to_string();
    audit::record(&mut tx, app.now(), actor, "version.name", &number.to_string(), &detail).await?;
    tx.commit().await?;
    Ok(kept.number)
}

/// Brings an earlier version back as a new one, by an edit like any other: whoever has the document open sees
/// it, and what it said just before is kept as a version too.
pub async fn restore(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    version: VersionNumber,
) -> Result<VersionNumber> {
    settle(app, actor, number, Action::Write).await?;
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let postmortem = postmortems::of_incident(&mut tx, held.id()).await?.ok_or(Error::NotFound)?;
    let mut now = Now::of(&mut tx, postmortem.id).await?;
    let mut states = versions::states(&mut tx, postmortem.id, version, version).await?;
    let (_, state) = states.pop().ok_or(Error::NotFound)?;
    let wanted = read(&[state])?;
    let client = u64::from(u32::from_be_bytes(app.random()));
    let limit = collab::Limits::default().document;
    let update = collab::rewrite(&now.updates, &wanted, client, limit).map_err(|refused| {
        not_written(
            refused,
            "Both texts together are more than a document can hold. Nothing was changed; the version can still be read and copied from.",
        )
    })?;
    let Some(update) = update else {
        return Err(Error::conflict(
            "The document says what this version says. There is nothing to bring back.",
        ));
    };
    let before = now.keep(app, &mut tx, actor, &postmortem, &VersionKind::BeforeRestore).await?;
    now.write(app, &mut tx, actor, postmortem.id, update).await?;
    let kind = VersionKind::Restored { from: version };
    let restored = now.keep(app, &mut tx, actor, &postmortem, &kind).await?;
    let detail = json!({ "from": version.0, "before": before, "version": restored }).to_string();
    audit::record(&mut tx, app.now(), actor, "version.restore", &number.to_string(), &detail).await?;
    tx.commit().await?;
    appear(app, postmortem.id).await;
    Ok(restored.number)
}

/// Shows what [`Now::write`] wrote, after its commit: the edit is in the log, and open editors of this process hear of it
/// as those of others do.
pub(crate) async fn appear(app: &App, document: PostmortemId) {
    if let Err(error) = app.rooms().catch_up(document).await {
        tracing::warn!(%document, %error, "open editors see what was written later");
    }
}

/// Why an edit of ours was not written; `full` is what people read where the document has no room for it.
pub(crate) fn not_written(refused: collab::RewriteError, full: &str) -> Error {
    match refused {
        collab::RewriteError::TooLarge => Error::conflict(full),
        collab::RewriteError::Unreadable(unreadable) => Error::internal(unreadable),
    }
}

/// Waits until what people typed so far, as this process saw it, is in the log.
pub(crate) async fn settle(app: &App, actor: &Actor, number: IncidentNumber, action: Action) -> Result<()> {
    let (tx, held) = reach::reading(app, actor, number, action).await?;
    drop(tx);
    crate::postmortems::read_document(app, held.postmortem().ok_or(Error::NotFound)?).await?;
    Ok(())
}

/// A document as its log holds it; nobody adds to it before the transaction ends.
pub(crate) struct Now {
    epoch: i64,
    seq: i64,
    pub(crate) updates: Vec<Vec<u8>>,
}

impl Now {
    pub(crate) async fn of(tx: &mut Tx, document: PostmortemId) -> Result<Self> {
        documents::lock(tx, document).await?.ok_or(Error::NotFound)?;
        Self::read(tx, document).await
    }

    /// The same without keeping anybody from adding to it.
    pub(crate) async fn read(tx: &mut Tx, document: PostmortemId) -> Result<Self> {
        let stored = documents::load(tx, document).await?.ok_or(Error::NotFound)?;
        Ok(Self {
            epoch: stored.epoch,
            seq: stored.updates.last().map_or(0, |(seq, _)| *seq),
            updates: stored.updates.into_iter().map(|(_, update)| update).collect(),
        })
    }

    /// What it says.
    pub(crate) fn document(&self) -> Result<Document> {
        read(&self.updates)
    }

    /// Adds an edit of ours to the log, in the transaction that read it; [`appear`] shows it once that is committed.
    pub(crate) async fn write(
        &mut self,
        app: &App,
        tx: &mut Tx,
        actor: &Actor,
        document: PostmortemId,
        update: Vec<u8>,
    ) -> Result<()> {
        let seq = documents::append(tx, document, self.epoch, &update, actor.person, app.now()).await?;
        self.seq = seq.ok_or_else(Error::changed_meanwhile)?;
        self.updates.push(update);
        postmortems::set_opening(tx, document, &opening(&self.document()?)).await?;
        notices::say(tx, &app.node().word(&Word::Appended(document))).await?;
        Ok(())
    }

    /// Keeps it as a version.
    pub(crate) async fn keep(
        &self,
        app: &App,
        tx: &mut Tx,
        actor: &Actor,
        postmortem: &Postmortem,
        kind: &VersionKind,
    ) -> Result<Kept> {
        let by = (actor.person, app.now());
        keep(tx, postmortem, kind, &self.updates, (self.seq, self.epoch), by).await
    }
}

/// A version that was kept, for the record of acts: its number and the sum of what it holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) number: VersionNumber,
    pub(crate) digest: Digest32,
}

impl serde::Serialize for Kept {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        json!({ "number": self.number.0, "sha256": self.digest.to_string() }).serialize(serializer)
    }
}

/// Keeps the document of these updates as a version. The document is locked or new.
pub(crate) async fn keep(
    tx: &mut Tx,
    postmortem: &Postmortem,
    kind: &VersionKind,
    updates: &[Vec<u8>],
    (seq, epoch): (i64, i64),
    (made_by, made_at): (Option<PersonId>, Instant),
) -> Result<Kept> {
    let state = collab::merged(updates).map_err(Error::internal)?;
    let (document, standing) = (postmortem.id, postmortem.state);
    let new = versions::New { document, seq, epoch, kind, standing, made_by, made_at, state: &state };
    let number = versions::keep(tx, new).await?;
    Ok(Kept { number, digest: Digest32::of(&state) })
}
