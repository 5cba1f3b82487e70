//! The way of an incident: mitigated, resolved, reopened.

use super::Resolution;
use crate::{
    App, Error, Result,
    reach::{self, Reached},
    timeline,
};
use collab::Changed;
use domain::{
    Instant, PersonId, PostmortemId,
    access::{Action, Actor},
    incident::{Incident, IncidentNumber, StepRefused},
    timeline::KeyInstant,
};
use serde_json::json;
use store::{Tx, audit, incidents as record, key_instants};

/// Impact is limited; the response goes on.
pub async fn mitigate(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Incident> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let (before, now) = (held.incident().state, app.now());
    let incident = kept(&mut tx, held.incident().clone().mitigate().map_err(refused)?).await?;
    timeline::mark(app, &mut tx, actor, held.id(), now, "Mitigated", Some(KeyInstant::Mitigated)).await?;
    let detail = json!({ "state": { "old": before, "new": incident.state } });
    audit::record(&mut tx, now, actor, "incident.mitigate", &number.to_string(), &detail.to_string()).await?;
    tx.commit().await?;
    tell(app, held.postmortem());
    Ok(incident)
}

/// The response ended: the same transaction creates the post-mortem's draft (LIF-04).
pub async fn resolve(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    resolution: Resolution,
) -> Result<Incident> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    if let Some(owner) = resolution.owner
        && store::people::get(&mut tx, owner).await?.is_none_or(|person| person.deactivated)
    {
        return Err(Error::invalid(
            "owner",
            "An owner is one person with an account. Choose somebody from the list.",
        ));
    }
    let at = resolution.at.unwrap_or_else(|| app.now());
    // A whole minute, as a form gives it, may lie just before the second of the declaration.
    let began = held.incident().declared_at;
    let at = if at < began && began.since(at) < domain::instant::Span::minutes(1) { began } else { at };
    let resolved = held.incident().clone().resolve(at).map_err(refused)?;
    timeline::mark(app, &mut tx, actor, held.id(), at, "Resolved", Some(KeyInstant::Resolved)).await?;
    let (incident, postmortem) = end_response(
        app,
        &mut tx,
        actor,
        (held.id(), resolved),
        resolution.owner,
        resolution.template.as_deref(),
    )
    .await?;
    tx.commit().await?;
    tell(app, Some(postmortem));
    Ok(incident)
}

/// Keeps an incident that was just resolved and creates its draft, with the audit entries of both.
pub(crate) async fn end_response(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    (reached, resolved): (Reached, Incident),
    owner: Option<PersonId>,
    template: Option<&str>,
) -> Result<(Incident, PostmortemId)> {
    let incident = kept(tx, resolved).await?;
    let detail = json!({ "resolved_at": incident.resolved_at }).to_string();
    audit::record(tx, app.now(), actor, "incident.resolve", &incident.number.to_string(), &detail).await?;
    let draft =
        crate::postmortems::create_draft(app, tx, actor, (reached, &incident), owner, template).await?;
    Ok((incident, draft.id))
}

/// It was not over after all. The draft stays.
pub async fn reopen(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Incident> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let (state, end, now) = (held.incident().state, held.incident().resolved_at, app.now());
    let incident = kept(&mut tx, held.incident().clone().reopen().map_err(refused)?).await?;
    // What was said about the end no longer holds; the events themselves stay in the timeline.
    key_instants::remove(&mut tx, held.id(), KeyInstant::Resolved).await?;
    timeline::mark(app, &mut tx, actor, held.id(), now, "Reopened", None).await?;
    let detail = json!({
        "state": { "old": state, "new": incident.state },
        "resolved_at": { "old": end, "new": Option::<Instant>::None },
    });
    audit::record(&mut tx, now, actor, "incident.reopen", &number.to_string(), &detail.to_string()).await?;
    tx.commit().await?;
    tell(app, held.postmortem());
    Ok(incident)
}

async fn kept(tx: &mut Tx, incident: Incident) -> Result<Incident> {
    record::update(tx, incident).await?.ok_or_else(Error::changed_meanwhile)
}

fn refused(refused: StepRefused) -> Error {
    match refused {
        StepRefused::EndsBeforeItBegan => Error::invalid("at", refused.to_string()),
        StepRefused::Already(_) => Error::conflict(refused.to_string()),
    }
}

fn tell(app: &App, postmortem: Option<PostmortemId>) {
    app.tell(postmortem, Changed::Timeline);
    app.tell(postmortem, Changed::Facts);
}
