//! Incidents: declared, listed, shown, edited, mitigated, resolved, reopened.

mod steps;

pub(crate) use steps::end_response;
pub use steps::{mitigate, reopen, resolve};

use crate::{
    App, Error, Result,
    history::changes,
    reach::{self, Reached},
    typed,
};
use collab::Changed;
use domain::{
    IncidentId, Instant, PersonId,
    access::{Action, Actor},
    evidence::Source,
    incident::{Incident, IncidentKind, IncidentNumber, IncidentState, Severity},
    postmortem::PostmortemState,
    timeline::{KeyInstant, TimelineEvent, key_instant::ChosenInstant},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use store::{Tx, audit, evidence, incidents as record};

/// Which incidents to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words that must occur in number, title, summary, services or team.
    pub words: Option<String>,
    /// Only those that stand here.
    pub state: Option<IncidentState>,
    /// Only those of this severity.
    pub severity: Option<Severity>,
    /// Only those of this team.
    pub team: Option<String>,
    /// Only those declared before this incident (the last of the page before); the next page.
    pub after: Option<IncidentNumber>,
    /// At most so many, 1 to 200; 50 if 0.
    pub limit: u32,
}

/// A page of incidents.
#[derive(Debug, Clone)]
pub struct Listing {
    /// In order, newest declared first.
    pub rows: Vec<Row>,
    /// How many match in all.
    pub total: i64,
    /// The filter value that leads to the next page, if there is one.
    pub next: Option<IncidentNumber>,
    /// The names of all teams, for the filter.
    pub teams: Vec<String>,
}

/// One incident in a list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The incident.
    pub incident: Incident,
    /// Whether not everybody sees it.
    pub narrowed: bool,
    /// Its post-mortem, if there is one.
    pub postmortem: Option<RowPostmortem>,
    /// Key instants that are known.
    pub instants: BTreeMap<KeyInstant, Instant>,
}

/// A post-mortem in a list of incidents.
#[derive(Debug, Clone)]
pub struct RowPostmortem {
    /// Its headline.
    pub title: String,
    /// Where it stands.
    pub state: PostmortemState,
    /// Who looks after it.
    pub owner: Option<String>,
    /// By when an owner is to be chosen, while there is none.
    pub owner_due: Option<Instant>,
}

/// What a person says when declaring an incident.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What happened, 1 to 200 characters.
    pub title: String,
    /// For somebody who was not there; may be empty, at most 5,000 characters.
    pub summary: String,
    /// What sort.
    pub kind: IncidentKind,
    /// How bad.
    pub severity: Option<Severity>,
    /// Affected services.
    pub services: Vec<String>,
    /// The team that looks after it.
    pub team: Option<String>,
    /// When it began for the people who respond; now if not given.
    pub declared_at: Option<Instant>,
}

/// An incident with everything its page shows. Loaded by a fixed number of statements.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The incident.
    pub incident: Incident,
    /// Whether not everybody sees it.
    pub narrowed: bool,
    /// Whether a passage waits that whoever asks was asked to look at.
    pub asked: bool,
    /// Its timeline in order, hidden events included.
    pub timeline: Vec<crate::timeline::Shown>,
    /// Key instants with their events and reasons.
    pub instants: Vec<ChosenInstant>,
    /// Key instants of which a person said that no event shows them, with the note.
    pub not_shown: Vec<(KeyInstant, String)>,
    /// Its post-mortem, if there is one.
    pub postmortem: Option<RowPostmortem>,
    /// Who was affected, from when to when.
    pub intervals: Vec<store::impact::Stored>,
    /// How many pieces of evidence each source gave.
    pub evidence: Vec<(Source, i64)>,
    /// Chat messages per slice of the timeline's range, for the picture: start, length in seconds, count.
    pub chat_density: Vec<(Instant, i64, i64)>,
    /// Who said or did something, by the evidence, in order of first appearance (no counts are kept).
    pub participants: Vec<String>,
    /// How many ideas rest, wait for a choice, are committed, done or dropped.
    pub follow_ups: crate::follow_ups::Counts,
}

/// Changes to an incident's own words.
#[derive(Debug, Clone)]
pub struct Change {
    /// The revision the person saw.
    pub revision: i64,
    /// The new values; the same limits as a declaration.
    pub declaration: Declaration,
}

