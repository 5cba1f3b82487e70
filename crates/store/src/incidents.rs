//! Incidents: numbered, found, listed, changed.

use crate::{
    reach::{Reached, seen},
    sql::{row, rows, run},
    statement::{Statement, words},
    tx::{Error, Result, Tx},
};
use domain::{
    IncidentId, Instant, PostmortemId,
    access::Sight,
    incident::{Incident, IncidentKind, IncidentNumber, IncidentState, Origin, Severity},
    postmortem::PostmortemState,
    timeline::{KeyInstant, key_instant::ChosenInstant},
};
use std::collections::BTreeMap;

/// A post-mortem in short, beside its incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostmortemInShort {
    /// Which one.
    pub id: PostmortemId,
    /// Its headline.
    pub title: String,
    /// Where it stands.
    pub state: PostmortemState,
    /// The name of whoever looks after it.
    pub owner: Option<String>,
    /// By when an owner is to be chosen.
    pub owner_due: Option<Instant>,
}

/// How many ideas and follow-ups stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FollowUpCounts {
    /// Ideas that rest.
    pub resting: i64,
    /// Ideas whose rest is over.
    pub to_choose: i64,
    /// Commitments.
    pub committed: i64,
    /// Done.
    pub done: i64,
    /// Dropped.
    pub dropped: i64,
}

/// Everything about an incident that fits into a few rows.
#[derive(Debug, Clone)]
pub struct Page {
    /// What everything that belongs to it is loaded with.
    pub reached: Reached,
    /// The incident.
    pub incident: Incident,
    /// Whether not everybody sees it.
    pub narrowed: bool,
    /// Whether something waits that whoever asks was asked to look at (see `crate::reports`).
    pub asked: bool,
    /// Its post-mortem.
    pub postmortem: Option<PostmortemInShort>,
    /// Its ideas and follow-ups.
    pub follow_ups: FollowUpCounts,
    /// Who took part by the evidence, in the order of their first words or acts.
    pub participants: Vec<String>,
    /// Its key instants, in their usual order.
    pub instants: Vec<ChosenInstant>,
    /// Key instants of which a person said that no event shows them, with the note.
    pub not_shown: Vec<(KeyInstant, String)>,
}

/// Which incidents.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Words that must all occur.
    pub words: Option<&'a str>,
    /// Standing here.
    pub state: Option<IncidentState>,
    /// Of this severity.
    pub severity: Option<Severity>,
    /// Of this team.
    pub team: Option<&'a str>,
    /// After this one in the list.
    pub after: Option<IncidentNumber>,
    /// At most so many.
    pub limit: i64,
}

/// An incident in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The incident.
    pub incident: Incident,
    /// Whether not everybody sees it.
    pub narrowed: bool,
    /// Its post-mortem.
    pub postmortem: Option<PostmortemInShort>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: uuid::Uuid,
    number: i64,
    title: String,
    summary: String,
    kind: String,
    severity: Option<i64>,
    state: String,
    services: String,
    team: Option<String>,
    declared_at: i64,
    resolved_at: Option<i64>,
    origin_source: Option<String>,
    origin_id: Option<String>,
    origin_url: Option<String>,
    revision: i64,
    narrowed_until: i64,
}

impl Row {
    /// Whether it is narrowed at an instant.
    pub(crate) fn is_narrowed(&self, at: Instant) -> bool {
        self.narrowed_until > at.as_micros()
    }

    pub(crate) fn incident(self) -> Result<Incident> {
        let origin = match (self.origin_source, self.origin_id) {
            (Some(source), Some(id)) => Some(Origin { source, id, url: self.origin_url }),
            _ => None,
        };
        Ok(Incident {
            id: IncidentId(self.id),
            number: IncidentNumber(self.number),
            title: self.title,
            summary: self.summary,
            kind: IncidentKind::from_key(&self.kind)
                .ok_or_else(|| Error::unknown("the kind of incident", self.kind))?,
            severity: self.severity.and_then(Severity::new),
            state: IncidentState::from_key(&self.state)
                .ok_or_else(|| Error::unknown("the state of an incident", self.state))?,
            services: serde_json::from_str(&self.services)
                .map_err(|_| Error::unknown("the list of services", self.services))?,
            team: self.team,
            declared_at: Instant::from_micros(self.declared_at),
            resolved_at: self.resolved_at.map(Instant::from_micros),
            origin,
            revision: self.revision,
        })
    }
}

