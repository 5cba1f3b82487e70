//! Events of timelines and the evidence they cite.

use crate::{
    evidence::source,
    reach::{Reached, seen},
    sql::{row, rows, run},
    statement::{Bind, Statement, VALUES},
    tx::{Error, Result, Tx},
};
use domain::{
    EventId, EvidenceId, Instant, PersonId,
    access::Sight,
    evidence::{Signal, Source},
    incident::IncidentNumber,
    timeline::{Actor, Chosen, EventKind, KeyInstant, Precision, TimelineEvent, event::ActorKind},
};

/// A piece of evidence in short, beside the event that cites it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// The event.
    pub event: EventId,
    /// The piece.
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

#[derive(sqlx::FromRow)]
struct Row {
    id: uuid::Uuid,
    at: i64,
    precise: String,
    rank: i64,
    kind: String,
    title: String,
    detail: String,
    actor_name: Option<String>,
    actor_kind: Option<String>,
    team: Option<String>,
    rule: Option<String>,
    rule_key: Option<String>,
    reason: Option<String>,
    person: Option<uuid::Uuid>,
    hidden: bool,
    touched: bool,
    revision: i64,
    context: String,
}

impl Row {
    fn event(self) -> Result<TimelineEvent> {
        let actor = match (self.actor_name, self.actor_kind) {
            (Some(name), Some(kind)) => Some(Actor {
                name,
                kind: ActorKind::from_key(&kind).ok_or_else(|| Error::unknown("the sort of actor", kind))?,
            }),
            _ => None,
        };
        let chosen = match (self.rule, self.rule_key) {
            (Some(rule), Some(key)) => Chosen::Rule { rule, key, reason: self.reason.unwrap_or_default() },
            _ => Chosen::Person { person: self.person.map(PersonId) },
        };
        Ok(TimelineEvent {
            id: EventId(self.id),
            at: Instant::from_micros(self.at),
            precision: Precision::from_key(&self.precise)
                .ok_or_else(|| Error::unknown("the precision", self.precise))?,
            rank: self.rank,
            kind: EventKind::from_key(&self.kind)
                .ok_or_else(|| Error::unknown("the sort of event", self.kind))?,
            title: self.title,
            detail: self.detail,
            actor,
            team: self.team,
            evidence: Vec::new(),
            context: serde_json::from_str(&self.context)
                .map_err(|_| Error::unknown("what an event means", self.context))?,
            chosen,
            hidden: self.hidden,
            touched: self.touched,
            revision: self.revision,
        })
    }
}

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        "e.id, e.at, e.precise, e.rank, e.kind, e.title, e.detail, e.actor_name, e.actor_kind, e.team, e.rule,
         e.rule_key, e.reason, e.person, e.hidden, e.touched, e.revision, e.context"
    };
}

/// Keeps new events with the evidence they cite.
pub async fn insert(tx: &mut Tx, incident: Reached, events: &[TimelineEvent]) -> Result<()> {
    for events in events.chunks(VALUES / 19) {
        let mut statement = Statement::new(
            "INSERT INTO events (id, incident, at, precise, rank, kind, title, detail, actor_name, actor_kind,
                 team, rule, rule_key, reason, person, hidden, touched, revision, context) VALUES ",
        );
        for (n, event) in events.iter().enumerate() {
            if n > 0 {
                statement.text(", ");
            }
            statement.list(values(incident, event));
        }
        statement.run(tx).await?;
    }
    cite(tx, events).await
}

fn values(incident: Reached, event: &TimelineEvent) -> [Bind; 19] {
    let (rule, key, reason, person) = chosen(event);
    let actor = event.actor.as_ref();
    [
        event.id.0.into(),
        incident.0.0.into(),
        event.at.as_micros().into(),
        event.precision.key().into(),
        event.rank.into(),
        event.kind.key().into(),
        event.title.as_str().into(),
        event.detail.as_str().into(),
        actor.map(|actor| actor.name.as_str()).into(),
        actor.map(|actor| actor.kind.key()).into(),
        event.team.as_deref().into(),
        rule.into(),
        key.into(),
        reason.into(),
        person.into(),
        event.hidden.into(),
        event.touched.into(),
        event.revision.into(),
        context(event).into(),
    ]
}

fn context(event: &TimelineEvent) -> String {
    // A struct of texts, flags and instants always has a JSON form.
    serde_json::to_string(&event.context).unwrap_or_else(|_| "{}".to_owned())
}

type ChosenColumns<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<uuid::Uuid>);

fn chosen(event: &TimelineEvent) -> ChosenColumns<'_> {
    match &event.chosen {
        Chosen::Rule { rule, key, reason } => (Some(rule), Some(key), Some(reason), None),
        Chosen::Person { person } => (None, None, None, person.map(|person| person.0)),
    }
}

