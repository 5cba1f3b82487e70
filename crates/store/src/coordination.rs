//! What people said about coordination: who had to be told, and what became of candidates.

use crate::{
    reach::Reached,
    sql::{rows, run},
    tx::{Result, Tx},
};
use domain::{Instant, instant::Span, timeline::coordination::Audience};

/// What somebody said about a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Audiences by name, and verdicts: one statement.
pub async fn said(tx: &mut Tx, incident: Reached) -> Result<(Vec<Audience>, Vec<Verdict>)> {
    let found = rows!(
        tx,
        (bool, String, bool, Option<i64>, Option<String>, Option<String>),
        "SELECT TRUE AS is_audience, name, affected, every_minutes, CAST(NULL AS TEXT) AS note,
             CAST(NULL AS TEXT) AS decided_by
         FROM audiences WHERE incident = $1
         UNION ALL SELECT FALSE, candidate, confirmed, CAST(NULL AS BIGINT), note, decided_by
         FROM coordination_notes WHERE incident = $1",
        incident.0.0
    )?;
    let (mut audiences, mut verdicts) = (Vec::new(), Vec::new());
    for (is_audience, name, yes, minutes, note, decided_by) in found {
        if is_audience {
            audiences.push(Audience { name, affected: yes, every: minutes.map(Span::minutes) });
        } else {
            let (note, decided_by) = (note.unwrap_or_default(), decided_by.unwrap_or_default());
            verdicts.push(Verdict { candidate: name, confirmed: yes, note, decided_by });
        }
    }
    audiences.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((audiences, verdicts))
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