/// The end of the response.
#[derive(Debug, Clone, Default)]
pub struct Resolution {
    /// When it ended; now if not given.
    pub at: Option<Instant>,
    /// Who looks after the post-mortem; left open with a due time if not given (OWN-02).
    pub owner: Option<PersonId>,
    /// The template of the draft; the workspace's usual one if not given.
    pub template: Option<String>,
}

/// The longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// The longest summary, in characters.
pub const SUMMARY_MAX: usize = 5_000;
/// The longest name of a service or team, in characters.
pub const NAME_MAX: usize = 100;
/// The most services of one incident.
pub const SERVICES_MAX: usize = 50;
/// How many slices the picture of a timeline has at most.
const SLICES: i64 = 96;

/// Lists incidents. Three statements.
pub async fn list(app: &App, actor: &Actor, filter: &Filter) -> Result<Listing> {
    let mut tx = app.read(actor, Action::Read).await?;
    let limit = if filter.limit == 0 { 50 } else { filter.limit.min(200) };
    let narrow = record::Filter {
        words: filter.words.as_deref(),
        state: filter.state,
        severity: filter.severity,
        team: filter.team.as_deref(),
        after: filter.after,
        limit: i64::from(limit) + 1,
    };
    let mut listed = record::list(&mut tx, &narrow, app.sight(actor)).await?;
    let (total, teams) = record::total_and_teams(&mut tx, &narrow, app.sight(actor)).await?;
    let more = listed.len() > limit as usize;
    listed.truncate(limit as usize);
    let ids: Vec<IncidentId> = listed.iter().map(|it| it.incident.id).collect();
    let mut instants = record::instants(&mut tx, &ids).await?;
    let next = if more { listed.last().map(|it| it.incident.number) } else { None };
    let rows = listed
        .into_iter()
        .map(|it| Row {
            instants: instants.remove(&it.incident.id).unwrap_or_default(),
            postmortem: it.postmortem.map(RowPostmortem::from),
            incident: it.incident,
            narrowed: it.narrowed,
        })
        .collect();
    Ok(Listing { rows, total, next, teams })
}

/// Declares an incident.
pub async fn declare(app: &App, actor: &Actor, declaration: Declaration) -> Result<Incident> {
    let mut tx = app.write(actor, Action::Write).await?;
    let now = app.now();
    let incident = Incident {
        id: IncidentId::new(now, app.random()),
        number: record::next_number(&mut tx).await?,
        title: String::new(),
        summary: String::new(),
        kind: declaration.kind,
        severity: None,
        state: IncidentState::Active,
        services: Vec::new(),
        team: None,
        declared_at: now,
        resolved_at: None,
        origin: None,
        revision: 0,
    };
    let incident = said(incident, declaration)?;
    record::insert(&mut tx, &incident).await?;
    let detail = words(&incident).to_string();
    audit::record(&mut tx, now, actor, "incident.declare", &incident.number.to_string(), &detail).await?;
    tx.commit().await?;
    Ok(incident)
}

/// One incident with everything its page shows. Four statements, however long the timeline is.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Shown> {
    let mut tx = app.read(actor, Action::Read).await?;
    let (shown, reached) = without_evidence(app, &mut tx, actor, number).await?;
    let visible = shown.timeline.iter().map(|one| &one.event).filter(|event| !event.hidden);
    let slices = slices(visible);
    let overview = evidence::overview(&mut tx, reached, slices).await?;
    let chat_density = slices.map_or_else(Vec::new, |slices| density(slices, &overview.chat));
    Ok(Shown { evidence: overview.sources, chat_density, ..shown })
}

/// An incident without what its evidence holds: neither counts nor the density of its chat. Three statements.
pub(crate) async fn without_evidence(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    number: IncidentNumber,
) -> Result<(Shown, Reached)> {
    let page = record::page(tx, number, app.now(), app.sight(actor)).await?.ok_or(Error::NotFound)?;
    let (events, cited) = store::events::timeline(tx, page.reached).await?;
    let intervals = store::impact::list(tx, page.reached).await?;
    let shown = Shown {
        incident: page.incident,
        narrowed: page.narrowed,
        asked: page.asked,
        timeline: crate::timeline::with_evidence(events, cited, &page.instants),
        instants: page.instants,
        not_shown: page.not_shown,
        postmortem: page.postmortem.map(RowPostmortem::from),
        intervals,
        evidence: Vec::new(),
        chat_density: Vec::new(),
        participants: page.participants,
        follow_ups: crate::follow_ups::Counts {
            resting: page.follow_ups.resting,
            to_choose: page.follow_ups.to_choose,
            committed: page.follow_ups.committed,
            done: page.follow_ups.done,
            dropped: page.follow_ups.dropped,
        },
    };
    Ok((shown, page.reached))
}