#[derive(sqlx::FromRow)]
struct InShort {
    p_id: Option<uuid::Uuid>,
    p_title: Option<String>,
    p_state: Option<String>,
    owner_due: Option<i64>,
    owner: Option<String>,
}

impl InShort {
    fn postmortem(self) -> Result<Option<PostmortemInShort>> {
        let (Some(id), Some(title), Some(state)) = (self.p_id, self.p_title, self.p_state) else {
            return Ok(None);
        };
        let state = PostmortemState::from_key(&state)
            .ok_or_else(|| Error::unknown("the state of a post-mortem", state))?;
        let owner_due = self.owner_due.map(Instant::from_micros);
        Ok(Some(PostmortemInShort { id: PostmortemId(id), title, state, owner: self.owner, owner_due }))
    }
}

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        "i.id, i.number, i.title, i.summary, i.kind, i.severity, i.state, i.services, i.team, i.declared_at,
         i.resolved_at, i.origin_source, i.origin_id, i.origin_url, i.revision, i.narrowed_until"
    };
}
pub(crate) use columns as incident_columns;

/// The columns of [`InShort`].
macro_rules! columns_in_short {
    () => {
        "p.id AS p_id, p.title AS p_title, p.state AS p_state, p.owner_due, o.name AS owner"
    };
}

/// The next number. Others who want one wait until the transaction ends, so numbers have no gaps.
pub async fn next_number(tx: &mut Tx) -> Result<IncidentNumber> {
    let next: Option<(i64,)> =
        row!(tx, (i64,), "UPDATE counters SET value = value + 1 WHERE name = 'incident' RETURNING value")?;
    next.map(|(number,)| IncidentNumber(number)).ok_or_else(|| Error::unknown("the counter", "nothing"))
}

/// Keeps a new incident.
pub async fn insert(tx: &mut Tx, incident: &Incident) -> Result<Reached> {
    let origin = incident.origin.as_ref();
    run!(
        tx,
        "INSERT INTO incidents (id, number, title, summary, kind, severity, state, services, team, declared_at,
             resolved_at, origin_source, origin_id, origin_url, words, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        incident.id.0,
        incident.number.0,
        incident.title.as_str(),
        incident.summary.as_str(),
        incident.kind.key(),
        incident.severity.map(i64::from),
        incident.state.key(),
        services(incident),
        incident.team.as_deref(),
        incident.declared_at.as_micros(),
        incident.resolved_at.map(Instant::as_micros),
        origin.map(|origin| origin.source.as_str()),
        origin.map(|origin| origin.id.as_str()),
        origin.and_then(|origin| origin.url.as_deref()),
        words_of(incident),
        incident.revision
    )?;
    Ok(Reached(incident.id))
}

/// Keeps a changed incident under the next revision, if its revision is still the one it was read with;
/// answers the incident as it is now, or `None` when somebody else was faster.
pub async fn update(tx: &mut Tx, incident: Incident) -> Result<Option<Incident>> {
    let origin = incident.origin.as_ref();
    let changed = run!(
        tx,
        "UPDATE incidents SET title = $3, summary = $4, kind = $5, severity = $6, state = $7, services = $8,
             team = $9, declared_at = $10, resolved_at = $11, origin_source = $12, origin_id = $13,
             origin_url = $14, words = $15, revision = revision + 1
         WHERE id = $1 AND revision = $2",
        incident.id.0,
        incident.revision,
        incident.title.as_str(),
        incident.summary.as_str(),
        incident.kind.key(),
        incident.severity.map(i64::from),
        incident.state.key(),
        services(&incident),
        incident.team.as_deref(),
        incident.declared_at.as_micros(),
        incident.resolved_at.map(Instant::as_micros),
        origin.map(|origin| origin.source.as_str()),
        origin.map(|origin| origin.id.as_str()),
        origin.and_then(|origin| origin.url.as_deref()),
        words_of(&incident)
    )?;
    Ok((changed == 1).then(|| Incident { revision: incident.revision + 1, ..incident }))
}

