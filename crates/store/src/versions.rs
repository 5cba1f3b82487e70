//! Versions of shared documents. Rows are added and read. Those made by themselves grow fewer with age; nothing here
//! changes a row, but for words that were withdrawn from it, or removes any other (LIF-08, PER-02).

use crate::{
    documents::wrote,
    reach::seen,
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    Instant, PersonId, PostmortemId,
    access::Sight,
    incident::IncidentNumber,
    postmortem::PostmortemState,
    version::{VersionKind, VersionNumber},
};
use uuid::Uuid;

/// A version as lists show it, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub number: VersionNumber,
    /// Why it was made.
    pub kind: VersionKind,
    /// Where the post-mortem stood from then on.
    pub standing: PostmortemState,
    /// Who made it, by name; `None`: the installation.
    pub made_by: Option<String>,
    /// When.
    pub made_at: Instant,
    /// The number of the last update that it holds.
    pub seq: i64,
    /// Names of those who wrote since the version before, in the order of their first words.
    pub writers: Vec<String>,
}

/// A version to be kept.
#[derive(Debug)]
pub struct New<'a> {
    /// Of which document.
    pub document: PostmortemId,
    /// The number of the last update that it holds.
    pub seq: i64,
    /// The document's epoch.
    pub epoch: i64,
    /// Why.
    pub kind: &'a VersionKind,
    /// Where the post-mortem stands from now on.
    pub standing: PostmortemState,
    /// Who makes it.
    pub made_by: Option<PersonId>,
    /// When.
    pub made_at: Instant,
    /// The whole document as one Yjs update.
    pub state: &'a [u8],
}

/// The kind of versions that are made by themselves.
const AUTOMATIC: &str = "automatic";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    title: String,
    state: String,
    number: Option<i64>,
    seq: Option<i64>,
    kind: Option<String>,
    name: Option<String>,
    restored_from: Option<i64>,
    standing: Option<String>,
    maker: Option<String>,
    made_at: Option<i64>,
    writer: Option<String>,
}

/// Keeps a version under the next number, with those who wrote since the one before, and answers its number.
/// The document must be locked ([`crate::documents::lock`]) or new.
pub async fn keep(tx: &mut Tx, new: New<'_>) -> Result<VersionNumber> {
    let (name, from) = match new.kind {
        VersionKind::Named(name) => (Some(name.as_str()), None),
        VersionKind::Restored { from } => (None, Some(from.0)),
        VersionKind::StateChange | VersionKind::Automatic | VersionKind::BeforeRestore => (None, None),
    };
    let kept: Option<(i64,)> = row!(
        tx,
        (i64,),
        "INSERT INTO document_versions
            (document, number, seq, epoch, kind, name, restored_from, standing, made_by, made_at, state)
         VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM document_versions WHERE document = $1),
            $2, $3, $4, $5, $6, $7, $8, $9, $10)
         RETURNING number",
        new.document.0,
        new.seq,
        new.epoch,
        new.kind.key(),
        name,
        from,
        new.standing.key(),
        new.made_by.map(|person| person.0),
        new.made_at.as_micros(),
        new.state
    )?;
    let number = kept.map_or(0, |(number,)| number);
    run!(
        tx,
        concat!(
            "INSERT INTO document_version_writers (document, version, person, place)
             SELECT w.document, $2, w.person, w.first_at FROM ",
            wrote!("$1"),
            " w WHERE w.last_seq > COALESCE(
                (SELECT v.seq FROM document_versions v WHERE v.document = $1 AND v.number = $2 - 1), 0)"
        ),
        new.document.0,
        number
    )?;
    Ok(VersionNumber(number))
}

/// A post-mortem's versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Which document.
    pub document: PostmortemId,
    /// The headline.
    pub title: String,
    /// Where the post-mortem stands.
    pub standing: PostmortemState,
    /// Its versions, oldest first.
    pub versions: Vec<Listed>,
}

