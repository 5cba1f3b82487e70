//! Ideas that rest, and the commitments some of them become.

use crate::{App, Error, Result, reach};
use collab::Changed;
use domain::{
    EventId, FollowUpId, Instant, PersonId,
    access::{Action, Actor, may},
    follow_up::{FollowUp, FollowUpState, Intent, Refused},
    incident::IncidentNumber,
    instant::Span,
};
use store::{audit, events, follow_ups};

/// How many a list holds at most.
pub(crate) const LISTED: i64 = 500;
/// The longest text of an idea, in characters.
const TEXT_MAX: usize = 2_000;

/// A follow-up in a list.
#[derive(Debug, Clone)]
pub struct Row {
    /// The follow-up.
    pub follow_up: FollowUp,
    /// The incident it came from.
    pub number: IncidentNumber,
    /// That incident's title.
    pub incident_title: String,
    /// Who had the idea.
    pub raised_by: Option<String>,
    /// Who committed to it or did it.
    pub owner: Option<String>,
    /// Whether whoever asked may promise, finish or drop it.
    pub may_change: bool,
}

/// How many stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ideas that rest.
    pub resting: i64,
    /// Ideas whose rest is over.
    pub to_choose: i64,
    /// Commitments.
    pub committed: i64,
    /// Done.
    pub done: i64,
    /// Dropped with a reason.
    pub dropped: i64,
}

impl Counts {
    /// Counts what stands in a list, as of `now`.
    pub fn of(rows: &[Row], now: Instant) -> Self {
        let mut counts = Self::default();
        for row in rows {
            let place = match row.follow_up.state {
                FollowUpState::Idea if row.follow_up.rests(now) => &mut counts.resting,
                FollowUpState::Idea => &mut counts.to_choose,
                FollowUpState::Committed { .. } => &mut counts.committed,
                FollowUpState::Done { .. } => &mut counts.done,
                FollowUpState::Dropped { .. } => &mut counts.dropped,
            };
            *place += 1;
        }
        counts
    }
}

impl Row {
    /// What `actor` sees of it.
    pub(crate) fn of(actor: &Actor, listed: follow_ups::Listed) -> Self {
        Self {
            may_change: may(actor, &listed.parts, Action::Write),
            follow_up: listed.follow_up,
            number: listed.number,
            incident_title: listed.incident_title,
            raised_by: listed.raised_by,
            owner: listed.owner,
        }
    }
}

/// All follow-ups the actor may see, those that wait for a choice first; of one incident if given. At most 500.
pub async fn list(app: &App, actor: &Actor, incident: Option<IncidentNumber>) -> Result<Vec<Row>> {
    let mut tx = app.read(actor, Action::Read).await?;
    let listed = follow_ups::list(&mut tx, incident, LISTED, app.sight(actor)).await?;
    Ok(listed.into_iter().map(|listed| Row::of(actor, listed)).collect())
}

/// Writes an idea down; it rests for the workspace's soak (48 h unless set otherwise).
pub async fn add(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    text: &str,
    intent: Intent,
) -> Result<FollowUp> {
    add_from(app, actor, number, text, intent, None).await
}

/// The same with the event in whose words somebody parked it.
pub async fn add_from(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    text: &str,
    intent: Intent,
    event: Option<EventId>,
) -> Result<FollowUp> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("text", "An idea needs a few words."));
    }
    if text.chars().count() > TEXT_MAX || text.contains('\0') {
        return Err(Error::invalid(
            "text",
            "An idea has at most 2,000 characters. The rest fits into the document.",
        ));
    }
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    if let Some(event) = event
        && events::find(&mut tx, held.id(), event).await?.is_none()
    {
        return Err(Error::invalid("event", "There is no such event in this incident."));
    }
    let now = app.now();
    let follow_up = FollowUp {
        id: FollowUpId::new(now, app.random()),
        incident: held.id().incident(),
        text: text.to_owned(),
        intent,
        raised_by: actor.person,
        raised_at: now,
        opens_at: now.plus(Span::hours(app.workspace().soak_hours)),
        state: FollowUpState::Idea,
        revision: 0,
        event,
    };
    follow_ups::create(&mut tx, &follow_up).await?;
    let detail =
        serde_json::json!({ "id": follow_up.id, "text": follow_up.text, "opens_at": follow_up.opens_at });
    audit::record(&mut tx, now, actor, "follow_up.add", &number.to_string(), &detail.to_string()).await?;
    tx.commit().await?;
    app.tell(held.postmortem(), Changed::FollowUps);
    Ok(follow_up)
}

/// Makes it a commitment. Before its rest ends this is [`Error::Conflict`] with the instant at which it opens.
pub async fn commit(
    app: &App,
    actor: &Actor,
    id: FollowUpId,
    owner: PersonId,
    due: Instant,
) -> Result<FollowUp> {
    let nobody = "A commitment belongs to one person. Choose somebody from the list.";
    crate::people::choose_owner(app, actor, owner, nobody).await?;
    let now = app.now();
    change(app, actor, id, "follow_up.commit", |follow_up| follow_up.commit(owner, due, now)).await
}

/// Marks a commitment as done.
pub async fn finish(app: &App, actor: &Actor, id: FollowUpId) -> Result<FollowUp> {
    let now = app.now();
    change(app, actor, id, "follow_up.finish", |follow_up| follow_up.finish(now)).await
}

/// Lets go of it, with the reason.
pub async fn drop_with(app: &App, actor: &Actor, id: FollowUpId, reason: &str) -> Result<FollowUp> {
    let reason: String = reason.chars().filter(|c| *c != '\0').take(TEXT_MAX).collect();
    let now = app.now();
    change(app, actor, id, "follow_up.drop", |follow_up| follow_up.drop_with(&reason, now)).await
}

async fn change(
    app: &App,
    actor: &Actor,
    id: FollowUpId,
    act: &str,
    how: impl FnOnce(FollowUp) -> std::result::Result<FollowUp, Refused>,
) -> Result<FollowUp> {
    let mut tx = app.write_somewhere(actor, Action::Write).await?;
    let (before, number) = follow_ups::get(&mut tx, id, app.sight(actor)).await?.ok_or(Error::NotFound)?;
    let held = reach::incident(app, &mut tx, actor, number, Action::Write).await?;
    let from = before.state.key();
    let after = how(before).map_err(refused)?;
    if !follow_ups::save(&mut tx, &after).await? {
        return Err(Error::changed_meanwhile());
    }
    let mut to = serde_json::to_value(&after.state).map_err(Error::internal)?;
    // The reason is words of somebody, which can leave; the chain of acts has their sum.
    if let Some(state) = to.as_object_mut()
        && let Some(reason) = state.remove("reason")
    {
        state.insert("note".into(), reason);
    }
    let detail = serde_json::json!({ "id": id, "from": from, "to": to });
    audit::record(&mut tx, app.now(), actor, act, &number.to_string(), &detail.to_string()).await?;
    tx.commit().await?;
    app.tell(held.postmortem(), Changed::FollowUps);
    Ok(FollowUp { revision: after.revision + 1, ..after })
}

fn refused(refused: Refused) -> Error {
    match refused {
        Refused::StillResting { opens_at } => {
            Error::Conflict { message: refused.to_string(), opens_at: Some(opens_at) }
        }
        Refused::DueInThePast => Error::invalid("due", refused.to_string()),
        Refused::NoReason => Error::invalid("reason", refused.to_string()),
        Refused::Already(_) => Error::conflict(refused.to_string()),
    }
}
