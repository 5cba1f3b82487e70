//! Who can see an incident, and what people are to it (SHR-05, OWN-12).
//!
//! Whoever has a part in an incident sees it, whatever it is narrowed to; so nobody who took part is shut out.
//! An administrator sees a narrowed incident only by looking into it, with a reason that stays on the incident.

use crate::{
    App, Error, Result, on_call,
    reach::{self, Held},
};
use collab::Whose;
use domain::{
    Instant, PersonId, TeamId,
    access::{Action, Actor, Part, Sight},
    incident::IncidentNumber,
    instant::Span,
    reach::{NAMED_MAX, Narrowing, Reason, Refused},
    team::compared,
};
use serde_json::json;
pub use store::on_call::Then;
pub use store::sharing::{Narrowed, Opening, Who};
use store::{Tx, audit, on_call::Choices, people, sharing, teams};

/// How long an administrator sees an incident after looking into it.
const LOOK: Span = Span::hours(1);

/// Everybody about an incident, with what a form can choose from.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its number.
    pub number: IncidentNumber,
    /// Its title.
    pub title: String,
    /// Everybody about it.
    pub who: Who,
    /// People whose names the evidence mentions and who are no responders yet. A person confirms each.
    pub proposed: Vec<(PersonId, String)>,
    /// Everybody with an open account, by name.
    pub people: Vec<(PersonId, String)>,
    /// All teams.
    pub teams: Vec<(TeamId, String)>,
    /// Who was on call for its services then, those asked first first.
    pub on_call: Vec<Then>,
    /// Whether the actor may choose who sees it.
    pub may_narrow: bool,
    /// Whether the actor may say who took part.
    pub may_write: bool,
}

/// To whom an incident is narrowed.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Why, 1 to 500 characters.
    pub reason: String,
    /// Until when; none: until somebody widens it.
    pub until: Option<Instant>,
    /// Who sees it beside those with a part in it. The actor always does.
    pub people: Vec<PersonId>,
    /// The teams whose members see it.
    pub teams: Vec<TeamId>,
}

/// Everybody about an incident. Four statements.
pub async fn show(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Shown> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Read).await?;
    let who = sharing::who(&mut tx, held.id(), app.now()).await?;
    let incident = held.incident();
    let services: Vec<String> = incident.services.iter().map(|name| compared(name)).collect();
    let (from, to) = on_call::when(incident.declared_at, incident.resolved_at, app.now());
    let Choices { people, teams, on_call, .. } =
        store::on_call::choices(&mut tx, &services, from, to).await?;
    let (may_narrow, may_write) = (held.allows(actor, Action::Narrow), held.allows(actor, Action::Write));
    Ok(Shown {
        number,
        title: held.incident().title.clone(),
        proposed: proposed(&who, &people),
        who,
        people,
        teams,
        on_call,
        may_narrow,
        may_write,
    })
}

/// People whose name is one of the evidence's, once and only once: two of one name are told apart by people.
fn proposed(who: &Who, people: &[(PersonId, String)]) -> Vec<(PersonId, String)> {
    let named: Vec<String> = who.participants.iter().map(|name| compared(name)).collect();
    let there = |id: PersonId| who.parts.iter().any(|(part, it, _)| *part == Part::Responder && *it == id);
    let alone =
        |name: &str| people.iter().filter(|(_, other)| compared(other) == compared(name)).count() == 1;
    let fits = |name: &str| named.contains(&compared(name)) && alone(name);
    people.iter().filter(|(id, name)| fits(name) && !there(*id)).cloned().collect()
}

/// Whether `actor` may do `action` with an incident; [`Error::NotFound`] if they cannot see it. One statement.
pub async fn ask(app: &App, actor: &Actor, number: IncidentNumber, action: Action) -> Result<()> {
    reach::reading(app, actor, number, action).await.map(drop)
}