/// Keeps others from changing the timeline of an incident until the transaction ends.
pub async fn lock(tx: &mut Tx, incident: Reached) -> Result<()> {
    run!(tx, "UPDATE incidents SET revision = revision WHERE id = $1", incident.0.0)?;
    Ok(())
}

/// The id of the incident with a number.
pub async fn id_of(tx: &mut Tx, number: IncidentNumber) -> Result<Option<IncidentId>> {
    let found = row!(tx, (uuid::Uuid,), "SELECT id FROM incidents WHERE number = $1", number.0)?;
    Ok(found.map(|(id,)| IncidentId(id)))
}

/// The numbers of the incidents that were brought in from `source` under one of `ids`, by that id.
pub async fn known_origins(
    tx: &mut Tx,
    source: &str,
    ids: &[String],
    sight: Sight,
) -> Result<BTreeMap<String, IncidentNumber>> {
    let mut known = BTreeMap::new();
    for ids in ids.chunks(500) {
        let mut statement =
            Statement::new("SELECT i.origin_id, i.number FROM incidents i WHERE i.origin_source = ");
        statement.bind(source).text(" AND i.origin_id IN ").list(ids.iter().map(String::as_str));
        statement.text(" AND ").seen(sight);
        let rows: Vec<(String, i64)> = statement.rows(tx).await?;
        known.extend(rows.into_iter().map(|(id, number)| (id, IncidentNumber(number))));
    }
    Ok(known)
}

/// Whether some incident was brought in from `source` under `id`, seen or not: an origin belongs to one incident.
/// Never to be told.
pub async fn origin_is_taken(tx: &mut Tx, source: &str, id: &str) -> Result<bool> {
    let found = row!(
        tx,
        (i64,),
        "SELECT number FROM incidents WHERE origin_source = $1 AND origin_id = $2",
        source,
        id
    )?;
    Ok(found.is_some())
}

