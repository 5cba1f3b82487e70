//! What the API shows of things.

use domain::{
    EventId, EvidenceId, FollowUpId, Instant, PersonId,
    evidence::{Signal, Source},
    follow_up::{FollowUp, FollowUpState, Intent},
    incident::{Incident, IncidentKind, IncidentState, Origin, Severity},
    person::{Person, Role},
    postmortem::{Ownership, Postmortem, PostmortemState},
    timeline::{
        Actor, Chosen, Context, EventKind, KeyInstant, Precision, TimelineEvent, key_instant::ChosenInstant,
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A page of a list.
#[derive(Serialize)]
pub(super) struct Listed<T> {
    pub(super) items: Vec<T>,
    pub(super) total: i64,
    /// The value of `after` that leads to the next page.
    pub(super) next: Option<String>,
}

/// A list that is always whole.
#[derive(Serialize)]
pub(super) struct All<T> {
    pub(super) items: Vec<T>,
}

#[derive(Serialize)]
pub(super) struct IncidentView {
    number: String,
    title: String,
    summary: String,
    kind: IncidentKind,
    severity: Option<Severity>,
    state: IncidentState,
    services: Vec<String>,
    team: Option<String>,
    declared_at: Instant,
    resolved_at: Option<Instant>,
    origin: Option<Origin>,
    revision: i64,
}

impl From<Incident> for IncidentView {
    fn from(it: Incident) -> Self {
        Self {
            number: it.number.to_string(),
            title: it.title,
            summary: it.summary,
            kind: it.kind,
            severity: it.severity,
            state: it.state,
            services: it.services,
            team: it.team,
            declared_at: it.declared_at,
            resolved_at: it.resolved_at,
            origin: it.origin,
            revision: it.revision,
        }
    }
}

#[derive(Serialize)]
pub(super) struct IncidentPostmortem {
    title: String,
    state: PostmortemState,
    owner: Option<String>,
    owner_due: Option<Instant>,
}

impl From<app::incidents::RowPostmortem> for IncidentPostmortem {
    fn from(it: app::incidents::RowPostmortem) -> Self {
        Self { title: it.title, state: it.state, owner: it.owner, owner_due: it.owner_due }
    }
}

/// An incident in a list.
#[derive(Serialize)]
pub(super) struct IncidentRow {
    #[serde(flatten)]
    incident: IncidentView,
    postmortem: Option<IncidentPostmortem>,
    key_instants: BTreeMap<KeyInstant, Instant>,
}

impl From<app::incidents::Row> for IncidentRow {
    fn from(it: app::incidents::Row) -> Self {
        Self {
            incident: it.incident.into(),
            postmortem: it.postmortem.map(Into::into),
            key_instants: it.instants,
        }
    }
}

/// An incident with what belongs to it; its timeline has an address of its own.
#[derive(Serialize)]
pub(super) struct IncidentShown {
    #[serde(flatten)]
    incident: IncidentView,
    postmortem: Option<IncidentPostmortem>,
    key_instants: Vec<KeyInstantView>,
    evidence: BTreeMap<Source, i64>,
    participants: Vec<String>,
}

impl From<app::incidents::Shown> for IncidentShown {
    fn from(it: app::incidents::Shown) -> Self {
        Self {
            incident: it.incident.into(),
            postmortem: it.postmortem.map(Into::into),
            key_instants: it.instants.into_iter().map(Into::into).collect(),
            evidence: it.evidence.into_iter().collect(),
            participants: it.participants,
        }
    }
}

#[derive(Serialize)]
pub(super) struct KeyInstantView {
    instant: KeyInstant,
    event: EventId,
    reason: String,
    confirmed: bool,
}

impl From<ChosenInstant> for KeyInstantView {
    fn from(it: ChosenInstant) -> Self {
        Self { instant: it.instant, event: it.event, reason: it.reason, confirmed: it.confirmed }
    }
}

#[derive(Serialize)]
pub(super) struct EventView {
    id: EventId,
    at: Instant,
    precision: Precision,
    kind: EventKind,
    title: String,
    detail: String,
    actor: Option<Actor>,
    team: Option<String>,
    evidence: Vec<EvidenceId>,
    context: Context,
    chosen: Chosen,
    hidden: bool,
    revision: i64,
}

impl From<TimelineEvent> for EventView {
    fn from(it: TimelineEvent) -> Self {
        Self {
            id: it.id,
            at: it.at,
            precision: it.precision,
            kind: it.kind,
            title: it.title,
            detail: it.detail,
            actor: it.actor,
            team: it.team,
            evidence: it.evidence,
            context: it.context,
            chosen: it.chosen,
            hidden: it.hidden,
            revision: it.revision,
        }
    }
}

#[derive(Serialize)]
pub(super) struct EvidenceView {
    id: EvidenceId,
    source: Source,
    source_id: String,
    at: Instant,
    author: Option<String>,
    signal: Signal,
    text: String,
    place: Option<String>,
    url: Option<String>,
    sha256: String,
    event: Option<EventId>,
}

impl From<app::evidence::Row> for EvidenceView {
    fn from(row: app::evidence::Row) -> Self {
        let it = row.evidence.evidence;
        Self {
            id: row.evidence.id,
            source: it.source,
            source_id: it.source_id,
            at: it.at,
            author: it.author.map(|author| author.name),
            signal: it.signal,
            text: it.text,
            place: it.place,
            url: it.url,
            sha256: row.evidence.digest.to_string(),
            event: row.event,
        }
    }
}

/// A post-mortem in the library.
#[derive(Serialize)]
pub(super) struct PostmortemRow {
    number: String,
    title: String,
    opening: String,
    state: PostmortemState,
    owner: Option<String>,
    declared_at: Instant,
    published_at: Option<Instant>,
    services: Vec<String>,
    team: Option<String>,
}

impl From<app::postmortems::Row> for PostmortemRow {
    fn from(it: app::postmortems::Row) -> Self {
        Self {
            number: it.number.to_string(),
            title: it.title,
            opening: it.opening,
            state: it.state,
            owner: it.owner,
            declared_at: it.declared_at,
            published_at: it.published_at,
            services: it.services,
            team: it.team,
        }
    }
}

#[derive(Serialize)]
pub(super) struct PostmortemView {
    title: String,
    template: String,
    state: PostmortemState,
    owner: Option<PersonId>,
    owner_due: Option<Instant>,
    created_at: Instant,
    published_at: Option<Instant>,
    revision: i64,
}

impl From<Postmortem> for PostmortemView {
    fn from(it: Postmortem) -> Self {
        let owner_due = match it.ownership {
            Ownership::ToBeChosen { due } => Some(due),
            Ownership::Owned { .. } => None,
        };
        Self {
            title: it.title,
            template: it.template,
            state: it.state,
            owner: it.ownership.owner(),
            owner_due,
            created_at: it.created_at,
            published_at: it.published_at,
            revision: it.revision,
        }
    }
}

#[derive(Serialize)]
pub(super) struct FollowUpView {
    id: FollowUpId,
    text: String,
    intent: Intent,
    raised_by: Option<PersonId>,
    raised_at: Instant,
    opens_at: Instant,
    #[serde(flatten)]
    state: FollowUpState,
    revision: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<EventId>,
}

impl From<FollowUp> for FollowUpView {
    fn from(it: FollowUp) -> Self {
        Self {
            id: it.id,
            text: it.text,
            intent: it.intent,
            raised_by: it.raised_by,
            raised_at: it.raised_at,
            opens_at: it.opens_at,
            state: it.state,
            revision: it.revision,
            event: it.event,
        }
    }
}

/// A follow-up in a list.
#[derive(Serialize)]
pub(super) struct FollowUpRow {
    incident: String,
    #[serde(flatten)]
    follow_up: FollowUpView,
}

impl From<app::follow_ups::Row> for FollowUpRow {
    fn from(it: app::follow_ups::Row) -> Self {
        Self { incident: it.number.to_string(), follow_up: it.follow_up.into() }
    }
}

#[derive(Serialize)]
pub(super) struct PersonView {
    id: PersonId,
    name: String,
    email: String,
    role: Role,
    deactivated: bool,
}

impl From<Person> for PersonView {
    fn from(it: Person) -> Self {
        Self {
            id: it.id,
            name: it.name.to_string(),
            email: it.email.to_string(),
            role: it.role,
            deactivated: it.deactivated,
        }
    }
}
