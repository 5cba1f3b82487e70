//! What a workspace told the reframing aid, and what was asked for beside sentences.

use crate::{
    reach::Reached,
    sql::{row, rows, run},
    tx::{Result, Tx},
};
use domain::{Instant, PersonId, PostmortemId};
use uuid::Uuid;

/// A rule that speaks differently here than as shipped.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RuleState {
    /// Its id.
    pub rule: String,
    /// Whether it is switched off.
    pub silent: bool,
    /// Since when it speaks lower, in microseconds.
    pub demoted_at: Option<i64>,
}

/// What became of the findings of a rule.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// The rule.
    pub rule: String,
    /// `seen`, `not_here` or `does_not_help`.
    pub outcome: String,
    /// How many.
    pub many: i64,
}

/// Rules that speak differently here.
pub async fn rules(tx: &mut Tx) -> Result<Vec<RuleState>> {
    rows!(tx, RuleState, "SELECT rule, silent, demoted_at FROM language_rules ORDER BY rule")
}

/// Switches a rule off or on; switched on it speaks as shipped.
pub async fn set_silent(tx: &mut Tx, rule: &str, silent: bool) -> Result<()> {
    run!(
        tx,
        "INSERT INTO language_rules (rule, silent) VALUES ($1, $2)
         ON CONFLICT (rule) DO UPDATE SET silent = excluded.silent, demoted_at = NULL",
        rule,
        silent
    )
    .map(drop)
}

/// Lets a rule speak lower; whether it did not already.
pub async fn demote(tx: &mut Tx, rule: &str, at: Instant) -> Result<bool> {
    let changed = run!(
        tx,
        "INSERT INTO language_rules (rule, silent, demoted_at) VALUES ($1, FALSE, $2)
         ON CONFLICT (rule) DO UPDATE SET demoted_at = excluded.demoted_at
         WHERE language_rules.demoted_at IS NULL",
        rule,
        at.as_micros()
    )?;
    Ok(changed > 0)
}

/// Sentences about an incident that are not asked about again, in its document and in every field. Whoever dismissed one
/// saw the strongest question it raises, so the weaker ones are silent too.
pub async fn dismissed(tx: &mut Tx, incident: Reached) -> Result<Vec<String>> {
    let found = rows!(
        tx,
        (String,),
        "SELECT sentence FROM field_findings WHERE incident = $1 AND outcome <> 'seen'
         UNION SELECT found.sentence FROM language_findings AS found
            JOIN postmortems ON postmortems.id = found.document
            WHERE postmortems.incident = $1 AND found.outcome <> 'seen'",
        incident.incident().0
    )?;
    Ok(found.into_iter().map(|(sentence,)| sentence).collect())
}

/// Where a sentence stands that somebody looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// In the document.
    Document(PostmortemId),
    /// In a field of a page of the incident.
    Field(Reached),
}

/// Remembers what became of a finding. Having looked at it again does not take a dismissal back.
pub async fn remember(
    tx: &mut Tx,
    stands: Stands,
    (sentence, rule): (&str, &str),
    outcome: &str,
    at: Instant,
) -> Result<()> {
    let at = at.as_micros();
    match stands {
        Stands::Document(document) => run!(
            tx,
            "INSERT INTO language_findings (document, sentence, rule, at, outcome) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (document, sentence, rule) DO UPDATE SET outcome = excluded.outcome, at = excluded.at
             WHERE excluded.outcome <> 'seen'",
            document.0,
            sentence,
            rule,
            at,
            outcome
        ),
        Stands::Field(incident) => run!(
            tx,
            "INSERT INTO field_findings (incident, sentence, rule, at, outcome) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (incident, sentence, rule) DO UPDATE SET outcome = excluded.outcome, at = excluded.at
             WHERE excluded.outcome <> 'seen'",
            incident.incident().0,
            sentence,
            rule,
            at,
            outcome
        ),
    }
    .map(drop)
}

