//! Addresses for webhooks, and what came there.

use crate::{
    sql::{row, rows, run},
    statement::{Bind, Statement},
    tx::{Error, Result, Tx},
};
use domain::{
    IncidentId, Instant, PersonId,
    access::Sight,
    evidence::{Digest32, Source},
    incident::IncidentNumber,
};
use uuid::Uuid;

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Which one.
    pub id: Uuid,
    /// The product that sends there.
    pub source: Source,
    /// What people call it.
    pub label: String,
    /// Whether what comes must be signed.
    pub signed: bool,
    /// Whether an incident that is not known yet may begin by it.
    pub declares: bool,
    /// Whether messages of Amazon SNS are believed only with a good signature.
    pub verified: bool,
    /// The topic of Amazon SNS that they come from, once that is known.
    pub topic: Option<String>,
    /// When it was made.
    pub created_at: Instant,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Stored, and not looked at yet.
    Waiting,
    /// It became evidence, or there was nothing in it to become some.
    Done,
    /// Understood or not, it belongs to no incident that is known.
    Kept,
    /// It could not be processed; it can be tried again.
    Failed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Done, Self::Kept, Self::Failed];

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Kept => "kept",
            Self::Failed => "failed",
        }
    }

    fn from_key(key: String) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|status| status.key() == key)
            .ok_or_else(|| Error::unknown("the status of a delivery", key))
    }
}

/// Something that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Which one.
    pub id: Uuid,
    /// Where.
    pub hook: Uuid,
    /// When.
    pub received_at: Instant,
    /// The headers that say what it is, as JSON.
    pub headers: String,
    /// Exactly as received.
    pub body: Vec<u8>,
    /// How often it was looked at; whoever holds an older number has lost it to somebody else.
    pub attempts: i64,
}

/// What came, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which one.
    pub id: Uuid,
    /// The product.
    pub source: Source,
    /// What its address is called.
    pub label: String,
    /// When it came.
    pub received_at: Instant,
    /// Where it stands.
    pub status: Status,
    /// What became of it, for people.
    pub outcome: String,
    /// The incident it went into, where the asker may see it.
    pub incident: Option<IncidentNumber>,
    /// How often it was looked at.
    pub attempts: i64,
    /// How many bytes.
    pub size: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    source: String,
    label: String,
    signed: bool,
    declares: bool,
    verified: bool,
    topic: Option<String>,
    created_at: i64,
}

impl Row {
    fn hook(self) -> Result<Hook> {
        Ok(Hook {
            id: self.id,
            source: crate::evidence::source(self.source)?,
            label: self.label,
            signed: self.signed,
            declares: self.declares,
            verified: self.verified,
            topic: self.topic,
            created_at: Instant::from_micros(self.created_at),
        })
    }
}

/// Adds an address.
pub async fn add(tx: &mut Tx, hook: &Hook, token: Digest32, by: Option<PersonId>) -> Result<()> {
    run!(
        tx,
        "INSERT INTO hooks (id, source, label, token_hash, signed, declares, verified, topic, created_by, created_at,
             revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL)",
        hook.id,
        hook.source.key(),
        hook.label.as_str(),
        token.0.as_slice(),
        hook.signed,
        hook.declares,
        hook.verified,
        hook.topic.as_deref(),
        by.map(|person| person.0),
        hook.created_at.as_micros()
    )?;
    Ok(())
}

/// The good address of a token.
pub async fn find(tx: &mut Tx, token: Digest32) -> Result<Option<Hook>> {
    let found = row!(
        tx,
        Row,
        "SELECT id, source, label, signed, declares, verified, topic, created_at FROM hooks
         WHERE token_hash = $1 AND revoked_at IS NULL",
        token.0.as_slice()
    )?;
    found.map(Row::hook).transpose()
}

/// One good address.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<Hook>> {
    let found = row!(
        tx,
        Row,
        "SELECT id, source, label, signed, declares, verified, topic, created_at FROM hooks
         WHERE id = $1 AND revoked_at IS NULL",
        id
    )?;
    found.map(Row::hook).transpose()
}

/// Every good address, newest first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Hook>> {
    let found = rows!(
        tx,
        Row,
        "SELECT id, source, label, signed, declares, verified, topic, created_at FROM hooks
         WHERE revoked_at IS NULL ORDER BY created_at DESC, id DESC"
    )?;
    found.into_iter().map(Row::hook).collect()
}

/// Gives an address another token; whether there is such an address.
pub async fn rotate(tx: &mut Tx, id: Uuid, token: Digest32) -> Result<bool> {
    let touched = run!(
        tx,
        "UPDATE hooks SET token_hash = $2 WHERE id = $1 AND revoked_at IS NULL",
        id,
        token.0.as_slice()
    )?;
    Ok(touched > 0)
}

