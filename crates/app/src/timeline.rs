//! The timeline: add, edit, insert, hide, take from evidence; and what is done to it in the files beside.

mod acts;
pub mod attaching;
pub mod clocks;
pub mod coordinating;
mod from_evidence;
pub mod history;
pub mod impact;
mod instants;
mod page_words;
pub mod replay;
mod reshaping;
pub mod snapshots;
mod thumbnails;

pub(crate) use from_evidence::shorten;
pub(crate) use instants::mark;
pub use instants::{NOTE_MAX, accept_instants, choose_instant};
pub use reshaping::{merge, settle, split};

use crate::{
    App, Error, Result,
    history::changes,
    reach::{self, Held, Reached},
    typed,
};
use acts::Changes;
use domain::{
    EventId, EvidenceId, FollowUpId, Instant,
    access::{Action, Actor},
    evidence::{Signal, Source},
    follow_up::{FollowUp, FollowUpState, Intent},
    incident::IncidentNumber,
    instant::Span,
    timeline::{
        Actor as EventActor, Chosen, Context, EventKind, KeyInstant, Precision, TimelineEvent,
        context::ANSWER_MAX,
        event::{DETAIL_MAX, TITLE_MAX},
        key_instant::ChosenInstant,
    },
};
use serde_json::{Value, json};
use std::collections::HashMap;
use store::{Tx, audit, events, evidence, follow_ups};

/// An event with what its evidence says in short.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The event.
    pub event: TimelineEvent,
    /// Its evidence in short, in order.
    pub evidence: Vec<Cited>,
    /// The key instants taken from it.
    pub instants: Vec<KeyInstant>,
    /// Other accounts of it, with their titles; only where one event is shown.
    pub accounts: Vec<(EventId, String)>,
}

/// A piece of evidence in short, beside an event.
#[derive(Debug, Clone)]
pub struct Cited {
    /// Which piece.
    pub id: EvidenceId,
    /// The product it came from.
    pub source: Source,
    /// What sort of record.
    pub signal: Signal,
    /// Where it was said or shown.
    pub place: Option<String>,
    /// Who said or did it.
    pub author: Option<String>,
    /// Whether there is a small picture of it.
    pub pictured: bool,
}

/// What a person says about an event.
#[derive(Debug, Clone)]
pub struct Draft {
    /// When it happened.
    pub at: Instant,
    /// How exactly that is known.
    pub precision: Precision,
    /// What sort.
    pub kind: EventKind,
    /// One line, 1 to 200 characters.
    pub title: String,
    /// More, at most 20,000 characters.
    pub detail: String,
    /// Who or what did it.
    pub actor: Option<EventActor>,
    /// The responsible team.
    pub team: Option<String>,
    /// What shows it.
    pub evidence: Vec<EvidenceId>,
    /// What it means to the story beyond its words.
    pub context: Context,
}

/// The most pieces of evidence that one event cites.
pub const EVIDENCE_MAX: usize = 100;
/// The longest name of a team or an actor, in characters.
const NAME_MAX: usize = 100;

/// Adds an event.
pub async fn add(app: &App, actor: &Actor, number: IncidentNumber, draft: Draft) -> Result<TimelineEvent> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let draft = accepted(&mut tx, held.id(), draft).await?;
    let event = written(app, &mut tx, actor, held.id(), draft).await?;
    revisit(app, &mut tx, actor, &held, None, &event).await?;
    let detail = with_id(event.id, words(&event));
    acts::done(app, tx, actor, &held, "event.add", detail, Changes::new(&event)).await?;
    Ok(event)
}

/// One event. Four statements.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber, event: EventId) -> Result<Shown> {
    let mut tx = app.read(actor, Action::Read).await?;
    let (event, cited, instants) =
        events::shown(&mut tx, number, event, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    let accounts = events::accounts_of(&mut tx, number, event.id).await?;
    Ok(Shown { event, evidence: cited.into_iter().map(Cited::from).collect(), instants, accounts })
}

/// Changes an event; the rules leave it alone from then on. What it said before is kept.
pub async fn edit(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    event: EventId,
    revision: i64,
    draft: Draft,
) -> Result<TimelineEvent> {
    change(app, actor, number, event, revision, |_| Some(draft), None).await
}

