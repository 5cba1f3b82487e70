//! Other processes on the same record (PostgreSQL): what they did to open documents arrives here too.
//!
//! A word only says that something happened; what happened is read from the record. So a lost word costs
//! time and nothing else: after an interruption, and every [`SWEEP`] anyway, all open documents catch up.
//!
//! Who is in a document is the exception: it stands in no record, so the word carries it, is said again every
//! [`RENEW`], and whom nobody mentions for [`SILENT`] is gone, with the process at whose door they were.

use crate::{App, app::Parts, workspace};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use collab::{Changed, Said, Whose};
use domain::PostmortemId;
use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};
use store::{
    Db,
    notices::{self, Notice},
};
use tokio::sync::mpsc;

/// How often open documents look for what was missed.
const SWEEP: Duration = Duration::from_secs(5);

/// How often a process says who is at its door although nothing changed.
const RENEW: Duration = Duration::from_secs(10);
/// After so long without a mention somebody is gone.
const SILENT: Duration = Duration::from_secs(25);
/// How many things about presence may wait to be said.
pub(crate) const SAYINGS: usize = 1_024;

/// This process among its neighbours; drawn at start, so that one's own words can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node(pub u64);

/// What one process tells the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// Updates of a document were stored.
    Appended(PostmortemId),
    /// Something beside a document's text changed.
    Changed(PostmortemId, Changed),
    /// Who is in a document here: asked by a process that opened it.
    WhoIsHere(PostmortemId),
    /// These people are in a document here, or left it: the content of an awareness message.
    Here(PostmortemId, Vec<u8>),
    /// The workspace has other settings.
    Workspace,
    /// Rights may have changed: these lines are asked about again.
    AskAgain(Whose),
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Appended(document) => write!(f, "appended {document}"),
            Self::Changed(document, changed) => write!(f, "changed {document} {}", changed.key()),
            Self::WhoIsHere(document) => write!(f, "who-is-here {document}"),
            Self::Here(document, content) => write!(f, "here {document} {}", BASE64.encode(content)),
            Self::Workspace => f.write_str("workspace"),
            Self::AskAgain(Whose::Person(person)) => write!(f, "ask-again person {person}"),
            Self::AskAgain(Whose::Document(document)) => write!(f, "ask-again document {document}"),
            Self::AskAgain(Whose::Everybody) => f.write_str("ask-again everybody"),
        }
    }
}

impl Node {
    /// A word as it is sent: who says it, then what.
    pub(crate) fn word(self, word: &Word) -> String {
        format!("{:016x} {word}", self.0)
    }

    /// A word of somebody else and who they are; one's own and what cannot be read (a later version's) are nothing.
    fn heard(self, text: &str) -> Option<(Self, Word)> {
        let mut parts = text.split(' ');
        let from = u64::from_str_radix(parts.next()?, 16).ok()?;
        if from == self.0 {
            return None;
        }
        Self::read(parts).map(|word| (Self(from), word))
    }

    fn read<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<Word> {
        match parts.next()? {
            "appended" => Some(Word::Appended(parts.next()?.parse().ok()?)),
            "changed" => Some(Word::Changed(parts.next()?.parse().ok()?, Changed::from_key(parts.next()?)?)),
            "who-is-here" => Some(Word::WhoIsHere(parts.next()?.parse().ok()?)),
            "here" => Some(Word::Here(parts.next()?.parse().ok()?, BASE64.decode(parts.next()?).ok()?)),
            "workspace" => Some(Word::Workspace),
            "ask-again" => Some(Word::AskAgain(match parts.next()? {
                "person" => Whose::Person(parts.next()?.parse().ok()?),
                "document" => Whose::Document(parts.next()?.parse().ok()?),
                // Whatever a later version means, everybody is more than enough.
                _ => Whose::Everybody,
            })),
            _ => None,
        }
    }
}

impl App {
    /// Rights may have changed: every open socket of these people, or of this document, on every node, asks at
    /// once whether its session still holds and what it may do now, and is closed if that is less or more than
    /// before. Call it after the commit of any act that ends a session, changes a role, closes an account or
    /// narrows who sees an incident. Calling it too often costs a few statements for each open socket, no more.
    ///
    /// Should the word to other processes be lost, their sockets ask within 20 seconds anyway.
    pub fn turn_away(&self, whose: Whose) {
        self.rooms().ask_again(whose);
        self.tell_neighbours(&Word::AskAgain(whose));
    }

    /// Tells the other processes something that no transaction of its own carries.
    pub(crate) fn tell_neighbours(&self, word: &Word) {
        let db = self.db().clone();
        if db.has_neighbours() {
            let words = vec![self.node().word(word)];
            tokio::spawn(async move { say(&db, words).await });
        }
    }
}