/// Changes title, summary, kind, severity, services, team or start.
pub async fn edit(app: &App, actor: &Actor, number: IncidentNumber, change: Change) -> Result<Incident> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let before = words(held.incident());
    let incident = Incident { revision: change.revision, ..held.incident().clone() };
    let incident = said(incident, change.declaration)?;
    if incident.resolved_at.is_some_and(|end| end < incident.declared_at) {
        return Err(Error::invalid(
            "declared_at",
            "The beginning would lie after the end. Choose an earlier time.",
        ));
    }
    let detail = changes(&before, &words(&incident)).to_string();
    let incident = record::update(&mut tx, incident).await?.ok_or_else(Error::changed_meanwhile)?;
    audit::record(&mut tx, app.now(), actor, "incident.edit", &number.to_string(), &detail).await?;
    tx.commit().await?;
    app.tell(held.postmortem(), Changed::Facts);
    Ok(incident)
}

/// The incident with what a person said about it, or what cannot be used.
fn said(incident: Incident, declaration: Declaration) -> Result<Incident> {
    let mut services: Vec<String> = Vec::new();
    for service in &declaration.services {
        if let Some(name) = typed::optional_line("services", service, NAME_MAX)?
            && !services.contains(&name)
        {
            services.push(name);
        }
    }
    if services.len() > SERVICES_MAX {
        return Err(Error::invalid(
            "services",
            format!("An incident names at most {SERVICES_MAX} services."),
        ));
    }
    Ok(Incident {
        title: typed::line("title", &declaration.title, TITLE_MAX)?,
        summary: typed::prose("summary", &declaration.summary, SUMMARY_MAX)?,
        kind: declaration.kind,
        severity: declaration.severity,
        services,
        team: typed::optional_line("team", declaration.team.as_deref().unwrap_or_default(), NAME_MAX)?,
        declared_at: declaration.declared_at.unwrap_or(incident.declared_at),
        ..incident
    })
}

/// An incident's own words, for the record of acts.
fn words(incident: &Incident) -> Value {
    json!({
        "title": incident.title,
        "summary": incident.summary,
        "kind": incident.kind,
        "severity": incident.severity,
        "services": incident.services,
        "team": incident.team,
        "declared_at": incident.declared_at,
    })
}

impl From<record::PostmortemInShort> for RowPostmortem {
    fn from(it: record::PostmortemInShort) -> Self {
        Self { title: it.title, state: it.state, owner: it.owner, owner_due: it.owner_due }
    }
}

/// The range of the visible timeline, cut into whole seconds for the picture.
fn slices<'a>(visible: impl DoubleEndedIterator<Item = &'a TimelineEvent>) -> Option<evidence::Slices> {
    let mut times = visible.map(|event| event.at);
    let from = times.next()?;
    let to = times.next_back().unwrap_or(from);
    let seconds = (to.since(from).as_seconds() / SLICES + 1).max(60);
    Some(evidence::Slices { from, to, micros: domain::instant::Span::seconds(seconds).as_micros() })
}

fn density(slices: evidence::Slices, chat: &[(i64, i64)]) -> Vec<(Instant, i64, i64)> {
    let start = |slice: i64| slices.from.as_micros().saturating_add(slice.saturating_mul(slices.micros));
    chat.iter()
        .map(|(slice, count)| (Instant::from_micros(start(*slice)), slices.micros / 1_000_000, *count))
        .collect()
}

/// Which key instants are taken from which event.
pub(crate) fn instants_of(instants: &[ChosenInstant]) -> HashMap<domain::EventId, Vec<KeyInstant>> {
    let mut of: HashMap<domain::EventId, Vec<KeyInstant>> = HashMap::new();
    for chosen in instants {
        of.entry(chosen.event).or_default().push(chosen.instant);
    }
    of
}
