//! More evidence arrived: the rules choose again, and what people touched stays as they left it.

use crate::{App, Error, Result, reach::Reached, timeline::shorten};
use domain::{
    EventId,
    evidence::{StoredEvidence, participants},
    timeline::{
        Chosen, Context, KeyInstant, TimelineEvent,
        event::{DETAIL_MAX, TITLE_MAX},
        selection::{InstantProposal, Proposal, select},
    },
};
use std::collections::{HashMap, HashSet};
use store::{Tx, events, evidence, incidents, key_instants};

/// What the rules did to a timeline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reconciled {
    /// New events.
    pub added: u64,
    /// Events that say something else now.
    pub changed: u64,
    /// Events that the rules no longer propose.
    pub removed: u64,
}

/// Lets the rules choose from all evidence of an incident and brings its timeline in line: new events come,
/// untouched ones follow the rules, whatever a person touched, hid, or took a key instant from stays.
pub(crate) async fn reconcile(app: &App, tx: &mut Tx, incident: Reached) -> Result<Reconciled> {
    let pieces = evidence::all(tx, incident).await?;
    reconcile_with(app, tx, incident, pieces).await
}

/// [`reconcile`] where all evidence of the incident is at hand.
pub(crate) async fn reconcile_with(
    app: &App,
    tx: &mut Tx,
    incident: Reached,
    mut pieces: Vec<StoredEvidence>,
) -> Result<Reconciled> {
    // A clock that was put right moves what is chosen from its records, never the records.
    for offset in store::impact::offsets(tx, incident).await? {
        for piece in pieces.iter_mut().filter(|piece| piece.evidence.source == offset.source) {
            piece.evidence.at = piece.evidence.at.plus(offset.offset);
        }
    }
    let (selection, participants) = tokio::task::spawn_blocking(move || {
        (select(&pieces), participants(pieces.iter().map(|stored| &stored.evidence)))
    })
    .await
    .map_err(Error::internal)?;
    incidents::set_participants(tx, incident, &participants).await?;
    let (standing, _) = events::timeline(tx, incident).await?;
    let instants = key_instants::list(tx, incident).await?;
    let by_people: HashSet<EventId> =
        instants.iter().filter(|it| it.confirmed).filter_map(|it| it.event).collect();
    let mut by_key: HashMap<String, TimelineEvent> = standing
        .iter()
        .filter_map(|event| match &event.chosen {
            Chosen::Rule { key, .. } => Some((key.clone(), event.clone())),
            Chosen::Person { .. } => None,
        })
        .collect();
    let (mut done, mut new, mut of_key) = (Reconciled::default(), Vec::new(), HashMap::new());
    for (rank, proposal) in ranked(selection.events) {
        let key = proposal.key.clone();
        let id = match by_key.remove(&key) {
            Some(event) if event.touched || event.hidden => event.id,
            Some(event) => {
                let id = event.id;
                done.changed += u64::from(follow(tx, event, proposal, rank).await?);
                id
            }
            None => {
                let event = event(EventId::new(app.now(), app.random()), proposal, rank);
                let id = event.id;
                new.push(event);
                id
            }
        };
        of_key.insert(key, id);
    }
    let gone: Vec<EventId> = by_key
        .values()
        .filter(|event| !event.touched && !event.hidden && !by_people.contains(&event.id))
        .map(|event| event.id)
        .collect();
    (done.added, done.removed) = (new.len() as u64, gone.len() as u64);
    events::remove(tx, &gone).await?;
    events::insert(tx, incident, &new).await?;
    propose(tx, incident, &selection.instants, &of_key, &standing, &gone, &instants).await?;
    Ok(done)
}

/// Proposals with their place among those of the same instant, in the order of the rules.
fn ranked(proposals: Vec<Proposal>) -> Vec<(i64, Proposal)> {
    let (mut rank, mut before) = (0, None);
    proposals
        .into_iter()
        .map(|proposal| {
            rank = if before == Some(proposal.at) { rank + 1 } else { 0 };
            before = Some(proposal.at);
            (rank, proposal)
        })
        .collect()
}

fn event(id: EventId, proposal: Proposal, rank: i64) -> TimelineEvent {
    TimelineEvent {
        id,
        at: proposal.at,
        precision: proposal.precision,
        rank,
        kind: proposal.kind,
        title: shorten(&proposal.title, TITLE_MAX),
        detail: shorten(&proposal.detail, DETAIL_MAX),
        actor: proposal.actor,
        team: None,
        evidence: proposal.evidence,
        context: Context::default(),
        chosen: Chosen::Rule { rule: proposal.rule.to_owned(), key: proposal.key, reason: proposal.reason },
        hidden: false,
        touched: false,
        revision: 0,
    }
}

/// Lets an untouched event say what the rules say now; whether it differs.
async fn follow(tx: &mut Tx, standing: TimelineEvent, proposal: Proposal, rank: i64) -> Result<bool> {
    let now = TimelineEvent {
        revision: standing.revision,
        team: standing.team.clone(),
        context: standing.context.clone(),
        ..event(standing.id, proposal, rank)
    };
    if now == standing {
        return Ok(false);
    }
    let cites = now.evidence != standing.evidence;
    events::update(tx, now, cites).await?.ok_or_else(Error::changed_meanwhile)?;
    Ok(true)
}

/// Proposes key instants anew. What a person confirmed stays, and so does what a person's own step shows.
async fn propose(
    tx: &mut Tx,
    incident: Reached,
    proposals: &[InstantProposal],
    of_key: &HashMap<String, EventId>,
    standing: &[TimelineEvent],
    gone: &[EventId],
    before: &[key_instants::Stored],
) -> Result<()> {
    let of_person = |event: EventId| {
        let event = standing.iter().find(|it| it.id == event);
        event.is_some_and(|it| matches!(it.chosen, Chosen::Person { .. }) && !it.hidden)
    };
    let hidden = |event: EventId| standing.iter().any(|it| it.id == event && it.hidden);
    for instant in KeyInstant::ALL {
        let known = before.iter().find(|it| it.instant == instant);
        if known.is_some_and(|it| it.confirmed || it.event.is_some_and(of_person)) {
            continue;
        }
        let proposal = proposals.iter().find(|it| it.instant == instant);
        let chosen = proposal
            .and_then(|it| Some((*of_key.get(&it.key)?, it.reason.clone())))
            .filter(|(event, _)| !hidden(*event));
        match (chosen, known) {
            (Some((event, reason)), known) => {
                let stored = key_instants::Stored {
                    instant,
                    event: Some(event),
                    reason,
                    confirmed: false,
                    decided_by: None,
                    detected_by: None,
                };
                if known != Some(&stored) {
                    key_instants::put(tx, incident, &stored).await?;
                }
            }
            (None, Some(known)) if known.event.is_none_or(|event| !gone.contains(&event)) => {
                key_instants::remove(tx, incident, instant).await?;
            }
            // It went together with its event.
            (None, _) => {}
        }
    }
    Ok(())
}