/// Changes what an event says, hides it or shows it again, or both: one act, so that all of it is done or nothing.
///
/// `words` makes what it is to say of how it stands; `None` leaves its words to the rules that chose it. A change
/// that changes nothing is no act.
pub async fn change(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    event: EventId,
    revision: i64,
    words_of: impl FnOnce(&TimelineEvent) -> Option<Draft>,
    hidden: Option<bool>,
) -> Result<TimelineEvent> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let before = events::find(&mut tx, held.id(), event).await?.ok_or(Error::NotFound)?;
    if before.revision != revision {
        return Err(Error::changed_meanwhile());
    }
    let draft = words_of(&before);
    let reworded = draft.is_some();
    let hidden = hidden.unwrap_or(before.hidden);
    let mut changed = TimelineEvent { hidden, ..before.clone() };
    if let Some(draft) = draft {
        if draft.context.account_of == Some(event) {
            return Err(Error::invalid("account_of", "An event is no other account of itself."));
        }
        let draft = accepted(&mut tx, held.id(), draft).await?;
        changed = TimelineEvent {
            at: draft.at,
            precision: draft.precision,
            kind: draft.kind,
            title: draft.title,
            detail: draft.detail,
            actor: draft.actor,
            team: draft.team,
            evidence: draft.evidence,
            context: draft.context,
            touched: true,
            ..changed
        };
    } else if hidden == before.hidden {
        return Ok(before);
    }
    let cites = before.evidence != changed.evidence;
    let event = events::update(&mut tx, changed, cites).await?.ok_or_else(Error::changed_meanwhile)?;
    let seen = json!({ "old": before.hidden, "new": event.hidden });
    let (act, mut detail) = match (reworded, event.hidden) {
        (true, _) => {
            revisit(app, &mut tx, actor, &held, before.context.revisit, &event).await?;
            ("event.edit", with_id(event.id, changes(&words(&before), &words(&event))))
        }
        (false, true) => ("event.hide", json!({ "events": [event.id] })),
        (false, false) => ("event.unhide", json!({ "events": [event.id] })),
    };
    if before.hidden != event.hidden {
        detail["hidden"] = seen;
    }
    acts::done(app, tx, actor, &held, act, detail, Changes::of(before, &event)).await?;
    Ok(event)
}

/// Hides events, or shows them again. Unknown ids are left out; answers how many changed.
pub async fn set_hidden(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    events: &[EventId],
    hidden: bool,
) -> Result<u64> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let (standing, _) = events::timeline(&mut tx, held.id()).await?;
    let changed = events::set_hidden(&mut tx, held.id(), events, hidden).await?;
    if !changed.is_empty() {
        let detail = json!({ "events": changed, "hidden": { "old": !hidden, "new": hidden } });
        let mut changes = Changes::default();
        for before in standing.into_iter().filter(|event| changed.contains(&event.id)) {
            let after = TimelineEvent { hidden, revision: before.revision + 1, ..before.clone() };
            changes.event(Some(before), &after);
        }
        let act = if hidden { "event.hide" } else { "event.unhide" };
        acts::done(app, tx, actor, &held, act, detail, changes).await?;
    }
    Ok(changed.len() as u64)
}

/// Makes an event of a piece of evidence that no rule chose. If a hidden event cites it already, that one is
/// shown again instead.
pub async fn take_from_evidence(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    evidence: EvidenceId,
) -> Result<TimelineEvent> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let piece = evidence::find(&mut tx, number, evidence, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    if let Some(citing) = events::citing(&mut tx, evidence).await? {
        let known = events::find(&mut tx, held.id(), citing).await?.ok_or(Error::NotFound)?;
        if !known.hidden {
            return Err(Error::conflict("This already stands in the timeline. Nothing was changed."));
        }
        events::set_hidden(&mut tx, held.id(), &[citing], false).await?;
        let detail = json!({ "events": [citing], "hidden": { "old": true, "new": false } });
        let shown = TimelineEvent { hidden: false, revision: known.revision + 1, ..known.clone() };
        acts::done(app, tx, actor, &held, "event.unhide", detail, Changes::of(known, &shown)).await?;
        return Ok(shown);
    }
    let mut draft = from_evidence::draft(&piece);
    let offsets = store::impact::offsets(&mut tx, held.id()).await?;
    if let Some(offset) = offsets.iter().find(|offset| offset.source == piece.evidence.source) {
        draft.at = draft.at.plus(offset.offset);
    }
    let event = written(app, &mut tx, actor, held.id(), draft).await?;
    let detail = with_id(event.id, words(&event));
    acts::done(app, tx, actor, &held, "event.take", detail, Changes::new(&event)).await?;
    Ok(event)
}

/// Events with their evidence in short and the key instants taken from them.
pub(crate) fn with_evidence(
    events: Vec<TimelineEvent>,
    cited: Vec<events::Cited>,
    instants: &[ChosenInstant],
) -> Vec<Shown> {
    let mut of: HashMap<EventId, Vec<Cited>> = HashMap::new();
    for piece in cited {
        of.entry(piece.event).or_default().push(piece.into());
    }
    let mut instants = crate::incidents::instants_of(instants);
    events
        .into_iter()
        .map(|event| Shown {
            evidence: of.remove(&event.id).unwrap_or_default(),
            instants: instants.remove(&event.id).unwrap_or_default(),
            accounts: Vec::new(),
            event,
        })
        .collect()
}

impl From<events::Cited> for Cited {
    fn from(it: events::Cited) -> Self {
        Self {
            id: it.id,
            source: it.source,
            signal: it.signal,
            place: it.place,
            author: it.author,
            pictured: it.pictured,
        }
    }
}