/// An incident with its post-mortem, follow-ups (counted as of `now`) and key instants, in one statement.
pub async fn page(tx: &mut Tx, number: IncidentNumber, now: Instant, sight: Sight) -> Result<Option<Page>> {
    #[derive(sqlx::FromRow)]
    struct PageRow {
        #[sqlx(flatten)]
        row: Row,
        #[sqlx(flatten)]
        in_short: InShort,
        resting: i64,
        to_choose: i64,
        committed: i64,
        done: i64,
        dropped: i64,
        asked: bool,
        participants: String,
        instant: Option<String>,
        event: Option<uuid::Uuid>,
        reason: Option<String>,
        confirmed: Option<bool>,
    }
    // At most five rows, one per key instant.
    let rows = rows!(
        tx,
        PageRow,
        concat!(
            "SELECT ",
            columns!(),
            ", ",
            columns_in_short!(),
            ", (SELECT COUNT(*) FROM follow_ups f
                WHERE f.incident = i.id AND f.state = 'idea' AND f.opens_at > $2) AS resting,
               (SELECT COUNT(*) FROM follow_ups f
                WHERE f.incident = i.id AND f.state = 'idea' AND f.opens_at <= $2) AS to_choose,
               (SELECT COUNT(*) FROM follow_ups f
                WHERE f.incident = i.id AND f.state = 'committed') AS committed,
               (SELECT COUNT(*) FROM follow_ups f WHERE f.incident = i.id AND f.state = 'done') AS done,
               (SELECT COUNT(*) FROM follow_ups f WHERE f.incident = i.id AND f.state = 'dropped') AS dropped,
               EXISTS (SELECT 1 FROM reports r WHERE r.incident = i.id AND r.settled_at IS NULL
                   AND (r.addressee = $3 OR (r.addressee IS NULL AND CASE
                       WHEN EXISTS (SELECT 1 FROM incident_people l JOIN people n ON n.id = l.person
                           WHERE l.incident = i.id AND l.part = 'facilitator' AND n.deactivated_at IS NULL)
                       THEN EXISTS (SELECT 1 FROM incident_people l
                           WHERE l.incident = i.id AND l.part = 'facilitator' AND l.person = $3)
                       WHEN o.id IS NOT NULL AND o.deactivated_at IS NULL THEN o.id = $3
                       ELSE EXISTS (SELECT 1 FROM people a WHERE a.id = $3 AND a.role = 'administrator')
                       END))) AS asked,
               i.participants, k.instant, k.event, k.reason, k.confirmed
             FROM incidents i
             LEFT JOIN postmortems p ON p.incident = i.id
             LEFT JOIN people o ON o.id = p.owner
             LEFT JOIN key_instants k ON k.incident = i.id
             WHERE i.number = $1 AND ",
            seen!("$3", "$4")
        ),
        number.0,
        now.as_micros(),
        sight.person().0,
        sight.at().as_micros()
    )?;
    let (mut page, mut instants, mut not_shown) = (None, Vec::new(), Vec::new());
    for row in rows {
        if let (Some(key), Some(reason), Some(confirmed)) = (row.instant, row.reason, row.confirmed) {
            let instant = KeyInstant::from_key(&key).ok_or_else(|| Error::unknown("the key instant", key))?;
            match row.event {
                Some(event) => {
                    instants.push(ChosenInstant { instant, event: domain::EventId(event), reason, confirmed })
                }
                None => not_shown.push((instant, reason)),
            }
        }
        if page.is_none() {
            let follow_ups = FollowUpCounts {
                resting: row.resting,
                to_choose: row.to_choose,
                committed: row.committed,
                done: row.done,
                dropped: row.dropped,
            };
            let participants = names(&row.participants)?;
            let narrowed = row.row.is_narrowed(now);
            let (incident, postmortem) = (row.row.incident()?, row.in_short.postmortem()?);
            page = Some((incident, narrowed, postmortem, follow_ups, participants, row.asked));
        }
    }
    instants.sort_by_key(|chosen| chosen.instant);
    not_shown.sort();
    Ok(page.map(|(incident, narrowed, postmortem, follow_ups, participants, asked)| Page {
        narrowed,
        asked,
        reached: Reached(incident.id),
        incident,
        postmortem,
        follow_ups,
        participants,
        instants,
        not_shown,
    }))
}

/// A stored list of names.
pub(crate) fn names(stored: &str) -> Result<Vec<String>> {
    serde_json::from_str(stored).map_err(|_| Error::unknown("a list of names", stored))
}

/// Remembers who took part, so that no page has to go through all evidence for it.
pub async fn set_participants(tx: &mut Tx, incident: Reached, names: &[String]) -> Result<()> {
    let names = serde_json::Value::from(names).to_string();
    run!(tx, "UPDATE incidents SET participants = $2 WHERE id = $1", incident.0.0, names)?;
    Ok(())
}