/// The versions of an incident's post-mortem; `None` if it has no post-mortem. One statement.
pub async fn history(tx: &mut Tx, number: IncidentNumber, sight: Sight) -> Result<Option<History>> {
    let rows = rows!(
        tx,
        Row,
        concat!(
            "SELECT d.id, d.title, d.state, v.number, v.seq, v.kind, v.name, v.restored_from, v.standing,
            m.name AS maker, v.made_at, p.name AS writer
         FROM incidents i
         JOIN postmortems d ON d.incident = i.id
         LEFT JOIN document_versions v ON v.document = d.id
         LEFT JOIN people m ON m.id = v.made_by
         LEFT JOIN document_version_writers w ON w.document = v.document AND w.version = v.number
         LEFT JOIN people p ON p.id = w.person
         WHERE i.number = $1 AND ",
            seen!("$2", "$3"),
            " ORDER BY v.number, w.place, p.name"
        ),
        number.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    let Some(first) = rows.first() else { return Ok(None) };
    let (document, title) = (PostmortemId(first.id), first.title.clone());
    let standing = standing(&first.state)?;
    let mut versions: Vec<Listed> = Vec::new();
    for row in rows {
        let writer = row.writer.clone();
        if versions.last().is_none_or(|last| Some(last.number.0) != row.number) {
            versions.extend(read(row)?);
        }
        if let (Some(last), Some(writer)) = (versions.last_mut(), writer) {
            last.writers.push(writer);
        }
    }
    Ok(Some(History { document, title, standing, versions }))
}

fn standing(key: &str) -> Result<PostmortemState> {
    PostmortemState::from_key(key).ok_or_else(|| Error::unknown("the post-mortem state", key))
}

/// A version; `None` for the row of a document that has none.
fn read(row: Row) -> Result<Option<Listed>> {
    let (Some(number), Some(seq), Some(key), Some(stood), Some(made_at)) =
        (row.number, row.seq, row.kind, row.standing, row.made_at)
    else {
        return Ok(None);
    };
    let kind = match (key.as_str(), row.name, row.restored_from) {
        ("named", Some(name), _) => VersionKind::Named(name),
        ("state_change", ..) => VersionKind::StateChange,
        ("automatic", ..) => VersionKind::Automatic,
        ("before_restore", ..) => VersionKind::BeforeRestore,
        ("restored", _, Some(from)) => VersionKind::Restored { from: VersionNumber(from) },
        _ => return Err(Error::unknown("the kind of a version", key)),
    };
    Ok(Some(Listed {
        number: VersionNumber(number),
        kind,
        standing: standing(&stood)?,
        made_by: row.maker,
        made_at: Instant::from_micros(made_at),
        seq,
        writers: Vec::new(),
    }))
}

/// What two versions of a document say (or one, given twice), each as one Yjs update. One statement.
pub async fn states(
    tx: &mut Tx,
    document: PostmortemId,
    one: VersionNumber,
    other: VersionNumber,
) -> Result<Vec<(VersionNumber, Vec<u8>)>> {
    let states = rows!(
        tx,
        (i64, Vec<u8>),
        "SELECT number, state FROM document_versions
         WHERE document = $1 AND (number = $2 OR number = $3) ORDER BY number",
        document.0,
        one.0,
        other.0
    )?;
    Ok(states.into_iter().map(|(number, state)| (VersionNumber(number), state)).collect())
}

/// The numbers of a document's versions, oldest first. One statement.
pub async fn numbers(tx: &mut Tx, document: PostmortemId) -> Result<Vec<VersionNumber>> {
    let found = rows!(
        tx,
        (i64,),
        "SELECT number FROM document_versions WHERE document = $1 ORDER BY number",
        document.0
    )?;
    Ok(found.into_iter().map(|(number,)| VersionNumber(number)).collect())
}

/// Puts another state in a version's place, from which a passage was withdrawn. Nothing else changes a version. The
/// act that does it says the sum of what the version holds from then on. The document must be locked.
pub async fn withdraw_from(
    tx: &mut Tx,
    document: PostmortemId,
    number: VersionNumber,
    state: &[u8],
) -> Result<()> {
    run!(
        tx,
        "UPDATE document_versions SET state = $3 WHERE document = $1 AND number = $2",
        document.0,
        number.0,
        state
    )
    .map(drop)
}

/// Makes versions that were made by themselves fewer with age: all of the last two days stay, of 30 days the last of
/// each day (UTC), and of what is older the last of each week. Versions of changes of state, named ones, restored
/// ones and what was there before them are never touched, nor is a version that one was restored from. Who wrote
/// is kept with the next version. Answers how many were removed. The document must be locked.
pub async fn thin(tx: &mut Tx, document: PostmortemId, now: Instant) -> Result<usize> {
    const DAY: i64 = 86_400_000_000;
    let (all, daily, weekly) = (now.as_micros(), now.as_micros() - 2 * DAY, now.as_micros() - 30 * DAY);
    let rows = rows!(
        tx,
        (i64, String, i64, i64),
        "SELECT v.number, v.kind, v.made_at,
            (SELECT COUNT(*) FROM document_versions r WHERE r.document = v.document AND r.restored_from = v.number)
         FROM document_versions v WHERE v.document = $1 AND v.made_at <= $2 ORDER BY v.number",
        document.0,
        all
    )?;
    let goes = |at: usize| {
        let (_, kind, made_at, restored) = &rows[at];
        let length = if *made_at < weekly { 7 * DAY } else { DAY };
        let later = rows[at + 1..].iter().filter(|(_, kind, ..)| kind == AUTOMATIC);
        let followed =
            later.into_iter().any(|(_, _, at, _)| at.div_euclid(length) == made_at.div_euclid(length));
        kind == AUTOMATIC && *restored == 0 && *made_at < daily && followed
    };
    let mut removed = 0;
    for at in (0..rows.len()).filter(|at| goes(*at)) {
        let Some(next) = (at + 1..rows.len()).find(|next| !goes(*next)) else { continue };
        let (number, next) = (rows[at].0, rows[next].0);
        run!(
            tx,
            "INSERT INTO document_version_writers (document, version, person, place)
             SELECT document, $3, person, place FROM document_version_writers WHERE document = $1 AND version = $2
             ON CONFLICT (document, version, person) DO NOTHING",
            document.0,
            number,
            next
        )?;
        run!(
            tx,
            "DELETE FROM document_version_writers WHERE document = $1 AND version = $2",
            document.0,
            number
        )?;
        let gone = run!(
            tx,
            "DELETE FROM document_versions WHERE document = $1 AND number = $2 AND kind = 'automatic'",
            document.0,
            number
        )?;
        removed += usize::from(gone > 0);
    }
    Ok(removed)
}

/// A stored version as a check reads it: the incident it belongs to, its number and why it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Of which incident's document.
    pub incident: IncidentNumber,
    /// Of which document.
    pub document: PostmortemId,
    /// Which.
    pub number: VersionNumber,
    /// Whether it was made by itself, and may be removed with age.
    pub automatic: bool,
}

