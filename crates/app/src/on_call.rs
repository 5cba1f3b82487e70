//! Who was on call for a service over time: entered by hand, or brought in from where schedules are kept.

use crate::{App, Error, Result, reach, sign_in::record, typed};
use domain::{
    Instant, PersonId, ServiceId,
    access::{Action, Actor},
    incident::IncidentNumber,
    instant::Span,
    on_call::{Duty, renewed},
    person::Person,
    team::compared,
    timeline::impact::union,
};
pub use importers::NamedBytes;
use importers::on_call::Rota;
use serde_json::json;
pub use store::on_call::Then;
use store::{
    Tx,
    on_call::{self as table, Choices},
    people, services,
};
use uuid::Uuid;

/// How many duties one service can have by hand.
const MOST: i64 = 1_000;

/// A duty as somebody enters it.
#[derive(Debug, Clone)]
pub struct New {
    /// Who, if they have an account here.
    pub person: Option<PersonId>,
    /// Their name otherwise.
    pub name: String,
    /// 1 to 9; 1 is asked first.
    pub level: i64,
    /// From then on.
    pub from: Instant,
    /// Until just before then; `None`: there is no end.
    pub to: Option<Instant>,
}

/// What came of bringing schedules in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The services, by name.
    pub services: Vec<String>,
    /// How many stretches of time they have from these files now.
    pub duties: usize,
    /// Names that nobody here has; they are kept as they came.
    pub unknown: Vec<String>,
}