/// Writes down which evidence events cite, in order.
async fn cite(tx: &mut Tx, events: &[TimelineEvent]) -> Result<()> {
    let cited: Vec<(uuid::Uuid, uuid::Uuid, i64)> = events
        .iter()
        .flat_map(|event| event.evidence.iter().zip(0..).map(|(piece, place)| (event.id.0, piece.0, place)))
        .collect();
    for cited in cited.chunks(VALUES / 3) {
        let mut statement = Statement::new("INSERT INTO event_evidence (event, evidence, place) VALUES ");
        for (n, (event, evidence, place)) in cited.iter().enumerate() {
            if n > 0 {
                statement.text(", ");
            }
            statement.list([Bind::from(*event), Bind::from(*evidence), Bind::from(*place)]);
        }
        statement.text(" ON CONFLICT DO NOTHING");
        statement.run(tx).await?;
    }
    Ok(())
}

/// Keeps a changed event under the next revision, if its revision is still the one it was read with; answers
/// the event as it is now, or `None` when somebody else was faster. `cites` tells whether the evidence differs.
pub async fn update(tx: &mut Tx, event: TimelineEvent, cites: bool) -> Result<Option<TimelineEvent>> {
    let (rule, key, reason, person) = chosen(&event);
    let actor = event.actor.as_ref();
    let changed = run!(
        tx,
        "UPDATE events SET at = $3, precise = $4, rank = $5, kind = $6, title = $7, detail = $8,
             actor_name = $9, actor_kind = $10, team = $11, rule = $12, rule_key = $13, reason = $14,
             person = $15, hidden = $16, touched = $17, context = $18, revision = revision + 1
         WHERE id = $1 AND revision = $2",
        event.id.0,
        event.revision,
        event.at.as_micros(),
        event.precision.key(),
        event.rank,
        event.kind.key(),
        event.title.as_str(),
        event.detail.as_str(),
        actor.map(|actor| actor.name.as_str()),
        actor.map(|actor| actor.kind.key()),
        event.team.as_deref(),
        rule,
        key,
        reason,
        person,
        event.hidden,
        event.touched,
        context(&event)
    )?;
    if changed == 0 {
        return Ok(None);
    }
    if cites {
        run!(tx, "DELETE FROM event_evidence WHERE event = $1", event.id.0)?;
        cite(tx, std::slice::from_ref(&event)).await?;
    }
    Ok(Some(TimelineEvent { revision: event.revision + 1, ..event }))
}

/// One event of an incident, with the evidence it cites.
pub async fn find(tx: &mut Tx, incident: Reached, id: EventId) -> Result<Option<TimelineEvent>> {
    let found = row!(
        tx,
        Row,
        concat!("SELECT ", columns!(), " FROM events e WHERE e.incident = $1 AND e.id = $2"),
        incident.0.0,
        id.0
    )?;
    let Some(row) = found else { return Ok(None) };
    let mut event = row.event()?;
    let cited = rows!(
        tx,
        (uuid::Uuid,),
        "SELECT evidence FROM event_evidence WHERE event = $1 ORDER BY place, evidence",
        id.0
    )?;
    event.evidence = cited.into_iter().map(|(piece,)| EvidenceId(piece)).collect();
    Ok(Some(event))
}