/// Every version of every document, without what it says.
pub async fn all(tx: &mut Tx) -> Result<Vec<Kept>> {
    let rows = rows!(
        tx,
        (i64, Uuid, i64, String),
        "SELECT i.number, v.document, v.number, v.kind FROM document_versions v
         JOIN postmortems p ON p.id = v.document JOIN incidents i ON i.id = p.incident
         ORDER BY i.number, v.number"
    )?;
    let kept = rows.into_iter().map(|(incident, document, number, kind)| Kept {
        incident: IncidentNumber(incident),
        document: PostmortemId(document),
        number: VersionNumber(number),
        automatic: kind == AUTOMATIC,
    });
    Ok(kept.collect())
}

/// Where a document stands with its versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Where the post-mortem stands.
    pub standing: PostmortemState,
    /// When its newest version was made and the number of the last update that it holds.
    pub newest: Option<(Instant, i64)>,
}

/// Where a document stands with its versions; `None` if there is no such document.
pub async fn about(tx: &mut Tx, document: PostmortemId) -> Result<Option<About>> {
    let found: Option<(String, Option<i64>, Option<i64>)> = row!(
        tx,
        (String, Option<i64>, Option<i64>),
        "SELECT p.state, v.made_at, v.seq FROM postmortems p
         LEFT JOIN document_versions v ON v.document = p.id
            AND v.number = (SELECT MAX(n.number) FROM document_versions n WHERE n.document = p.id)
         WHERE p.id = $1",
        document.0
    )?;
    let Some((state, made_at, seq)) = found else { return Ok(None) };
    let newest = made_at.zip(seq).map(|(at, seq)| (Instant::from_micros(at), seq));
    Ok(Some(About { standing: standing(&state)?, newest }))
}

/// Names of those who wrote after the update `seq`, in the order of their first words.
pub async fn writers_since(tx: &mut Tx, document: PostmortemId, seq: i64) -> Result<Vec<String>> {
    let names: Vec<(String,)> = rows!(
        tx,
        (String,),
        concat!(
            "SELECT p.name FROM ",
            wrote!("$1"),
            " w JOIN people p ON p.id = w.person WHERE w.last_seq > $2 ORDER BY w.first_at, p.name"
        ),
        document.0,
        seq
    )?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}
