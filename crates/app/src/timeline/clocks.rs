//! Clocks that ran wrong: what the evidence suggests, and putting one right. Events move; evidence never does.

use super::acts::{self, Changes};
use crate::{
    App, Error, Result, imports,
    reach::{self, Reached},
    typed,
};
use domain::{
    access::{Action, Actor},
    evidence::Source,
    incident::{Incident, IncidentNumber},
    instant::Span,
    timeline::{
        TimelineEvent,
        clocks::{Skew, propose},
        event::Chosen,
    },
};
use serde_json::json;
use std::collections::HashMap;
pub use store::impact::Offset;
use store::{Tx, events, evidence, impact};

/// No clock is put right by more.
pub const MOST: Span = Span::days(2);

/// The clocks of an incident's sources.
#[derive(Debug, Clone)]
pub struct Clocks {
    /// The incident.
    pub incident: Incident,
    /// What was put right.
    pub offsets: Vec<Offset>,
    /// What the evidence suggests beyond that.
    pub proposed: Vec<Skew>,
    /// The sources it has evidence from.
    pub sources: Vec<Source>,
}

/// What is put right and what is proposed. Four statements.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Clocks> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    let offsets = impact::offsets(&mut tx, held.id()).await?;
    let pieces = evidence::all(&mut tx, held.id()).await?;
    let mut sources: Vec<Source> = pieces.iter().map(|piece| piece.evidence.source).collect();
    sources.sort_unstable();
    sources.dedup();
    let proposed = tokio::task::spawn_blocking(move || propose(&pieces)).await.map_err(Error::internal)?;
    let decided = |skew: &Skew| offsets.iter().any(|offset| offset.source == skew.source);
    let proposed = proposed.into_iter().filter(|skew| !decided(skew)).collect();
    Ok(Clocks { incident: held.incident().clone(), offsets, proposed, sources })
}

/// Adds `offset` to the times of a source, with a reason. Nothing else is an offset of nothing.
pub async fn set(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    source: Source,
    offset: Span,
    reason: &str,
) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    if offset.as_micros().abs() > MOST.as_micros() {
        return Err(Error::invalid("seconds", "A clock is put right by at most two days."));
    }
    let reason = typed::line("reason", reason, 500)?;
    let before = put_right(app, &mut tx, held.id(), source, offset, &reason, &actor.name).await?;
    let detail = json!({
        "source": source,
        "seconds": { "old": before.offset.as_seconds(), "new": offset.as_seconds() },
        "reason": reason,
    });
    let mut changes = Changes::default();
    changes.before.clock = Some((source, before.offset.as_micros(), before.reason));
    acts::done(app, tx, actor, &held, "timeline.put_clock_right", detail, changes).await
}

/// Keeps the offset, lets untouched events follow the rules anew, and moves those that people touched or took;
/// answers what stood before.
pub(super) async fn put_right(
    app: &App,
    tx: &mut Tx,
    incident: Reached,
    source: Source,
    offset: Span,
    reason: &str,
    decided_by: &str,
) -> Result<Offset> {
    store::incidents::lock(tx, incident).await?;
    let known = impact::offsets(tx, incident).await?.into_iter().find(|it| it.source == source);
    let before = known.unwrap_or(Offset {
        source,
        offset: Span::ZERO,
        reason: "As the source tells it".to_owned(),
        decided_by: String::new(),
    });
    let new = Offset { source, offset, reason: reason.to_owned(), decided_by: decided_by.to_owned() };
    impact::set_offset(tx, incident, &new).await?;
    imports::choose_again(app, tx, incident).await?;
    let moved = Span::micros(offset.as_micros().saturating_sub(before.offset.as_micros()));
    let (standing, cited) = events::timeline(tx, incident).await?;
    let mut first = HashMap::new();
    for piece in cited {
        first.entry(piece.event).or_insert(piece.source);
    }
    // Whatever the rules no longer move: touched, hidden, or taken by hand.
    let by_hand = |event: &TimelineEvent| {
        event.touched || event.hidden || matches!(event.chosen, Chosen::Person { .. })
    };
    for event in standing.into_iter().filter(|it| by_hand(it) && first.get(&it.id) == Some(&source)) {
        let at = event.at.plus(moved);
        events::update(tx, TimelineEvent { at, ..event }, false)
            .await?
            .ok_or_else(Error::changed_meanwhile)?;
    }
    Ok(before)
}