/// Notes the topic that an address is for, unless one is noted; the one that is noted then.
pub async fn pin(tx: &mut Tx, id: Uuid, topic: &str) -> Result<Option<String>> {
    #[derive(sqlx::FromRow)]
    struct Pinned {
        topic: Option<String>,
    }
    run!(tx, "UPDATE hooks SET topic = $2 WHERE id = $1 AND topic IS NULL", id, topic)?;
    let pinned = row!(tx, Pinned, "SELECT topic FROM hooks WHERE id = $1", id)?;
    Ok(pinned.and_then(|it| it.topic))
}

/// Ends an address; whether there was one to end.
pub async fn revoke(tx: &mut Tx, id: Uuid, at: Instant) -> Result<bool> {
    let touched = run!(
        tx,
        "UPDATE hooks SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id,
        at.as_micros()
    )?;
    Ok(touched > 0)
}

/// Keeps what came, in one statement for all.
pub async fn keep(tx: &mut Tx, arrivals: &[Arrival]) -> Result<()> {
    for batch in arrivals.chunks(crate::statement::VALUES / 9) {
        let mut statement = Statement::new(
            "INSERT INTO deliveries (id, hook, received_at, headers, body, digest, status, outcome, attempts) VALUES ",
        );
        for (n, arrival) in batch.iter().enumerate() {
            if n > 0 {
                statement.text(", ");
            }
            statement.list([
                Bind::from(arrival.id),
                Bind::from(arrival.hook),
                Bind::from(arrival.received_at.as_micros()),
                Bind::from(arrival.headers.as_str()),
                Bind::from(arrival.body.clone()),
                Bind::from(Digest32::of(&arrival.body).0.to_vec()),
                Bind::from(Status::Waiting.key()),
                Bind::from(""),
                Bind::from(0_i64),
            ]);
        }
        statement.run(tx).await?;
    }
    Ok(())
}

/// What waits longest after `after`: when each came and which it is.
pub async fn waiting(tx: &mut Tx, after: Option<(Instant, Uuid)>, most: i64) -> Result<Vec<(Instant, Uuid)>> {
    let (at, id) = after.map_or((i64::MIN, Uuid::nil()), |(at, id)| (at.as_micros(), id));
    let found = rows!(
        tx,
        (i64, Uuid),
        "SELECT received_at, id FROM deliveries
         WHERE status = 'waiting' AND (received_at > $1 OR received_at = $1 AND id > $2)
         ORDER BY received_at, id LIMIT $3",
        at,
        id,
        most
    )?;
    Ok(found.into_iter().map(|(at, id)| (Instant::from_micros(at), id)).collect())
}

/// One delivery with its body, and the hook it came to, also if that was ended since. What went into an incident
/// that is not seen is absent.
pub async fn arrival(tx: &mut Tx, id: Uuid, sight: Sight) -> Result<Option<(Arrival, Hook)>> {
    let mut statement = Statement::new(
        "SELECT d.id, d.hook, d.received_at, d.headers, d.body, d.attempts, h.source, h.label, h.signed, h.declares,
             h.verified, h.topic, h.created_at
         FROM deliveries d JOIN hooks h ON h.id = d.hook LEFT JOIN incidents i ON i.id = d.incident
         WHERE d.id = ",
    );
    statement.bind(id).text(" AND (d.incident IS NULL OR ").seen(sight).text(")");
    let found: Option<ArrivalRow> = statement.rows(tx).await?.pop();
    found.map(ArrivalRow::arrival).transpose()
}

#[derive(sqlx::FromRow)]
struct ArrivalRow {
    id: Uuid,
    hook: Uuid,
    received_at: i64,
    headers: String,
    body: Vec<u8>,
    attempts: i64,
    source: String,
    label: String,
    signed: bool,
    declares: bool,
    verified: bool,
    topic: Option<String>,
    created_at: i64,
}

impl ArrivalRow {
    fn arrival(self) -> Result<(Arrival, Hook)> {
        let Self { id, hook, received_at, headers, body, attempts, .. } = self;
        let Self { source, label, signed, declares, verified, topic, created_at, .. } = self;
        let received_at = Instant::from_micros(received_at);
        let of = Row { id: hook, source, label, signed, declares, verified, topic, created_at }.hook()?;
        Ok((Arrival { id, hook, received_at, headers, body, attempts }, of))
    }
}

/// Notes what became of a delivery that was looked at `attempts` times before; `false` if somebody else has looked
/// at it since.
pub async fn settle(
    tx: &mut Tx,
    id: Uuid,
    attempts: i64,
    status: Status,
    outcome: &str,
    incident: Option<IncidentId>,
) -> Result<bool> {
    let touched = run!(
        tx,
        "UPDATE deliveries SET status = $3, outcome = $4, incident = $5, attempts = attempts + 1
         WHERE id = $1 AND attempts = $2",
        id,
        attempts,
        status.key(),
        outcome,
        incident.map(|incident| incident.0)
    )?;
    Ok(touched > 0)
}