/// Says words in a transaction of their own.
async fn say(db: &Db, words: Vec<String>) {
    let said = async {
        let mut tx = db.write().await?;
        for word in words {
            notices::say(&mut tx, &word).await?;
        }
        tx.commit().await
    };
    if let Err(error) = said.await {
        tracing::warn!(error = &error as &dyn std::error::Error, "other processes were not told");
    }
}

/// Passes on what the shared documents have to say about presence, several sayings in one transaction, for as long
/// as there are documents.
pub(crate) async fn speak(db: Db, node: Node, mut sayings: mpsc::Receiver<Said>) {
    /// What arrives in this time goes together.
    const GATHER: Duration = Duration::from_millis(50);
    let mut said = Vec::new();
    while sayings.recv_many(&mut said, 64).await > 0 {
        let words = said.drain(..).map(|said| {
            node.word(&match said {
                Said::WhoIsHere(document) => Word::WhoIsHere(document),
                Said::Here(document, content) => Word::Here(document, content),
            })
        });
        say(&db, words.collect()).await;
        tokio::time::sleep(GATHER).await;
    }
}

/// Listens for as long as the application lives.
pub(crate) async fn listen(app: App) -> Result<(), store::Error> {
    let mut line = app.db().listen().await?;
    if !line.anybody() {
        return Ok(());
    }
    let node = app.node();
    let parts = app.downgrade();
    drop(app);
    tokio::spawn(async move {
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut renew = tokio::time::interval(RENEW);
        loop {
            let heard = tokio::select! {
                notice = line.next() => Some(notice),
                _ = sweep.tick() => None,
                _ = renew.tick() => {
                    let Some(app) = alive(&parts) else { return };
                    app.rooms().renew_presence(None);
                    app.rooms().forget_silent(SILENT);
                    continue;
                }
            };
            let Some(app) = alive(&parts) else { return };
            match heard {
                // One's own acts ask for jobs, too.
                Some(Notice::Said(text)) if text == store::jobs::WORD => app.jobs_asked_for().notify_one(),
                Some(Notice::Said(text)) => {
                    if let Some((from, word)) = node.heard(&text) {
                        follow(&app, from, word).await;
                    }
                }
                Some(Notice::Interrupted) => {
                    app.rooms().ask_again(Whose::Everybody);
                    app.jobs_asked_for().notify_one();
                    catch_up_all(&app).await;
                }
                None => catch_up_all(&app).await,
            }
        }
    });
    Ok(())
}

fn alive(parts: &Weak<Parts>) -> Option<App> {
    parts.upgrade().map(|parts: Arc<Parts>| App::from(parts))
}

async fn follow(app: &App, from: Node, word: Word) {
    match word {
        Word::Appended(document) => catch_up(app, document).await,
        Word::Changed(document, changed) => app.rooms().tell(document, changed),
        Word::WhoIsHere(document) => app.rooms().renew_presence(Some(document)),
        Word::Here(document, content) => app.rooms().hear(from.0, document, &content),
        Word::AskAgain(whose) => app.rooms().ask_again(whose),
        Word::Workspace => {
            let read = async { workspace::load(&mut app.db().read().await?).await };
            match read.await {
                Ok(workspace) => app.keep_workspace(workspace),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the workspace cannot be read");
                }
            }
        }
    }
}

async fn catch_up_all(app: &App) {
    for document in app.rooms().open() {
        catch_up(app, document).await;
    }
}

async fn catch_up(app: &App, document: PostmortemId) {
    if let Err(error) = app.rooms().catch_up(document).await {
        tracing::warn!(%document, %error, "a document cannot catch up just now");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Instant, PersonId};

    #[test]
    fn words_of_others_are_understood_and_ones_own_are_not_heard() {
        let document = PostmortemId::new(Instant::from_seconds(1), [7; 10]);
        let (here, there) = (Node(1), Node(u64::MAX));
        let somebody = PersonId::new(Instant::from_seconds(1), [9; 10]);
        let words = [
            Word::Appended(document),
            Word::Changed(document, Changed::Facts),
            Word::Workspace,
            Word::AskAgain(Whose::Person(somebody)),
            Word::AskAgain(Whose::Document(document)),
            Word::AskAgain(Whose::Everybody),
            Word::WhoIsHere(document),
            Word::Here(document, vec![7; collab::Limits::default().far_presence]),
        ];
        for word in words {
            assert!(there.word(&word).len() < 8_000, "PostgreSQL carries no more");
            assert_eq!(here.heard(&there.word(&word)), Some((there, word.clone())));
            assert_eq!(here.heard(&here.word(&word)), None);
        }
        for strange in ["", "zz appended x", "ffff appended", "ffff dances", "ffff changed x y"] {
            assert_eq!(here.heard(strange), None);
        }
    }
}
