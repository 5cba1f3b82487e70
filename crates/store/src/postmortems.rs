//! Post-mortems as stored.

use crate::{
    documents::wrote,
    incidents::{Row as IncidentRow, incident_columns, names},
    reach::{Reached, seen},
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    EventId, IncidentId, Instant, PersonId, PostmortemId,
    access::Sight,
    incident::{Incident, IncidentNumber},
    postmortem::{Ownership, Postmortem, PostmortemState},
    timeline::{KeyInstant, key_instant::ChosenInstant},
    version::VersionNumber,
};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    incident: Uuid,
    title: String,
    template: String,
    owner: Option<Uuid>,
    owner_since: Option<i64>,
    owner_due: Option<i64>,
    state: String,
    created_at: i64,
    published_at: Option<i64>,
    revision: i64,
}

impl Row {
    fn read(self) -> Result<Postmortem> {
        let ownership = match (self.owner, self.owner_since) {
            (Some(owner), Some(since)) => {
                Ownership::Owned { owner: PersonId(owner), since: Instant::from_micros(since) }
            }
            _ => {
                Ownership::ToBeChosen { due: Instant::from_micros(self.owner_due.unwrap_or(self.created_at)) }
            }
        };
        Ok(Postmortem {
            id: PostmortemId(self.id),
            incident: IncidentId(self.incident),
            title: self.title,
            template: self.template,
            ownership,
            state: PostmortemState::from_key(&self.state)
                .ok_or_else(|| Error::unknown("post-mortem state", self.state))?,
            created_at: Instant::from_micros(self.created_at),
            published_at: self.published_at.map(Instant::from_micros),
            revision: self.revision,
        })
    }
}

/// The owner's part of a row: owner, since, due.
fn ownership_columns(ownership: Ownership) -> (Option<Uuid>, Option<i64>, Option<i64>) {
    match ownership {
        Ownership::Owned { owner, since } => (Some(owner.0), Some(since.as_micros()), None),
        Ownership::ToBeChosen { due } => (None, None, Some(due.as_micros())),
    }
}

/// Stores a new post-mortem together with the first update of its document.
pub async fn create(tx: &mut Tx, postmortem: &Postmortem, first_update: &[u8], at: Instant) -> Result<()> {
    let (owner, since, due) = ownership_columns(postmortem.ownership);
    run!(
        tx,
        "INSERT INTO postmortems
            (id, incident, title, template, owner, owner_since, owner_due, state, created_at, published_at, epoch, opening, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, '', $11)",
        postmortem.id.0,
        postmortem.incident.0,
        postmortem.title.as_str(),
        postmortem.template.as_str(),
        owner,
        since,
        due,
        postmortem.state.key(),
        postmortem.created_at.as_micros(),
        postmortem.published_at.map(Instant::as_micros),
        postmortem.revision
    )?;
    run!(
        tx,
        "INSERT INTO document_updates (document, seq, body, author, at) VALUES ($1, 1, $2, NULL, $3)",
        postmortem.id.0,
        first_update,
        at.as_micros()
    )?;
    Ok(())
}

/// Saves a changed post-mortem over the revision it was read with; false if somebody was faster.
pub async fn save(tx: &mut Tx, postmortem: &Postmortem) -> Result<bool> {
    let (owner, since, due) = ownership_columns(postmortem.ownership);
    let saved = run!(
        tx,
        "UPDATE postmortems SET title = $2, owner = $3, owner_since = $4, owner_due = $5, state = $6,
            published_at = $7, revision = revision + 1
         WHERE id = $1 AND revision = $8",
        postmortem.id.0,
        postmortem.title.as_str(),
        owner,
        since,
        due,
        postmortem.state.key(),
        postmortem.published_at.map(Instant::as_micros),
        postmortem.revision
    )?;
    Ok(saved == 1)
}

/// Remembers the first words of the summary, for lists.
pub async fn set_opening(tx: &mut Tx, id: PostmortemId, opening: &str) -> Result<()> {
    run!(tx, "UPDATE postmortems SET opening = $2 WHERE id = $1", id.0, opening)?;
    Ok(())
}

/// The post-mortem of an incident.
pub async fn of_incident(tx: &mut Tx, incident: Reached) -> Result<Option<Postmortem>> {
    let found = row!(
        tx,
        Row,
        "SELECT p.id, p.incident, p.title, p.template, p.owner, p.owner_since, p.owner_due, p.state, p.created_at,
            p.published_at, p.revision
         FROM postmortems p WHERE p.incident = $1",
        incident.0.0
    )?;
    found.map(Row::read).transpose()
}

