//! What linked pages said when they were fetched.

use crate::{
    reach::seen,
    sql::{row, run},
    tx::{Error, Result, Tx},
};
use domain::{EvidenceId, Instant, access::Sight, incident::IncidentNumber};

/// What became of fetching a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is asked for.
    Waiting,
    /// It is here.
    Kept,
    /// There is none, for a reason.
    Refused,
}

impl State {
    const ALL: [Self; 3] = [Self::Waiting, Self::Kept, Self::Refused];

    const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Kept => "kept",
            Self::Refused => "refused",
        }
    }
}

/// A page as it was when it was fetched, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What became of it.
    pub state: State,
    /// When it was asked for; when it was fetched once it was.
    pub at: Instant,
    /// Its title; may be empty.
    pub title: String,
    /// What it said; may be empty.
    pub text: String,
    /// Why there is none; empty otherwise.
    pub reason: String,
}

/// Keeps a snapshot in place of the one before.
pub async fn put(tx: &mut Tx, evidence: EvidenceId, snapshot: &Snapshot) -> Result<()> {
    run!(
        tx,
        "INSERT INTO link_snapshots (evidence, state, at, title, text, reason) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (evidence) DO UPDATE SET state = excluded.state, at = excluded.at, title = excluded.title,
             text = excluded.text, reason = excluded.reason",
        evidence.0,
        snapshot.state.key(),
        snapshot.at.as_micros(),
        snapshot.title.as_str(),
        snapshot.text.as_str(),
        snapshot.reason.as_str()
    )?;
    Ok(())
}

/// The snapshot of a piece of evidence of the incident with a number.
pub async fn find(
    tx: &mut Tx,
    number: IncidentNumber,
    evidence: EvidenceId,
    sight: Sight,
) -> Result<Option<Snapshot>> {
    let found = row!(
        tx,
        (String, i64, String, String, String),
        concat!(
            "SELECT s.state, s.at, s.title, s.text, s.reason FROM link_snapshots s
             JOIN evidence e ON e.id = s.evidence JOIN incidents i ON i.id = e.incident
             WHERE i.number = $1 AND e.id = $2 AND ",
            seen!("$3", "$4")
        ),
        number.0,
        evidence.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    let Some((state, at, title, text, reason)) = found else { return Ok(None) };
    let known = State::ALL.into_iter().find(|it| it.key() == state);
    let state = known.ok_or_else(|| Error::unknown("what became of a page", state))?;
    Ok(Some(Snapshot { state, at: Instant::from_micros(at), title, text, reason }))
}

/// The address of a page that waits to be fetched; `None` when it waits no more.
pub async fn waiting(tx: &mut Tx, evidence: EvidenceId) -> Result<Option<String>> {
    let found: Option<(Option<String>,)> = row!(
        tx,
        (Option<String>,),
        "SELECT e.url FROM link_snapshots s JOIN evidence e ON e.id = s.evidence
         WHERE s.evidence = $1 AND s.state = 'waiting'",
        evidence.0
    )?;
    Ok(found.and_then(|(url,)| url))
}