/// Narrows who sees an incident, or changes to whom it is narrowed. Whoever no longer sees it loses their open
/// documents at once.
pub async fn narrow(app: &App, actor: &Actor, number: IncidentNumber, choice: Choice) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Narrow).await?;
    let now = app.now();
    let narrowing = Narrowing::new(&choice.reason, choice.until, now).map_err(|refused| match refused {
        Refused::Reason(wrong) => Error::invalid("reason", wrong.to_string()),
        Refused::EndsInThePast => Error::invalid("until", refused.to_string()),
    })?;
    let mut named = choice.people;
    named.extend(actor.person);
    named.sort_unstable();
    named.dedup();
    let mut in_teams = choice.teams;
    in_teams.sort_unstable();
    in_teams.dedup();
    if named.len() > NAMED_MAX || in_teams.len() > NAMED_MAX {
        return Err(Error::invalid(
            "people",
            "At most 200 people and 200 teams can be named. Make a team of them.",
        ));
    }
    everybody_is_here(&mut tx, &named).await?;
    for team in &in_teams {
        teams::find(&mut tx, *team)
            .await?
            .ok_or_else(|| Error::invalid("teams", "There is no such team."))?;
    }
    let until = narrowing.until.unwrap_or(Sight::NEVER);
    sharing::narrow(&mut tx, held.id(), narrowing.reason.as_str(), until, actor.person, now).await?;
    sharing::name(&mut tx, held.id(), &named, &in_teams, now).await?;
    let detail = json!({
        "reason": narrowing.reason.as_str(),
        "until": narrowing.until,
        "people": named,
        "teams": in_teams,
    });
    told(app, tx, actor, &held, "incident.narrow", &detail).await
}

/// Lets the whole organisation see it again.
pub async fn widen(app: &App, actor: &Actor, number: IncidentNumber) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Narrow).await?;
    if !held.is_narrowed() {
        return Err(Error::conflict("The whole organisation can see this already. Nothing was changed."));
    }
    sharing::widen(&mut tx, held.id()).await?;
    told(app, tx, actor, &held, "incident.widen", &json!({})).await
}

/// Gives somebody a part in an incident: responder, facilitator or participant of the debrief. They see it from
/// then on. The owner is chosen with the document.
pub async fn give_part(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    person: PersonId,
    part: Part,
) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    chosen_here(part)?;
    everybody_is_here(&mut tx, &[person]).await?;
    if !sharing::give(&mut tx, held.id(), person, part, app.now()).await? {
        return Ok(());
    }
    told(app, tx, actor, &held, "incident.give_part", &json!({ "person": person, "part": part })).await
}

/// Takes a part from somebody.
pub async fn take_part(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    person: PersonId,
    part: Part,
) -> Result<()> {
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    chosen_here(part)?;
    if !sharing::take(&mut tx, held.id(), person, part).await? {
        return Err(Error::NotFound);
    }
    told(app, tx, actor, &held, "incident.take_part", &json!({ "person": person, "part": part })).await
}

/// Lets an administrator see, for an hour, an incident that was narrowed to others. Who looked, when and why
/// stays on the incident for everybody who sees it.
pub async fn look_into(app: &App, actor: &Actor, number: IncidentNumber, reason: &str) -> Result<()> {
    let mut tx = app.write(actor, Action::LookInto).await?;
    let reason: Reason = reason
        .parse()
        .map_err(|wrong: domain::person::NotAccepted| Error::invalid("reason", wrong.to_string()))?;
    let person = actor.person.ok_or(Error::Forbidden)?;
    // The role may have gone between the request and this transaction.
    let me = people::get(&mut tx, person).await?.ok_or(Error::Forbidden)?;
    if me.deactivated || me.role < Action::LookInto.needs() {
        return Err(Error::Forbidden);
    }
    let now = app.now();
    let incident = sharing::unseen(&mut tx, number, Sight::of(actor, now)).await?.ok_or(Error::NotFound)?;
    let id = domain::TokenId::new(now, app.random()).0;
    sharing::open(&mut tx, id, incident, person, (now, now.plus(LOOK)), reason.as_str()).await?;
    let detail = json!({ "reason": reason.as_str(), "ends_at": now.plus(LOOK) }).to_string();
    audit::record(&mut tx, now, actor, "incident.look_into", &number.to_string(), &detail).await?;
    tx.commit().await?;
    Ok(())
}

fn chosen_here(part: Part) -> Result<()> {
    if part == Part::Owner {
        return Err(Error::invalid("part", "The owner is chosen with the document."));
    }
    Ok(())
}

async fn everybody_is_here(tx: &mut Tx, chosen: &[PersonId]) -> Result<()> {
    let known = store::palette::people(tx).await?;
    if chosen.iter().all(|id| known.iter().any(|(it, _)| it == id)) {
        return Ok(());
    }
    Err(Error::invalid(
        "people",
        "Somebody in this list has no account here any more. Choose from the list again.",
    ))
}

/// Writes the act down, commits, and asks about every open socket of the document.
async fn told(
    app: &App,
    mut tx: Tx,
    actor: &Actor,
    held: &Held,
    act: &str,
    detail: &serde_json::Value,
) -> Result<()> {
    let subject = held.number().to_string();
    audit::record(&mut tx, app.now(), actor, act, &subject, &detail.to_string()).await?;
    tx.commit().await?;
    if let Some(document) = held.postmortem() {
        app.turn_away(Whose::Document(document));
    }
    Ok(())
}