/// A post-mortem with what reading and writing pages show of it, its incident and its document.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The post-mortem.
    pub postmortem: Postmortem,
    /// The owner's name.
    pub owner: Option<String>,
    /// The document's epoch.
    pub epoch: i64,
    /// Names of those who wrote in the document, in the order of their first words.
    pub writers: Vec<String>,
    /// If it is published and somebody wrote since: the version that was published, and when they last wrote.
    pub written_since: Option<(VersionNumber, Instant)>,
    /// What everything that belongs to the incident is loaded with.
    pub reached: Reached,
    /// The incident.
    pub incident: Incident,
    /// Whether not everybody sees it.
    pub narrowed: bool,
    /// Who took part in it by the evidence.
    pub participants: Vec<String>,
    /// Its key instants, in their usual order.
    pub instants: Vec<ChosenInstant>,
    /// Key instants of which a person said that no event shows them, with the note.
    pub not_shown: Vec<(KeyInstant, String)>,
    /// Steps that were asked for beside the document and wait: kind and since when.
    pub asked: Vec<(&'static str, Instant)>,
}

#[derive(sqlx::FromRow)]
struct OpenedRow {
    #[sqlx(flatten)]
    incident: IncidentRow,
    participants: String,
    p_id: Uuid,
    p_title: String,
    template: String,
    owner: Option<Uuid>,
    owner_since: Option<i64>,
    owner_due: Option<i64>,
    p_state: String,
    created_at: i64,
    published_at: Option<i64>,
    p_revision: i64,
    epoch: i64,
    owner_name: Option<String>,
    writer: Option<String>,
    wrote_at: Option<i64>,
    wrote_seq: Option<i64>,
    published_version: Option<i64>,
    published_seq: Option<i64>,
    instant: Option<String>,
    event: Option<Uuid>,
    reason: Option<String>,
    confirmed: Option<bool>,
    debrief_asked: Option<i64>,
    account_asked: Option<i64>,
}

/// The post-mortem of an incident with its owner, its writers, the incident and its key instants, in one
/// statement: a row for each pair of writer and key instant, so a few dozen at most.
pub async fn open(tx: &mut Tx, number: IncidentNumber, sight: Sight) -> Result<Option<Opened>> {
    let rows = rows!(
        tx,
        OpenedRow,
        concat!(
            "SELECT ",
            incident_columns!(),
            ", i.participants, p.id AS p_id, p.title AS p_title, p.template, p.owner, p.owner_since, p.owner_due,
               p.state AS p_state, p.created_at, p.published_at, p.revision AS p_revision, p.epoch,
               o.name AS owner_name, w.name AS writer, dw.last_at AS wrote_at,
               dw.last_seq AS wrote_seq, v.number AS published_version, v.seq AS published_seq, k.instant, k.event, k.reason, k.confirmed,
               (SELECT MIN(q.asked_at) FROM language_requests q
                WHERE q.document = p.id AND q.kind = 'debrief' AND q.settled_at IS NULL) AS debrief_asked,
               (SELECT MIN(q.asked_at) FROM language_requests q
                WHERE q.document = p.id AND q.kind = 'account' AND q.settled_at IS NULL) AS account_asked
             FROM postmortems p
             JOIN incidents i ON i.id = p.incident
             LEFT JOIN people o ON o.id = p.owner
             LEFT JOIN ",
            wrote!("(SELECT d.id FROM postmortems d JOIN incidents n ON n.id = d.incident WHERE n.number = $1)"),
            " dw ON dw.document = p.id
             LEFT JOIN people w ON w.id = dw.person
             LEFT JOIN key_instants k ON k.incident = i.id
             LEFT JOIN document_versions v ON v.document = p.id AND p.state = 'published' AND v.number = (
                SELECT MAX(s.number) FROM document_versions s
                WHERE s.document = p.id AND s.kind = 'state_change' AND s.standing = 'published')
             WHERE i.number = $1 AND ",
            seen!("$2", "$3"),
            " ORDER BY dw.first_at NULLS LAST, w.name"
        ),
        number.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    let (mut writers, mut instants, mut not_shown): (Vec<String>, Vec<ChosenInstant>, Vec<_>) =
        Default::default();
    let mut written_since = None;
    for row in &rows {
        if let (Some(version), Some(seq), Some(wrote_seq), Some(at)) =
            (row.published_version, row.published_seq, row.wrote_seq, row.wrote_at)
            && wrote_seq > seq
        {
            let at = Instant::from_micros(at);
            let latest = written_since.map_or(at, |(_, other): (_, Instant)| other.max(at));
            written_since = Some((VersionNumber(version), latest));
        }
        if let Some(writer) = row.writer.as_ref().filter(|name| !writers.contains(name)) {
            writers.push(writer.clone());
        }
        if let (Some(key), Some(reason), Some(confirmed)) = (&row.instant, &row.reason, row.confirmed) {
            let instant = KeyInstant::from_key(key).ok_or_else(|| Error::unknown("the key instant", key))?;
            match row.event {
                Some(event) => {
                    let reason = reason.clone();
                    instants.push(ChosenInstant { instant, event: EventId(event), reason, confirmed });
                }
                None => not_shown.push((instant, reason.clone())),
            }
        }
    }
    instants.sort_by_key(|chosen| chosen.instant);
    instants.dedup_by_key(|chosen| chosen.instant);
    not_shown.sort();
    not_shown.dedup();
    let Some(first) = rows.into_iter().next() else { return Ok(None) };
    let narrowed = first.incident.is_narrowed(sight.at());
    let incident = first.incident.incident()?;
    let asked = [("debrief", first.debrief_asked), ("account", first.account_asked)];
    let asked = asked.into_iter().filter_map(|(kind, at)| Some((kind, Instant::from_micros(at?)))).collect();
    let row = Row {
        id: first.p_id,
        incident: incident.id.0,
        title: first.p_title,
        template: first.template,
        owner: first.owner,
        owner_since: first.owner_since,
        owner_due: first.owner_due,
        state: first.p_state,
        created_at: first.created_at,
        published_at: first.published_at,
        revision: first.p_revision,
    };
    Ok(Some(Opened {
        postmortem: row.read()?,
        owner: first.owner_name,
        epoch: first.epoch,
        writers,
        written_since,
        participants: names(&first.participants)?,
        reached: Reached(incident.id),
        narrowed,
        incident,
        instants,
        not_shown,
        asked,
    }))
}

/// One post-mortem in the library.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Listed {
    /// The incident's number.
    pub number: i64,
    /// The headline.
    pub title: String,
    /// The first words of the summary.
    pub opening: String,
    /// The key of its state.
    pub state: String,
    /// The owner's name.
    pub owner: Option<String>,
    /// When the incident was declared, in microseconds.
    pub declared_at: i64,
    /// When it was last published, in microseconds.
    pub published_at: Option<i64>,
    /// Affected services as a JSON array.
    pub services: String,
    /// The team.
    pub team: Option<String>,
}