/// What became of the last findings of a rule, newest first.
pub async fn last(tx: &mut Tx, rule: &str, many: i64) -> Result<Vec<String>> {
    let found = rows!(
        tx,
        (String,),
        "SELECT outcome FROM
            (SELECT outcome, at, document AS place, sentence FROM language_findings WHERE rule = $1
             UNION ALL SELECT outcome, at, incident, sentence FROM field_findings WHERE rule = $1) AS found
         ORDER BY at DESC, place, sentence LIMIT $2",
        rule,
        many
    )?;
    Ok(found.into_iter().map(|(outcome,)| outcome).collect())
}

/// What became of all findings, by rule.
pub async fn counts(tx: &mut Tx) -> Result<Vec<Count>> {
    rows!(
        tx,
        Count,
        "SELECT rule, outcome, COUNT(*) AS many FROM
            (SELECT rule, outcome FROM language_findings UNION ALL SELECT rule, outcome FROM field_findings) AS found
         GROUP BY rule, outcome"
    )
}

/// Names that sentences may hold: of people and teams (`person`), of services, and of what the newest incidents call
/// their services besides (`service`). They only tell words apart and are shown to nobody.
pub async fn names(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let found = rows!(
        tx,
        (String, String),
        "SELECT name, 'person' FROM people WHERE deactivated_at IS NULL
         UNION ALL SELECT name, 'person' FROM teams WHERE ended_at IS NULL
         UNION ALL SELECT name, 'service' FROM service_names WHERE holds
         UNION ALL SELECT services, 'services' FROM
            (SELECT services FROM incidents ORDER BY declared_at DESC, number DESC LIMIT 200) AS newest"
    )?;
    let mut names: Vec<(String, String)> = Vec::with_capacity(found.len());
    for (name, kind) in found {
        if kind == "services" {
            let services: Vec<String> = serde_json::from_str(&name).unwrap_or_default();
            names.extend(services.into_iter().map(|service| (service, "service".into())));
        } else {
            names.push((name, kind));
        }
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// How many documents somebody wrote in.
pub async fn documents_of(tx: &mut Tx, person: PersonId) -> Result<i64> {
    let counted = row!(tx, (i64,), "SELECT COUNT(*) FROM document_writers WHERE person = $1", person.0)?;
    Ok(counted.map_or(0, |(many,)| many))
}

/// Asks for a step.
pub async fn ask(
    tx: &mut Tx,
    id: Uuid,
    document: PostmortemId,
    kind: &str,
    by: Option<PersonId>,
    at: Instant,
) -> Result<()> {
    run!(
        tx,
        "INSERT INTO language_requests (id, document, kind, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        document.0,
        kind,
        by.map(|person| person.0),
        at.as_micros()
    )
    .map(drop)
}

/// Whether a step was asked for and waits.
pub async fn waits(tx: &mut Tx, document: PostmortemId, kind: &str) -> Result<bool> {
    let found = row!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM language_requests WHERE document = $1 AND kind = $2 AND settled_at IS NULL",
        document.0,
        kind
    )?;
    Ok(found.is_some_and(|(many,)| many > 0))
}

/// Settles what was asked for; whether it waited.
pub async fn settle(tx: &mut Tx, document: PostmortemId, kind: &str, at: Instant) -> Result<bool> {
    let changed = run!(
        tx,
        "UPDATE language_requests SET settled_at = $1 WHERE document = $2 AND kind = $3 AND settled_at IS NULL",
        at.as_micros(),
        document.0,
        kind
    )?;
    Ok(changed > 0)
}

/// Where matters about a person go; empty if nobody said.
pub async fn channel(tx: &mut Tx) -> Result<String> {
    let found = row!(tx, (String,), "SELECT contact FROM personnel_channel WHERE id = 1")?;
    Ok(found.map(|(contact,)| contact).unwrap_or_default())
}

/// Says where matters about a person go.
pub async fn set_channel(tx: &mut Tx, contact: &str, at: Instant) -> Result<()> {
    run!(
        tx,
        "INSERT INTO personnel_channel (id, contact, changed_at) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET contact = excluded.contact, changed_at = excluded.changed_at",
        contact,
        at.as_micros()
    )
    .map(drop)
}
