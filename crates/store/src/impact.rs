//! Who was affected when: intervals of incidents. And the clocks of sources that were put right.

use crate::{
    reach::Reached,
    sql::{rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    Instant, IntervalId,
    evidence::Source,
    instant::Span,
    timeline::{
        Precision,
        impact::{Degree, Interval},
    },
};

/// An interval as it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stored {
    /// Which one.
    pub id: IntervalId,
    /// Who was affected, from when to when.
    pub interval: Interval,
    /// How that is known; may be empty.
    pub note: String,
}

/// The intervals of an incident, earliest first.
pub async fn list(tx: &mut Tx, incident: Reached) -> Result<Vec<Stored>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: uuid::Uuid,
        service: String,
        audience: String,
        from_at: i64,
        to_at: Option<i64>,
        precise: String,
        degree: String,
        share: Option<i64>,
        affected: Option<i64>,
        note: String,
    }
    let found = rows!(
        tx,
        Row,
        "SELECT id, service, audience, from_at, to_at, precise, degree, share, affected, note
         FROM impact_intervals WHERE incident = $1 ORDER BY from_at, id",
        incident.0.0
    )?;
    found
        .into_iter()
        .map(|row| {
            Ok(Stored {
                id: IntervalId(row.id),
                interval: Interval {
                    service: row.service,
                    audience: row.audience,
                    from: Instant::from_micros(row.from_at),
                    to: row.to_at.map(Instant::from_micros),
                    precision: Precision::from_key(&row.precise)
                        .ok_or_else(|| Error::unknown("the precision", row.precise))?,
                    degree: Degree::from_key(&row.degree)
                        .ok_or_else(|| Error::unknown("the degree", row.degree))?,
                    share: row.share.and_then(|share| u16::try_from(share).ok()),
                    affected: row.affected.and_then(|affected| u64::try_from(affected).ok()),
                },
                note: row.note,
            })
        })
        .collect()
}

/// Keeps an interval in place of the one with its id, if there is one.
pub async fn put(tx: &mut Tx, incident: Reached, stored: &Stored) -> Result<()> {
    let it = &stored.interval;
    run!(
        tx,
        "INSERT INTO impact_intervals (id, incident, service, audience, from_at, to_at, precise, degree, share,
             affected, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET service = excluded.service, audience = excluded.audience,
             from_at = excluded.from_at, to_at = excluded.to_at, precise = excluded.precise,
             degree = excluded.degree, share = excluded.share, affected = excluded.affected,
             note = excluded.note",
        stored.id.0,
        incident.0.0,
        it.service.as_str(),
        it.audience.as_str(),
        it.from.as_micros(),
        it.to.map(Instant::as_micros),
        it.precision.key(),
        it.degree.key(),
        it.share.map(i64::from),
        it.affected.and_then(|affected| i64::try_from(affected).ok()),
        stored.note.as_str()
    )?;
    Ok(())
}

/// Forgets an interval of an incident.
pub async fn remove(tx: &mut Tx, incident: Reached, id: IntervalId) -> Result<()> {
    run!(tx, "DELETE FROM impact_intervals WHERE incident = $1 AND id = $2", incident.0.0, id.0)?;
    Ok(())
}

/// By how much the clock of a source is put right, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offset {
    /// The source.
    pub source: Source,
    /// What is added to its times.
    pub offset: Span,
    /// Why.
    pub reason: String,
    /// Who decided it.
    pub decided_by: String,
}

/// The offsets of an incident, by the name of their sources.
pub async fn offsets(tx: &mut Tx, incident: Reached) -> Result<Vec<Offset>> {
    let found = rows!(
        tx,
        (String, i64, String, String),
        "SELECT source, micros, reason, decided_by FROM clock_offsets WHERE incident = $1 ORDER BY source",
        incident.0.0
    )?;
    found
        .into_iter()
        .map(|(source, micros, reason, decided_by)| {
            let source = crate::evidence::source(source)?;
            Ok(Offset { source, offset: Span::micros(micros), reason, decided_by })
        })
        .collect()
}

/// Keeps the offset of a source; none is an offset of nothing.
pub async fn set_offset(tx: &mut Tx, incident: Reached, offset: &Offset) -> Result<()> {
    run!(
        tx,
        "INSERT INTO clock_offsets (incident, source, micros, reason, decided_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (incident, source) DO UPDATE
         SET micros = excluded.micros, reason = excluded.reason, decided_by = excluded.decided_by",
        incident.0.0,
        offset.source.key(),
        offset.offset.as_micros(),
        offset.reason.as_str(),
        offset.decided_by.as_str()
    )?;
    Ok(())
}