/// The library: published ones first, newest first, then the others by the start of their incident. `pattern`
/// is a LIKE pattern over the lower-cased words of the incident, the headline and the opening.
///
/// Two halves, each in the order of an index, so that a library of ten thousand reads `limit` rows of each.
pub async fn list(tx: &mut Tx, pattern: Option<&str>, limit: i64, sight: Sight) -> Result<Vec<Listed>> {
    rows!(
        tx,
        Listed,
        concat!(
            "SELECT number, title, opening, state, owner, declared_at, published_at, services, team FROM (
            SELECT i.number, p.title, p.opening, p.state, o.name AS owner, i.declared_at, p.published_at,
                i.services, i.team
            FROM postmortems p
            JOIN incidents i ON i.id = p.incident
            LEFT JOIN people o ON o.id = p.owner
            WHERE p.state = 'published' AND (CAST($1 AS TEXT) IS NULL OR i.words LIKE $1 ESCAPE '\\'
                OR lower(p.title) LIKE $1 ESCAPE '\\' OR lower(p.opening) LIKE $1 ESCAPE '\\') AND ",
            seen!("$3", "$4"),
            " ORDER BY p.published_at DESC LIMIT $2
         ) AS published
         UNION ALL
         SELECT number, title, opening, state, owner, declared_at, published_at, services, team FROM (
            SELECT i.number, p.title, p.opening, p.state, o.name AS owner, i.declared_at, p.published_at,
                i.services, i.team
            FROM incidents i
            JOIN postmortems p ON p.incident = i.id
            LEFT JOIN people o ON o.id = p.owner
            WHERE p.state <> 'published' AND (CAST($1 AS TEXT) IS NULL OR i.words LIKE $1 ESCAPE '\\'
                OR lower(p.title) LIKE $1 ESCAPE '\\' OR lower(p.opening) LIKE $1 ESCAPE '\\') AND ",
            seen!("$3", "$4"),
            " ORDER BY i.declared_at DESC, i.number DESC LIMIT $2
         ) AS others"
        ),
        pattern,
        limit,
        sight.person().0,
        sight.at().as_micros()
    )
    .map(|mut listed| {
        // A union promises no order of its own.
        listed.sort_by_key(|row| {
            let published = row.state == "published";
            (
                !published,
                std::cmp::Reverse(if published { row.published_at.unwrap_or(0) } else { row.declared_at }),
            )
        });
        listed.truncate(usize::try_from(limit).unwrap_or(0));
        listed
    })
}
