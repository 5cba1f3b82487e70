//! Events of a timeline: written, changed, hidden, taken from evidence, and key instants chosen from them.

pub(crate) mod attaching;
pub(crate) mod clocks;
mod context;
pub(crate) mod coordination;
pub(crate) mod item;
pub(crate) mod look;
pub(crate) mod measures;
mod narrow;
pub(crate) mod replay;
pub(crate) mod reshaping;
pub(crate) mod view;

use crate::{
    error::Answer,
    forms::{Asking, Kept, Submitted},
    render::{Frame, Room, go, html},
    session::Visitor,
    state::State,
    urls::{self, Id, Number},
    zone::Zone,
};
use app::{
    Error,
    language::Surface,
    timeline::{self, Draft, Shown},
};
use askama::Template;
use axum::http::StatusCode;
use domain::{
    EventId, EvidenceId, Instant,
    access::Action,
    incident::IncidentNumber,
    timeline::{
        Actor, Context, EventKind, KeyInstant, Precision,
        context::Standing,
        event::{ActorKind, Chosen},
        key_instant::DetectedBy,
    },
};

#[derive(Template)]
#[template(path = "timeline/form.html")]
struct EventPage {
    frame: Frame,
    form: Kept,
    number: String,
    url: String,
    /// The event that is changed; none while a new one is written.
    event: Option<Changed>,
    kinds: [EventKind; 13],
    precisions: [Precision; 4],
    actors: [(ActorKind, &'static str); 3],
    keys: [KeyInstant; 15],
    standings: [Standing; 3],
    /// What somebody else saved meanwhile.
    theirs: Vec<(&'static str, String)>,
}

struct Changed {
    id: String,
    /// As part of an address.
    at: String,
    /// Other accounts of it: id and words.
    accounts: Vec<(String, String)>,
    hidden: bool,
    reason: Option<String>,
    evidence: Vec<item::Piece>,
    chips: Vec<&'static str>,
}

/// The empty form; `at` proposes an instant between two events.
pub(crate) async fn new(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Asking(asked): Asking,
) -> Answer {
    app::sharing::ask(&state.app, visitor.actor(), number, Action::Write).await?;
    let zone = visitor.zone();
    let at = asked.text("at").parse::<Instant>().map(|at| zone.field(at)).unwrap_or_default();
    let form = Kept::with([
        ("at", at),
        ("precision", Precision::Minute.key().to_owned()),
        ("kind", "observation".to_owned()),
        (
            "account_of",
            asked.text("account_of").parse::<EventId>().map(|id| id.to_string()).unwrap_or_default(),
        ),
    ]);
    event_page(&visitor, StatusCode::OK, number, form, None, vec![])
}

fn event_page(
    visitor: &Visitor,
    status: StatusCode,
    number: IncidentNumber,
    form: Kept,
    event: Option<&Shown>,
    theirs: Vec<(&'static str, String)>,
) -> Answer {
    let url = urls::incident(number);
    let title = if event.is_some() { "Change an event" } else { "Add an event" };
    html::with(
        status,
        &EventPage {
            frame: visitor.frame(format!("{title}, {number}"), Room::Incidents),
            form,
            number: number.to_string(),
            event: event.map(|shown| Changed::of(shown, &url)),
            url,
            kinds: EventKind::ALL,
            precisions: Precision::ALL,
            actors: [
                (ActorKind::Person, "a person"),
                (ActorKind::Role, "a role or team"),
                (ActorKind::System, "a machine"),
            ],
            keys: KeyInstant::ALL,
            standings: Standing::ALL,
            theirs,
        },
    )
}

impl Changed {
    fn of(shown: &Shown, url: &str) -> Self {
        let reason = match &shown.event.chosen {
            Chosen::Rule { reason, .. } => Some(reason.clone()),
            Chosen::Person { .. } => None,
        };
        let piece = |cited: &timeline::Cited| item::Piece {
            icon: item::icon(cited.source),
            words: [Some(cited.source.label()), cited.place.as_deref(), cited.author.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", "),
            url: format!("{url}/evidence/{}", cited.id),
            picture: item::picture(cited, url),
        };
        Self {
            id: shown.event.id.to_string(),
            at: urls::part(&shown.event.at.to_string()),
            accounts: shown.accounts.iter().map(|(id, title)| (id.to_string(), title.clone())).collect(),
            hidden: shown.event.hidden,
            reason,
            evidence: shown.evidence.iter().map(piece).collect(),
            chips: shown.instants.iter().map(|key| key.label()).collect(),
        }
    }
}

fn draft(sent: &Submitted, zone: &Zone, evidence: Vec<EvidenceId>, before: Context) -> Result<Draft, Error> {
    let at = zone.read_field(sent.text("at"));
    let actor = sent.filled("actor").map(|name| Actor {
        name: name.to_owned(),
        kind: ActorKind::from_key(sent.text("actor_kind")).unwrap_or(ActorKind::Person),
    });
    Ok(Draft {
        at: at.ok_or_else(|| Error::invalid("at", "Say when it happened, as well as it is known."))?,
        precision: Precision::from_key(sent.text("precision")).unwrap_or_default(),
        kind: EventKind::from_key(sent.text("kind")).unwrap_or(EventKind::Observation),
        title: sent.text("title").to_owned(),
        detail: sent.text("detail").to_owned(),
        actor,
        team: sent.filled("team").map(str::to_owned),
        evidence,
        context: context::read(sent, zone, before)?,
    })
}

/// What the notice after saving an event says.
async fn asked_about(
    state: &State,
    visitor: &Visitor,
    number: IncidentNumber,
    sent: &Submitted,
    done: &'static str,
) -> String {
    let words = [
        sent.text("title"),
        sent.text("detail"),
        sent.text("could_see"),
        sent.text("could_not_see"),
        sent.text("other_ways"),
        sent.text("made_sense"),
        sent.text("sense"),
        sent.text("lets_harm"),
    ];
    // What was told to readers outside is read as they read it.
    let outside =
        ["public", "customer"].iter().any(|word| sent.text("audience").to_lowercase().contains(word));
    let told = sent.text("kind") == EventKind::Update.key() && outside;
    let surface = if told { Surface::Public } else { Surface::Timeline };
    super::language::notice(state, visitor, Some(number), &words, surface, done).await
}

/// Adds an event.
pub(crate) async fn add(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let act = async {
        let draft = draft(&sent, &visitor.zone(), vec![], Context::default())?;
        timeline::add(&state.app, visitor.actor(), number, draft).await
    };
    match act.await {
        Ok(event) => {
            let done = asked_about(&state, &visitor, number, &sent, "event-added").await;
            go(&format!("{}?done={done}#e-{}", urls::incident(number), event.id))
        }
        Err(error) => {
            let (status, form) = sent.refused(error)?;
            event_page(&visitor, status, number, form, None, vec![])
        }
    }
}

/// The form with what the event says now.
pub(crate) async fn form(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(event): Id<EventId>,
) -> Answer {
    let shown = timeline::show(&state.app, visitor.actor(), number, event).await?;
    let form = words_of(&shown, &visitor.zone());
    event_page(&visitor, StatusCode::OK, number, form, Some(&shown), vec![])
}

fn words_of(shown: &Shown, zone: &Zone) -> Kept {
    let event = &shown.event;
    let actor = event.actor.as_ref();
    let form = Kept::with([
        ("revision", event.revision.to_string()),
        ("at", zone.field(event.at)),
        ("precision", event.precision.key().to_owned()),
        ("kind", event.kind.key().to_owned()),
        ("title", event.title.clone()),
        ("detail", event.detail.clone()),
        ("actor", actor.map(|actor| actor.name.clone()).unwrap_or_default()),
        ("actor_kind", actor.map(|actor| actor.kind.key().to_owned()).unwrap_or_default()),
        ("team", event.team.clone().unwrap_or_default()),
    ]);
    context::fill(form, event, zone)
}

/// Changes an event; its evidence stays. When somebody else saved first, both texts are shown.
pub(crate) async fn edit(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(id): Id<EventId>,
    sent: Submitted,
) -> Answer {
    let shown = timeline::show(&state.app, visitor.actor(), number, id).await?;
    let revision = sent.text("revision").parse().unwrap_or_default();
    let act = async {
        let (evidence, before) = (shown.event.evidence.clone(), shown.event.context.clone());
        let draft = draft(&sent, &visitor.zone(), evidence, before)?;
        timeline::edit(&state.app, visitor.actor(), number, id, revision, draft).await
    };
    let error = match act.await {
        Ok(_) => {
            let done = asked_about(&state, &visitor, number, &sent, "event-edited").await;
            return go(&format!("{}?done={done}#e-{id}", urls::incident(number)));
        }
        Err(error) => error,
    };
    let (status, form) = sent.refused(error)?;
    if status != StatusCode::CONFLICT {
        return event_page(&visitor, status, number, form, Some(&shown), vec![]);
    }
    let theirs = vec![
        ("What happened", shown.event.title.clone()),
        ("More", shown.event.detail.clone()),
        ("When", visitor.zone().say(shown.event.at, "%-d %B %Y, %H:%M:%S")),
    ];
    let form = form.and("revision", shown.event.revision.to_string());
    event_page(&visitor, status, number, form, Some(&shown), theirs)
}

/// Hides events, or shows them again.
pub(crate) async fn hide(state: State, visitor: Visitor, Number(number): Number, sent: Submitted) -> Answer {
    let ids = |name| sent.all(name).filter_map(|id| id.parse().ok()).collect::<Vec<EventId>>();
    let (hide, show) = (ids("hide"), ids("show"));
    let hidden = match (hide.is_empty(), show.is_empty()) {
        (_, true) => true,
        (true, false) => false,
        (false, false) => {
            return Err(Error::invalid(
                "hide",
                "Either hide events or show some again. Nothing was changed.",
            )
            .into());
        }
    };
    let events = if hidden { hide } else { show };
    timeline::set_hidden(&state.app, visitor.actor(), number, &events, hidden).await?;
    let done = if hidden { "hidden" } else { "shown" };
    go(&format!("{}?done={done}#timeline", urls::incident(number)))
}

/// Says from which event a key instant is taken, or that none shows it.
pub(crate) async fn choose_instant(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    sent: Submitted,
) -> Answer {
    if sent.text("instant") == "proposed" {
        timeline::accept_instants(&state.app, visitor.actor(), number).await?;
        return go(&format!("{}/measures?done=instants#instants", urls::incident(number)));
    }
    let instant = KeyInstant::from_key(sent.text("instant"))
        .ok_or_else(|| Error::invalid("instant", "Choose which key instant this is."))?;
    let event = match sent.filled("event") {
        None => None,
        Some(_) => Some(sent.value("event", "This event is not known here.")?),
    };
    let by = DetectedBy::from_key(sent.text("detected_by"));
    timeline::choose_instant(&state.app, visitor.actor(), number, instant, event, sent.text("note"), by)
        .await?;
    let url = urls::incident(number);
    let note = [sent.text("note")];
    let done =
        super::language::notice(&state, &visitor, Some(number), &note, Surface::Timeline, "instant").await;
    if sent.text("from") == "measures" {
        return go(&format!("{url}/measures?done={done}#{}", instant.key()));
    }
    go(&format!("{url}?done={done}#timeline"))
}

/// Takes a piece of evidence into the timeline.
pub(crate) async fn take(
    state: State,
    visitor: Visitor,
    Number(number): Number,
    Id(evidence): Id<EvidenceId>,
) -> Answer {
    let event = timeline::take_from_evidence(&state.app, visitor.actor(), number, evidence).await?;
    go(&format!("{}?done=taken#e-{}", urls::incident(number), event.id))
}