/// Incidents in order of their declaration, newest first. One more than `limit` tells that there are more.
pub async fn list(tx: &mut Tx, filter: &Filter<'_>, sight: Sight) -> Result<Vec<Listed>> {
    #[derive(sqlx::FromRow)]
    struct ListRow {
        #[sqlx(flatten)]
        row: Row,
        #[sqlx(flatten)]
        in_short: InShort,
    }
    let mut statement = Statement::new(concat!(
        "SELECT ",
        columns!(),
        ", ",
        columns_in_short!(),
        " FROM incidents i LEFT JOIN postmortems p ON p.incident = i.id LEFT JOIN people o ON o.id = p.owner
          WHERE "
    ));
    statement.seen(sight);
    narrow(&mut statement, filter);
    if let Some(after) = filter.after {
        // Where the page before ended is part of what must not be told of an unseen incident.
        statement.text(
            " AND (i.declared_at, i.number) < ((SELECT i.declared_at FROM incidents i WHERE i.number = ",
        );
        statement.bind(after.0).text(" AND ").seen(sight).text("), ").bind(after.0).text(")");
    }
    statement.text(" ORDER BY i.declared_at DESC, i.number DESC LIMIT ").bind(filter.limit);
    let rows: Vec<ListRow> = statement.rows(tx).await?;
    rows.into_iter()
        .map(|ListRow { row, in_short }| {
            let narrowed = row.is_narrowed(sight.at());
            Ok(Listed { narrowed, incident: row.incident()?, postmortem: in_short.postmortem()? })
        })
        .collect()
}

/// How many match in all, and the names of the teams of all incidents that are seen.
pub async fn total_and_teams(tx: &mut Tx, filter: &Filter<'_>, sight: Sight) -> Result<(i64, Vec<String>)> {
    let mut statement = Statement::new(
        "SELECT t.team, CAST(NULL AS BIGINT) AS total
         FROM (SELECT DISTINCT i.team FROM incidents i WHERE i.team IS NOT NULL AND ",
    );
    statement.seen(sight);
    statement.text(") t UNION ALL SELECT CAST(NULL AS TEXT), COUNT(*) FROM incidents i WHERE ").seen(sight);
    narrow(&mut statement, filter);
    let rows: Vec<(Option<String>, Option<i64>)> = statement.rows(tx).await?;
    let total = rows.iter().find_map(|(_, total)| *total).unwrap_or(0);
    let mut teams: Vec<String> = rows.into_iter().filter_map(|(team, _)| team).collect();
    // Databases disagree about the order of letters; people read this list.
    teams.sort_by_cached_key(|team| (team.to_lowercase(), team.clone()));
    Ok((total, teams))
}

/// The key instants of several incidents with their times.
pub async fn instants(
    tx: &mut Tx,
    incidents: &[IncidentId],
) -> Result<BTreeMap<IncidentId, BTreeMap<KeyInstant, Instant>>> {
    let mut known: BTreeMap<IncidentId, BTreeMap<KeyInstant, Instant>> = BTreeMap::new();
    if incidents.is_empty() {
        return Ok(known);
    }
    let mut statement = Statement::new(
        "SELECT k.incident, k.instant, e.at FROM key_instants k JOIN events e ON e.id = k.event
         WHERE k.incident IN ",
    );
    statement.list(incidents.iter().map(|incident| incident.0));
    let rows: Vec<(uuid::Uuid, String, i64)> = statement.rows(tx).await?;
    for (incident, key, at) in rows {
        let instant = KeyInstant::from_key(&key).ok_or_else(|| Error::unknown("the key instant", key))?;
        known.entry(IncidentId(incident)).or_default().insert(instant, Instant::from_micros(at));
    }
    Ok(known)
}

fn narrow(statement: &mut Statement, filter: &Filter<'_>) {
    statement.containing("i.words", &words(filter.words));
    if let Some(state) = filter.state {
        statement.text(" AND i.state = ").bind(state.key());
    }
    if let Some(severity) = filter.severity {
        statement.text(" AND i.severity = ").bind(i64::from(severity));
    }
    if let Some(team) = filter.team {
        statement.text(" AND i.team = ").bind(team);
    }
}

fn services(incident: &Incident) -> String {
    serde_json::Value::from(incident.services.clone()).to_string()
}

/// What the filter of the list looks through.
fn words_of(incident: &Incident) -> String {
    format!(
        "{} {}\n{}\n{}\n{}",
        incident.number,
        incident.title,
        incident.summary,
        incident.services.join("\n"),
        incident.team.as_deref().unwrap_or_default()
    )
    .to_lowercase()
}
