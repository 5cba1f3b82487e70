//! Key instants: proposed by rules, confirmed by people.

use crate::{
    reach::Reached,
    sql::{rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    EventId,
    timeline::{KeyInstant, key_instant::DetectedBy},
};

/// A key instant as it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stored {
    /// Which one.
    pub instant: KeyInstant,
    /// The event; `None` when a person said that no event shows it.
    pub event: Option<EventId>,
    /// Why.
    pub reason: String,
    /// Whether a person confirmed it.
    pub confirmed: bool,
    /// Who decided it, by name; `None` for a proposal of a rule.
    pub decided_by: Option<String>,
    /// How it came to be noticed; only for [`KeyInstant::Detected`].
    pub detected_by: Option<DetectedBy>,
}

/// The key instants of an incident, in their usual order.
pub async fn list(tx: &mut Tx, incident: Reached) -> Result<Vec<Stored>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        instant: String,
        event: Option<uuid::Uuid>,
        reason: String,
        confirmed: bool,
        decided_by: Option<String>,
        detected_by: Option<String>,
    }
    let rows = rows!(
        tx,
        Row,
        "SELECT instant, event, reason, confirmed, decided_by, detected_by FROM key_instants WHERE incident = $1",
        incident.0.0
    )?;
    let mut stored = rows
        .into_iter()
        .map(|row| {
            Ok(Stored {
                instant: KeyInstant::from_key(&row.instant)
                    .ok_or_else(|| Error::unknown("the key instant", row.instant))?,
                event: row.event.map(EventId),
                reason: row.reason,
                confirmed: row.confirmed,
                decided_by: row.decided_by,
                detected_by: row.detected_by.as_deref().and_then(DetectedBy::from_key),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    stored.sort_by_key(|stored| stored.instant);
    Ok(stored)
}

/// Keeps a key instant in place of the one before.
pub async fn put(tx: &mut Tx, incident: Reached, stored: &Stored) -> Result<()> {
    run!(
        tx,
        "INSERT INTO key_instants (incident, instant, event, reason, confirmed, decided_by, detected_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (incident, instant) DO UPDATE
         SET event = excluded.event, reason = excluded.reason, confirmed = excluded.confirmed,
             decided_by = excluded.decided_by, detected_by = excluded.detected_by",
        incident.0.0,
        stored.instant.key(),
        stored.event.map(|event| event.0),
        stored.reason.as_str(),
        stored.confirmed,
        stored.decided_by.as_deref(),
        stored.detected_by.map(DetectedBy::key)
    )?;
    Ok(())
}

/// Forgets a key instant.
pub async fn remove(tx: &mut Tx, incident: Reached, instant: KeyInstant) -> Result<()> {
    run!(tx, "DELETE FROM key_instants WHERE incident = $1 AND instant = $2", incident.0.0, instant.key())?;
    Ok(())
}
