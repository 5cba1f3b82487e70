//! What people said about coordination: who had to be told, and what became of candidates.

use crate::{
    reach::Reached,
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    EvidenceId, Instant,
    evidence::{Facts, Signal},
    instant::Span,
    timeline::coordination::{Audience, Handed},
};
use serde::{Deserialize, Serialize};

/// What somebody said about a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The candidate.
    pub candidate: String,
    /// Whether it was so.
    pub confirmed: bool,
    /// In their words; may be empty.
    pub note: String,
    /// Who said it.
    pub decided_by: String,
}

/// What people said, and what the evidence adds up to.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Audiences by name.
    pub audiences: Vec<Audience>,
    /// What became of candidates.
    pub verdicts: Vec<Verdict>,
    /// How long people were at it between two instants, all of them together; nothing is told of one (RSPM-2).
    pub active: Span,
    /// When the person asked about was first heard of within them.
    pub heard: Option<Instant>,
}

/// Between which instants people were at it, where a pause ends it, and whom to look out for.
#[derive(Debug, Clone, Copy)]
pub struct AtIt<'a> {
    /// From when.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
    /// A pause that is longer does not count (domain.md 4.5).
    pub pause: Span,
    /// A name, or an empty one.
    pub whom: &'a str,
}

/// Audiences, verdicts and what the evidence of people adds up to: one statement.
pub async fn said(tx: &mut Tx, incident: Reached, at_it: AtIt<'_>) -> Result<Said> {
    let found = rows!(
        tx,
        (String, String, bool, Option<i64>, Option<String>, Option<String>),
        "SELECT 'audience' AS sort, name, affected, every_minutes, CAST(NULL AS TEXT) AS note,
             CAST(NULL AS TEXT) AS decided_by
         FROM audiences WHERE incident = $1
         UNION ALL SELECT 'verdict', candidate, confirmed, CAST(NULL AS BIGINT), note, decided_by
         FROM coordination_notes WHERE incident = $1
         UNION ALL SELECT 'active', '', FALSE, CAST(SUM(pause) AS BIGINT), CAST(NULL AS TEXT), CAST(NULL AS TEXT)
         FROM (SELECT at - LAG(at) OVER (PARTITION BY author_name ORDER BY at) AS pause
               FROM evidence WHERE incident = $1 AND author_kind = 'person' AND at >= $2 AND at <= $3) AS pauses
         WHERE pause <= $4
         UNION ALL SELECT 'heard', '', FALSE, MIN(at), CAST(NULL AS TEXT), CAST(NULL AS TEXT)
         FROM evidence WHERE incident = $1 AND author_name = $5 AND at >= $2 AND at <= $3",
        incident.0.0,
        at_it.from.as_micros(),
        at_it.to.as_micros(),
        at_it.pause.as_micros(),
        at_it.whom
    )?;
    let mut said = Said::default();
    for (sort, name, yes, number, note, decided_by) in found {
        match sort.as_str() {
            "audience" => {
                let every = number.map(Span::minutes);
                said.audiences.push(Audience { name, affected: yes, every });
            }
            "verdict" => {
                let (note, decided_by) = (note.unwrap_or_default(), decided_by.unwrap_or_default());
                said.verdicts.push(Verdict { candidate: name, confirmed: yes, note, decided_by });
            }
            "active" => said.active = Span::micros(number.unwrap_or(0)),
            _ => said.heard = number.map(Instant::from_micros),
        }
    }
    said.audiences.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(said)
}

/// Pages and when the response was passed on, in order of time, at most `most`: one statement.
pub async fn handed(tx: &mut Tx, incident: Reached, most: i64) -> Result<Vec<Handed>> {
    let found = rows!(
        tx,
        (uuid::Uuid, i64, String, String),
        "SELECT id, at, signal, facts FROM evidence
         WHERE incident = $1 AND signal IN ('notified', 'escalated', 'assigned') ORDER BY at, id LIMIT $2",
        incident.0.0,
        most
    )?;
    let handed = |(id, at, signal, facts): (uuid::Uuid, i64, String, String)| {
        let facts: Facts =
            serde_json::from_str(&facts).map_err(|_| Error::unknown("what a record says", facts))?;
        Ok(Handed {
            id: EvidenceId(id),
            at: Instant::from_micros(at),
            paged: signal == Signal::Notified.key(),
            to: facts.people,
        })
    };
    found.into_iter().map(handed).collect()
}