/// The draft as it can be kept, or what cannot be used.
async fn accepted(tx: &mut Tx, incident: Reached, draft: Draft) -> Result<Draft> {
    let mut cited: Vec<EvidenceId> = Vec::with_capacity(draft.evidence.len());
    for piece in draft.evidence {
        if !cited.contains(&piece) {
            cited.push(piece);
        }
        if cited.len() > EVIDENCE_MAX {
            return Err(Error::invalid("evidence", format!("An event cites at most {EVIDENCE_MAX} pieces.")));
        }
    }
    if evidence::count_of(tx, incident, &cited).await? != cited.len() {
        return Err(Error::invalid("evidence", "Some of this evidence does not belong to the incident."));
    }
    let actor = match draft.actor {
        Some(actor) => typed::optional_line("actor", &actor.name, NAME_MAX)?
            .map(|name| EventActor { name, kind: actor.kind }),
        None => None,
    };
    Ok(Draft {
        title: typed::line("title", &draft.title, TITLE_MAX)?,
        detail: typed::prose("detail", &draft.detail, DETAIL_MAX)?,
        team: typed::optional_line("team", draft.team.as_deref().unwrap_or_default(), NAME_MAX)?,
        actor,
        evidence: cited,
        context: answered(tx, incident, draft.context).await?,
        ..draft
    })
}

/// The context as it can be kept, or what cannot be used.
async fn answered(tx: &mut Tx, incident: Reached, context: Context) -> Result<Context> {
    if let Some(of) = context.account_of {
        let main = events::find(tx, incident, of).await?;
        if main.is_none_or(|main| main.context.account_of.is_some()) {
            return Err(Error::invalid(
                "account_of",
                "Say which event of this timeline it is another account of.",
            ));
        }
    }
    Ok(Context {
        could_see: typed::prose("could_see", &context.could_see, ANSWER_MAX)?,
        could_not_see: typed::prose("could_not_see", &context.could_not_see, ANSWER_MAX)?,
        other_ways: typed::prose("other_ways", &context.other_ways, ANSWER_MAX)?,
        made_sense: typed::prose("made_sense", &context.made_sense, ANSWER_MAX)?,
        lets_harm: typed::prose("lets_harm", &context.lets_harm, ANSWER_MAX)?,
        settled: typed::prose("settled", &context.settled, ANSWER_MAX)?,
        audience: typed::optional_line(
            "audience",
            context.audience.as_deref().unwrap_or_default(),
            NAME_MAX,
        )?,
        ..context
    })
}

/// A fix that was newly marked as temporary becomes an idea to look at it again (ACT-09).
async fn revisit(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    held: &Held,
    before: Option<Instant>,
    event: &TimelineEvent,
) -> Result<()> {
    let Some(at) = event.context.revisit.filter(|_| before.is_none()) else { return Ok(()) };
    let now = app.now();
    let day = at.format(&jiff::tz::TimeZone::UTC, "%-d %B %Y");
    let idea = FollowUp {
        id: FollowUpId::new(now, app.random()),
        incident: held.incident().id,
        text: format!("Revisit the temporary fix by {day}: {}", event.title),
        intent: Intent::ReduceLikelihood,
        raised_by: actor.person,
        raised_at: now,
        opens_at: now.plus(Span::hours(app.workspace().soak_hours)),
        state: FollowUpState::Idea,
        revision: 0,
        event: Some(event.id),
    };
    follow_ups::create(tx, &idea).await?;
    let detail = json!({ "id": idea.id, "text": idea.text, "opens_at": idea.opens_at }).to_string();
    audit::record(tx, now, actor, "follow_up.add", &held.number().to_string(), &detail).await?;
    Ok(())
}

/// Keeps an event that a person wrote, after the others of its instant.
async fn written(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    incident: Reached,
    draft: Draft,
) -> Result<TimelineEvent> {
    let rank = events::last_rank(tx, incident, draft.at).await?.map_or(0, |rank| rank.saturating_add(1));
    let event = TimelineEvent {
        id: EventId::new(app.now(), app.random()),
        at: draft.at,
        precision: draft.precision,
        rank,
        kind: draft.kind,
        title: draft.title,
        detail: draft.detail,
        actor: draft.actor,
        team: draft.team,
        evidence: draft.evidence,
        context: draft.context,
        chosen: Chosen::Person { person: actor.person },
        hidden: false,
        touched: false,
        revision: 0,
    };
    events::insert(tx, incident, std::slice::from_ref(&event)).await?;
    Ok(event)
}

/// What an event says, for the record of acts.
fn words(event: &TimelineEvent) -> Value {
    json!({
        "at": event.at,
        "precision": event.precision,
        "kind": event.kind,
        "title": event.title,
        "detail": event.detail,
        "actor": event.actor,
        "team": event.team,
        "evidence": event.evidence,
        "context": event.context,
    })
}

fn with_id(event: EventId, words: Value) -> Value {
    json!({ "event": event, "words": words })
}
