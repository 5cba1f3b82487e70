//! What a document said before.

use super::{
    blocks,
    body::{Body, created, ok},
    views::All,
};
use crate::{
    error::Answer,
    session::Caller,
    state::State,
    urls::{Number, Version},
};
use app::versions::{self, Listed};
use domain::{
    Instant,
    postmortem::PostmortemState,
    version::{VersionKind, VersionNumber},
};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct VersionView {
    version: i64,
    kind: &'static str,
    name: Option<String>,
    restored_from: Option<i64>,
    state: PostmortemState,
    made_by: Option<String>,
    made_at: Instant,
    writers: Vec<String>,
}

impl From<Listed> for VersionView {
    fn from(it: Listed) -> Self {
        let kind = it.kind.key();
        let (name, restored_from) = match it.kind {
            VersionKind::Named(name) => (Some(name), None),
            VersionKind::Restored { from } => (None, Some(from.0)),
            VersionKind::StateChange | VersionKind::Automatic | VersionKind::BeforeRestore => (None, None),
        };
        Self {
            version: it.number.0,
            kind,
            name,
            restored_from,
            state: it.standing,
            made_by: it.made_by,
            made_at: it.made_at,
            writers: it.writers,
        }
    }
}

/// Every version, oldest first.
pub(super) async fn list(state: State, Caller(actor): Caller, Number(number): Number) -> Answer {
    let (history, _) = versions::list(&state.app, &actor, number).await?;
    ok(&All { items: history.versions.into_iter().map(VersionView::from).collect() })
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    version: VersionView,
    blocks: serde_json::Value,
}

/// One version with what it says.
pub(super) async fn show(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Version(version): Version,
) -> Answer {
    let shown = versions::show(&state.app, &actor, number, version).await?;
    ok(&Whole { version: shown.version.into(), blocks: blocks::document(&shown.document) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewName {
    name: String,
}

#[derive(Serialize)]
struct Made {
    version: i64,
}

impl From<VersionNumber> for Made {
    fn from(version: VersionNumber) -> Self {
        Self { version: version.0 }
    }
}

/// Gives what the document says now a name.
pub(super) async fn name(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Body(new): Body<NewName>,
) -> Answer {
    created(&Made::from(versions::name(&state.app, &actor, number, &new.name).await?))
}

/// Brings a version back.
pub(super) async fn restore(
    state: State,
    Caller(actor): Caller,
    Number(number): Number,
    Version(version): Version,
) -> Answer {
    created(&Made::from(versions::restore(&state.app, &actor, number, version).await?))
}