/// Writes a duty down.
pub async fn add(app: &App, actor: &Actor, service: ServiceId, new: New) -> Result<()> {
    let mut tx = app.write(actor, Action::Write).await?;
    let of = services::find(&mut tx, service).await?.ok_or(Error::NotFound)?;
    if new.to.is_some_and(|to| to <= new.from) {
        return Err(Error::invalid("to", "The end lies before the beginning. Choose a later one, or none."));
    }
    if !(1..=9).contains(&new.level) {
        return Err(Error::invalid("level", "The place in line is a number from 1 to 9."));
    }
    let name = match new.person {
        Some(id) => {
            let person = people::get(&mut tx, id).await?.filter(|person| !person.deactivated);
            let person =
                person.ok_or_else(|| Error::invalid("person", "Choose somebody with an account."))?;
            person.name.to_string()
        }
        None => typed::line("person", &new.name, 200)?,
    };
    if table::after(&mut tx, service, Instant::from_micros(0), MOST + 1).await?.len() as i64 > MOST {
        return Err(Error::conflict("A thousand duties are written down for this service already."));
    }
    let (now, id) = (app.now(), new_id(app));
    let duty = Duty { person: new.person, name, level: new.level, from: new.from, to: new.to };
    let detail = json!({ "service": of.name, "name": duty.name, "from": duty.from, "to": duty.to });
    table::add(&mut tx, service, by_hand(), &[(id, duty)]).await?;
    record(&mut tx, now, actor, "service.on_call", service, &detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes back a duty that was entered by hand.
pub async fn remove(app: &App, actor: &Actor, service: ServiceId, duty: Uuid) -> Result<()> {
    let mut tx = app.write(actor, Action::Write).await?;
    let of = services::find(&mut tx, service).await?.ok_or(Error::NotFound)?;
    if !table::remove(&mut tx, service, duty).await? {
        return Err(Error::NotFound);
    }
    record(&mut tx, app.now(), actor, "service.off_call", service, &json!({ "service": of.name })).await?;
    tx.commit().await?;
    Ok(())
}

/// Brings schedules in: for the services named (or given by their ids), or else each schedule for the service of its name. Within its
/// range a file is right; outside of it stands what was known before. Bringing it in twice changes nothing, and a
/// file that cannot be read changes nothing either.
pub async fn import(app: &App, actor: &Actor, files: &[NamedBytes], names: &[String]) -> Result<Outcome> {
    let mut rotas = Vec::new();
    for file in files {
        rotas.extend(
            importers::on_call::read(file)
                .map_err(|wrong| Error::Invalid { field: Some("files"), message: wrong.to_string() })?,
        );
    }
    let mut tx = app.write(actor, Action::Import).await?;
    let all = services::all(&mut tx).await?;
    let called = services::names_that_hold(&mut tx).await?;
    let named = |name: &str| {
        // A schedule goes on calling a service as it was called when somebody set the schedule up.
        let of = called.iter().find(|(_, it)| it.matches() == compared(name)).map(|(id, _)| *id);
        let found = all.iter().find(|it| of == Some(it.id) || it.id.to_string() == name);
        found.cloned().ok_or_else(|| {
            let name: String = name.chars().take(100).collect();
            Error::invalid(
                "service",
                format!("There is no service “{name}”. Make it under Settings, Services, or choose another."),
            )
        })
    };
    let everybody = people::all(&mut tx).await?;
    let mut outcome = Outcome::default();
    for rota in rotas {
        let of = if names.is_empty() { std::slice::from_ref(&rota.name) } else { names };
        for name in of {
            let service = named(name)?;
            outcome.duties += keep(app, &mut tx, service.id, &rota, &everybody, &mut outcome.unknown).await?;
            let called = service.name.to_string();
            if !outcome.services.contains(&called) {
                outcome.services.push(called);
            }
        }
    }
    outcome.unknown.sort();
    outcome.unknown.dedup();
    let detail = json!({
        "services": outcome.services,
        "files": files.iter().map(|file| &file.name).collect::<Vec<_>>(),
        "duties": outcome.duties,
    });
    record(&mut tx, app.now(), actor, "service.import_on_call", "schedules", &detail).await?;
    tx.commit().await?;
    Ok(outcome)
}

async fn keep(
    app: &App,
    tx: &mut Tx,
    service: ServiceId,
    rota: &Rota,
    everybody: &[Person],
    unknown: &mut Vec<String>,
) -> Result<usize> {
    let export: Vec<Duty> = rota
        .stretches
        .iter()
        .map(|it| {
            let person = who(everybody, &it.name, it.email.as_deref());
            if person.is_none() && !unknown.contains(&it.name) {
                unknown.push(it.name.clone());
            }
            Duty { person, name: it.name.clone(), level: it.level, from: it.from, to: it.to }
        })
        .collect();
    let mut known = table::of_rota(tx, service, rota.source, &rota.id).await?;
    // Somebody may have joined since.
    for duty in known.iter_mut().filter(|duty| duty.person.is_none()) {
        duty.person = who(everybody, &duty.name, None);
    }
    let duties = renewed(&known, &export, rota.range);
    let of = table::Rota { source: rota.source, id: &rota.id, name: &rota.name };
    table::clear(tx, service, of).await?;
    let duties: Vec<(Uuid, Duty)> = duties.into_iter().map(|duty| (new_id(app), duty)).collect();
    table::add(tx, service, of, &duties).await?;
    Ok(duties.len())
}

/// Who this is: by address, or by a name that only one person has.
fn who(everybody: &[Person], name: &str, email: Option<&str>) -> Option<PersonId> {
    let mut open = everybody.iter().filter(|person| !person.deactivated && !person.service);
    if let Some(email) = email {
        let by_address = open.clone().find(|person| person.email.as_str().eq_ignore_ascii_case(email));
        if by_address.is_some() {
            return by_address.map(|person| person.id);
        }
    }
    let called = |person: &&Person| compared(person.name.as_str()) == compared(name);
    let first = open.find(called)?;
    open.find(called).is_none().then_some(first.id)
}

/// Somebody who was on call when an incident happened, with the reason to think of them (OWN-05).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub then: Then,
    /// How long their service was affected, as far as it is written down.
    pub affected: Span,
    /// Whether no other service was affected longer; never where nothing is written down.
    pub most: bool,
}

/// Who was on call for the services of an incident from its beginning to its end: for the service that was
/// affected longest first, then by their place in line. For whoever may choose an owner. Three statements.
pub async fn candidates(app: &App, actor: &Actor, number: IncidentNumber) -> Result<Vec<Candidate>> {
    let (mut tx, held) = reach::reading(app, actor, number, Action::Write).await?;
    let incident = held.incident();
    let names: Vec<String> = incident.services.iter().map(|name| compared(name)).collect();
    let (from, to) = when(incident.declared_at, incident.resolved_at, app.now());
    let Choices { on_call, called, .. } = table::choices(&mut tx, &names, from, to).await?;
    let intervals = store::impact::list(&mut tx, held.id()).await?;
    let affected = |service: &str| {
        // An interval may use a name that the service had before.
        let finds =
            |name: &str| called.iter().any(|(now, any)| now == service && compared(any) == compared(name));
        let of = intervals.iter().filter(|it| finds(&it.interval.service));
        union(of.filter_map(|it| it.interval.ends(app.now())))
    };
    let mut found: Vec<Candidate> = on_call
        .into_iter()
        .map(|then| Candidate { affected: affected(&then.service), then, most: false })
        .collect();
    let longest = found.iter().map(|it| it.affected).max().unwrap_or_default();
    for candidate in &mut found {
        candidate.most = candidate.affected == longest && longest > Span::default();
    }
    found.sort_by_key(|it| (std::cmp::Reverse(it.affected), it.then.duty.level));
    Ok(found)
}

/// From when to when somebody on call counts as on call then: at least a minute, so that an incident without a
/// length has an answer.
pub(crate) fn when(declared: Instant, resolved: Option<Instant>, now: Instant) -> (Instant, Instant) {
    let to = resolved.unwrap_or(now);
    (declared, to.max(declared.plus(Span::minutes(1))))
}

fn by_hand() -> table::Rota<'static> {
    table::Rota { source: table::BY_HAND, id: "", name: "" }
}

fn new_id(app: &App) -> Uuid {
    domain::TokenId::new(app.now(), app.random()).0
}