/// One event of the incident with a number: the event, its evidence in short, and the key instants taken from
/// it. Three statements.
pub async fn shown(
    tx: &mut Tx,
    number: IncidentNumber,
    id: EventId,
    sight: Sight,
) -> Result<Option<(TimelineEvent, Vec<Cited>, Vec<KeyInstant>)>> {
    let found = row!(
        tx,
        Row,
        concat!(
            "SELECT ",
            columns!(),
            " FROM events e JOIN incidents i ON i.id = e.incident WHERE i.number = $1 AND e.id = $2 AND ",
            seen!("$3", "$4")
        ),
        number.0,
        id.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    let Some(row) = found else { return Ok(None) };
    let mut event = row.event()?;
    let cited = cited(tx, id).await?;
    event.evidence = cited.iter().map(|piece| piece.id).collect();
    let instants = rows!(tx, (String,), "SELECT instant FROM key_instants WHERE event = $1", id.0)?;
    let mut instants = instants
        .into_iter()
        .map(|(key,)| KeyInstant::from_key(&key).ok_or_else(|| Error::unknown("the key instant", key)))
        .collect::<Result<Vec<_>>>()?;
    instants.sort_unstable();
    Ok(Some((event, cited, instants)))
}

/// The events that are other accounts of `event`, with their titles, in order.
pub async fn accounts_of(
    tx: &mut Tx,
    number: IncidentNumber,
    event: EventId,
) -> Result<Vec<(EventId, String)>> {
    let found = rows!(
        tx,
        (uuid::Uuid, String),
        "SELECT e.id, e.title FROM events e JOIN incidents i ON i.id = e.incident
         WHERE i.number = $1 AND e.context LIKE $2 ORDER BY e.at, e.id",
        number.0,
        format!("%\"account_of\":\"{event}\"%")
    )?;
    Ok(found.into_iter().map(|(id, title)| (EventId(id), title)).collect())
}

/// The first event that cites a piece of evidence.
pub async fn citing(tx: &mut Tx, evidence: EvidenceId) -> Result<Option<EventId>> {
    let found: Option<(uuid::Uuid,)> = row!(
        tx,
        (uuid::Uuid,),
        "SELECT event FROM event_evidence WHERE evidence = $1 ORDER BY event LIMIT 1",
        evidence.0
    )?;
    Ok(found.map(|(event,)| EventId(event)))
}

/// The timeline of an incident in order, hidden events included, and the evidence in short: one statement.
pub async fn timeline(tx: &mut Tx, incident: Reached) -> Result<(Vec<TimelineEvent>, Vec<Cited>)> {
    #[derive(sqlx::FromRow)]
    struct Citing {
        #[sqlx(flatten)]
        row: Row,
        cited: Option<uuid::Uuid>,
        source: Option<String>,
        signal: Option<String>,
        said_in: Option<String>,
        author_name: Option<String>,
        pictured: bool,
    }
    let rows = rows!(
        tx,
        Citing,
        concat!(
            "SELECT ",
            columns!(),
            ", v.id AS cited, v.source, v.signal, v.place AS said_in, v.author_name,
             t.evidence IS NOT NULL AS pictured
             FROM events e
             LEFT JOIN event_evidence c ON c.event = e.id
             LEFT JOIN evidence v ON v.id = c.evidence
             LEFT JOIN evidence_thumbnails t ON v.source = 'debrief' AND t.evidence = v.id
             WHERE e.incident = $1 ORDER BY e.at, e.rank, e.id, c.place, v.id"
        ),
        incident.0.0
    )?;
    let mut events: Vec<TimelineEvent> = Vec::new();
    let mut pieces = Vec::new();
    for Citing { row, cited, source, signal, said_in, author_name, pictured } in rows {
        if events.last().is_none_or(|last| last.id.0 != row.id) {
            events.push(row.event()?);
        }
        let Some(event) = events.last_mut() else { continue };
        if let (Some(id), Some(source), Some(signal)) = (cited, source, signal) {
            event.evidence.push(EvidenceId(id));
            let short =
                CitedRow { event: event.id.0, id, source, signal, place: said_in, author_name, pictured };
            pieces.push(short.cited()?);
        }
    }
    Ok((events, pieces))
}

/// The evidence of one event in short, in order.
pub async fn cited(tx: &mut Tx, event: EventId) -> Result<Vec<Cited>> {
    let cited = rows!(
        tx,
        CitedRow,
        "SELECT c.event, v.id, v.source, v.signal, v.place, v.author_name, t.evidence IS NOT NULL AS pictured
         FROM event_evidence c JOIN evidence v ON v.id = c.evidence
         LEFT JOIN evidence_thumbnails t ON t.evidence = v.id
         WHERE c.event = $1 ORDER BY c.place, v.id",
        event.0
    )?;
    cited.into_iter().map(CitedRow::cited).collect()
}

#[derive(sqlx::FromRow)]
struct CitedRow {
    event: uuid::Uuid,
    id: uuid::Uuid,
    source: String,
    signal: String,
    place: Option<String>,
    author_name: Option<String>,
    pictured: bool,
}

impl CitedRow {
    fn cited(self) -> Result<Cited> {
        Ok(Cited {
            event: EventId(self.event),
            id: EvidenceId(self.id),
            source: source(self.source)?,
            signal: Signal::from_key(&self.signal)
                .ok_or_else(|| Error::unknown("the sort of record", self.signal))?,
            place: self.place,
            author: self.author_name,
            pictured: self.pictured,
        })
    }
}

/// Hides events of an incident, or shows them again; answers those that changed.
pub async fn set_hidden(
    tx: &mut Tx,
    incident: Reached,
    events: &[EventId],
    hidden: bool,
) -> Result<Vec<EventId>> {
    let mut changed = Vec::new();
    for events in events.chunks(500) {
        let mut statement = Statement::new("UPDATE events SET hidden = ");
        statement.bind(hidden).text(", revision = revision + 1 WHERE incident = ").bind(incident.0.0);
        statement.text(" AND hidden <> ").bind(hidden).text(" AND id IN ");
        statement.list(events.iter().map(|event| event.0)).text(" RETURNING id");
        let rows: Vec<(uuid::Uuid,)> = statement.rows(tx).await?;
        changed.extend(rows.into_iter().map(|(id,)| EventId(id)));
    }
    Ok(changed)
}

/// Removes events that the rules no longer propose. Never used for what a person wrote or touched.
pub async fn remove(tx: &mut Tx, events: &[EventId]) -> Result<()> {
    for events in events.chunks(500) {
        let mut statement = Statement::new("DELETE FROM events WHERE id IN ");
        statement.list(events.iter().map(|event| event.0));
        statement.run(tx).await?;
    }
    Ok(())
}

/// The place of the last event at an instant; `None` if there is none.
pub async fn last_rank(tx: &mut Tx, incident: Reached, at: Instant) -> Result<Option<i64>> {
    let found: Option<(Option<i64>,)> = row!(
        tx,
        (Option<i64>,),
        "SELECT MAX(rank) FROM events WHERE incident = $1 AND at = $2",
        incident.0.0,
        at.as_micros()
    )?;
    Ok(found.and_then(|(rank,)| rank))
}