/// The audience of a name.
pub async fn audience(tx: &mut Tx, incident: Reached, name: &str) -> Result<Option<Audience>> {
    let found = row!(
        tx,
        (bool, Option<i64>),
        "SELECT affected, every_minutes FROM audiences WHERE incident = $1 AND name = $2",
        incident.0.0,
        name
    )?;
    let name = name.to_owned();
    Ok(found.map(|(affected, minutes)| Audience { name, affected, every: minutes.map(Span::minutes) }))
}

/// What was said about a candidate.
pub async fn verdict(tx: &mut Tx, incident: Reached, candidate: &str) -> Result<Option<Verdict>> {
    let found = row!(
        tx,
        (bool, String, String),
        "SELECT confirmed, note, decided_by FROM coordination_notes WHERE incident = $1 AND candidate = $2",
        incident.0.0,
        candidate
    )?;
    let candidate = candidate.to_owned();
    Ok(found.map(|(confirmed, note, decided_by)| Verdict { candidate, confirmed, note, decided_by }))
}

/// Forgets what was said about a candidate.
pub async fn remove_verdict(tx: &mut Tx, incident: Reached, candidate: &str) -> Result<()> {
    run!(
        tx,
        "DELETE FROM coordination_notes WHERE incident = $1 AND candidate = $2",
        incident.0.0,
        candidate
    )?;
    Ok(())
}

/// Keeps an audience in place of the one of its name.
pub async fn put_audience(tx: &mut Tx, incident: Reached, audience: &Audience) -> Result<()> {
    run!(
        tx,
        "INSERT INTO audiences (incident, name, affected, every_minutes) VALUES ($1, $2, $3, $4)
         ON CONFLICT (incident, name) DO UPDATE
         SET affected = excluded.affected, every_minutes = excluded.every_minutes",
        incident.0.0,
        audience.name.as_str(),
        audience.affected,
        audience.every.map(Span::as_minutes)
    )?;
    Ok(())
}

/// Forgets an audience.
pub async fn remove_audience(tx: &mut Tx, incident: Reached, name: &str) -> Result<()> {
    run!(tx, "DELETE FROM audiences WHERE incident = $1 AND name = $2", incident.0.0, name)?;
    Ok(())
}

/// Keeps a verdict in place of the one before.
pub async fn put_verdict(tx: &mut Tx, incident: Reached, verdict: &Verdict, at: Instant) -> Result<()> {
    run!(
        tx,
        "INSERT INTO coordination_notes (incident, candidate, confirmed, note, decided_by, at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (incident, candidate) DO UPDATE
         SET confirmed = excluded.confirmed, note = excluded.note, decided_by = excluded.decided_by,
             at = excluded.at",
        incident.0.0,
        verdict.candidate.as_str(),
        verdict.confirmed,
        verdict.note.as_str(),
        verdict.decided_by.as_str(),
        at.as_micros()
    )?;
    Ok(())
}

/// What people wrote about candidates: which, and the note.
pub async fn notes(tx: &mut Tx, incident: Reached) -> Result<Vec<(String, String)>> {
    rows!(
        tx,
        (String, String),
        "SELECT candidate, note FROM coordination_notes WHERE incident = $1 ORDER BY candidate",
        incident.0.0
    )
}

/// Puts another note where words were withdrawn from one.
pub async fn reword(tx: &mut Tx, incident: Reached, candidate: &str, note: &str) -> Result<()> {
    run!(
        tx,
        "UPDATE coordination_notes SET note = $3 WHERE incident = $1 AND candidate = $2",
        incident.0.0,
        candidate,
        note
    )
    .map(drop)
}