/// Which deliveries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Only this one.
    pub id: Option<Uuid>,
    /// Of this status.
    pub status: Option<Status>,
    /// From this product.
    pub source: Option<Source>,
    /// That came before this one.
    pub before: Option<Uuid>,
}

/// The newest deliveries that are asked for, at most so many. What went into an incident that is not seen is absent.
pub async fn list(tx: &mut Tx, asked: Asked, sight: Sight, most: i64) -> Result<Vec<Delivery>> {
    #[derive(sqlx::FromRow)]
    struct Found {
        id: Uuid,
        source: String,
        label: String,
        received_at: i64,
        status: String,
        outcome: String,
        number: Option<i64>,
        attempts: i64,
        size: i64,
    }
    let mut statement = Statement::new(
        "SELECT d.id, h.source, h.label, d.received_at, d.status, d.outcome, i.number, d.attempts,
             CAST(LENGTH(d.body) AS BIGINT) AS size
         FROM deliveries d JOIN hooks h ON h.id = d.hook
         LEFT JOIN incidents i ON i.id = d.incident WHERE (d.incident IS NULL OR ",
    );
    statement.seen(sight).text(")");
    if let Some(id) = asked.id {
        statement.text(" AND d.id = ").bind(id);
    }
    if let Some(status) = asked.status {
        statement.text(" AND d.status = ").bind(status.key());
    }
    if let Some(source) = asked.source {
        statement.text(" AND h.source = ").bind(source.key());
    }
    if let Some(before) = asked.before {
        statement
            .text(" AND (d.received_at, d.id) < (SELECT b.received_at, b.id FROM deliveries b WHERE b.id = ");
        statement.bind(before).text(")");
    }
    statement.text(" ORDER BY d.received_at DESC, d.id DESC LIMIT ").bind(most);
    let found: Vec<Found> = statement.rows(tx).await?;
    found
        .into_iter()
        .map(|it| {
            Ok(Delivery {
                id: it.id,
                source: crate::evidence::source(it.source)?,
                label: it.label,
                received_at: Instant::from_micros(it.received_at),
                status: Status::from_key(it.status)?,
                outcome: it.outcome,
                incident: it.number.map(IncidentNumber),
                attempts: it.attempts,
                size: it.size,
            })
        })
        .collect()
}

/// Removes at most so many deliveries that came before `at`, except those that still wait; how many went.
pub async fn remove_before(tx: &mut Tx, at: Instant, most: i64) -> Result<u64> {
    run!(
        tx,
        "DELETE FROM deliveries WHERE id IN
             (SELECT id FROM deliveries WHERE received_at < $1 AND status <> 'waiting'
              ORDER BY received_at, id LIMIT $2)",
        at.as_micros(),
        most
    )
}

/// An incident that records could belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its number.
    pub number: IncidentNumber,
    /// What was affected.
    pub services: Vec<String>,
    /// When it was declared.
    pub declared_at: Instant,
    /// When it ended, if it did.
    pub resolved_at: Option<Instant>,
}

/// Incidents that were open at some time since `since`, newest first. Narrowed ones are left out: what only happened
/// at the same time is no reason to hide a record in them.
pub async fn open_since(tx: &mut Tx, since: Instant, now: Instant) -> Result<Vec<Candidate>> {
    #[derive(sqlx::FromRow)]
    struct Found {
        number: i64,
        services: String,
        declared_at: i64,
        resolved_at: Option<i64>,
    }
    let found = rows!(
        tx,
        Found,
        "SELECT number, services, declared_at, resolved_at FROM incidents
         WHERE narrowed_until <= $2 AND (resolved_at IS NULL OR resolved_at >= $1)
         ORDER BY declared_at DESC, number DESC LIMIT 200",
        since.as_micros(),
        now.as_micros()
    )?;
    Ok(found
        .into_iter()
        .map(|it| Candidate {
            number: IncidentNumber(it.number),
            services: serde_json::from_str(&it.services).unwrap_or_default(),
            declared_at: Instant::from_micros(it.declared_at),
            resolved_at: it.resolved_at.map(Instant::from_micros),
        })
        .collect())
}

/// The newest open incident that holds a record of an alert of this key from this product, narrowed or not: what
/// belongs to an incident goes there, and is then as absent as that.
pub async fn holding_alert(tx: &mut Tx, source: Source, alert: &str) -> Result<Option<IncidentNumber>> {
    let key = serde_json::Value::from(alert).to_string();
    let pattern =
        format!("%\"alert\":{}%", key.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let found = row!(
        tx,
        (i64,),
        "SELECT i.number FROM evidence e JOIN incidents i ON i.id = e.incident
         WHERE i.resolved_at IS NULL AND e.source = $1 AND e.facts LIKE $2 ESCAPE '\\'
         ORDER BY i.number DESC LIMIT 1",
        source.key(),
        pattern
    )?;
    Ok(found.map(|(number,)| IncidentNumber(number)))
}
