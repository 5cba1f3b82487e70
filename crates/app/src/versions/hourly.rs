//! A version now and then while people write, so that a day's work can be looked at in steps.
//!
//! With age they grow fewer (`store::versions::thin`). No timer runs: when an edit was stored and the newest version is an hour old, one is made. It holds what
//! earlier sittings wrote and the first words of this one.

use domain::{Instant, PostmortemId, instant::Span, version::VersionKind};
use std::collections::HashMap;
use store::{Db, documents, versions};
use tokio::runtime::Handle;

/// How long after a version the next one is made by itself.
const APART: Span = Span::hours(1);
/// How often a document that is being written is looked at.
const LOOK: Span = Span::minutes(10);
/// From so many documents on, those not written lately are forgotten.
const MANY: usize = 1000;

/// When each document was last looked at.
#[derive(Debug, Default)]
pub(crate) struct Hourly {
    looked: HashMap<PostmortemId, Instant>,
}

impl Hourly {
    /// Edits of these documents were stored. Versions that are due are made elsewhere, without holding edits up.
    pub(crate) fn look(
        &mut self,
        db: &Db,
        elsewhere: &Handle,
        now: Instant,
        documents: impl Iterator<Item = PostmortemId>,
    ) {
        for document in documents {
            if self.looked.get(&document).is_some_and(|looked| now < looked.plus(LOOK)) {
                continue;
            }
            if self.looked.len() >= MANY {
                self.looked.retain(|_, looked| now < looked.plus(LOOK));
            }
            self.looked.insert(document, now);
            let db = db.clone();
            elsewhere.spawn(async move {
                if let Err(error) = keep_if_due(&db, document, now).await {
                    tracing::warn!(%document, error = &error as &dyn std::error::Error, "no version was made");
                }
            });
        }
    }
}

fn due(about: &versions::About, now: Instant) -> bool {
    about.newest.is_none_or(|(made_at, _)| now >= made_at.plus(APART))
}

async fn keep_if_due(db: &Db, document: PostmortemId, now: Instant) -> Result<(), store::Error> {
    let mut tx = db.read().await?;
    let about = versions::about(&mut tx, document).await?;
    if !about.is_some_and(|about| due(&about, now)) {
        return Ok(());
    }
    let Some(stored) = documents::load(&mut tx, document).await? else { return Ok(()) };
    drop(tx);
    let Some((seq, _)) = stored.updates.last() else { return Ok(()) };
    let updates: Vec<&[u8]> = stored.updates.iter().map(|(_, update)| update.as_slice()).collect();
    let Ok(state) = collab::merged(&updates) else {
        tracing::warn!(%document, "no version was made of a document that cannot be read");
        return Ok(());
    };
    let mut tx = db.write().await?;
    // Another process may have been faster, or have begun the document anew.
    if documents::lock(&mut tx, document).await? != Some(stored.epoch) {
        return Ok(());
    }
    let Some(about) = versions::about(&mut tx, document).await?.filter(|about| due(about, now)) else {
        return Ok(());
    };
    let new = versions::New {
        document,
        seq: *seq,
        epoch: stored.epoch,
        kind: &VersionKind::Automatic,
        standing: about.standing,
        made_by: None,
        made_at: now,
        state: &state,
    };
    versions::keep(&mut tx, new).await?;
    versions::thin(&mut tx, document, now).await?;
    tx.commit().await
}
