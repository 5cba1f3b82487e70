//! People of the workspace.

use crate::{
    App, Error, Result, jobs, mail,
    sign_in::{add_link, not_accepted, person_name, record as note, refuse_lookalike},
};
use collab::Whose;
use domain::{
    Instant, PersonId, TokenId,
    access::{Action, Actor},
    instant::Span,
    person::{Email, Person, PersonName, Role},
};
use serde_json::json;
use store::{
    Tx,
    links::{self, Purpose},
    people as table,
    people::Account,
    sessions, tokens,
};

/// How long an invitation is good.
const INVITATION: Span = Span::days(7);

/// Everybody, by name; deactivated people last. Service accounts are nobody.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Person>> {
    let mut tx = app.read(actor, Action::Read).await?;
    let mut people = table::all(&mut tx).await?;
    people.retain(|person| !person.service);
    people.sort_by_cached_key(|person| (person.deactivated, person.name.as_str().to_lowercase(), person.id));
    Ok(people)
}

/// The person with an address, deactivated or not.
pub async fn find_by_email(app: &App, actor: &Actor, email: &str) -> Result<Option<Person>> {
    let mut tx = app.read(actor, Action::Read).await?;
    let Ok(email) = email.parse::<Email>() else { return Ok(None) };
    Ok(table::by_email(&mut tx, &email).await?.map(|account| account.person))
}

/// An invitation that nobody used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// Which one.
    pub id: TokenId,
    /// The address that was invited.
    pub email: Email,
    /// The name the inviter gave.
    pub name: PersonName,
    /// The role they will have.
    pub role: Role,
    /// When it ends.
    pub ends_at: Instant,
}

/// Invitations that are still good, the newest first.
pub async fn invitations(app: &App, actor: &Actor) -> Result<Vec<Invited>> {
    let mut tx = app.read(actor, Action::Administer).await?;
    let links = links::invitations(&mut tx, app.now()).await?;
    let invited = |link: links::Link| match link.purpose {
        Purpose::Invitation { email, name, role } => {
            Some(Invited { id: link.id, email, name, role, ends_at: link.ends_at })
        }
        Purpose::SetUp | Purpose::SignIn(_) => None,
    };
    Ok(links.into_iter().filter_map(invited).collect())
}

/// Ends an invitation that nobody used yet.
pub async fn end_invitation(app: &App, actor: &Actor, id: TokenId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    if !links::end_invitation(&mut tx, id).await? {
        return Err(Error::NotFound);
    }
    note(&mut tx, app.now(), actor, "person.end_invitation", id, &json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// Invites somebody; answers the token of a link that is good for seven days. An earlier invitation of the
/// same address ends. An address whose account was closed can be invited again. Where mail is sent, a letter
/// follows whose link takes the place of this one.
pub async fn invite(app: &App, actor: &Actor, name: &str, email: &str, role: Role) -> Result<String> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let (name, now) = (person_name(name)?, app.now());
    let email: Email = email.parse().map_err(|refused| not_accepted("email", &refused))?;
    table::lock(&mut tx).await?;
    refuse_if_here(&mut tx, &email).await?;
    let closed = table::by_email(&mut tx, &email).await?.map(|account| account.person.id);
    refuse_lookalike(&mut tx, &name, closed).await?;
    links::end_invitations_of(&mut tx, &email).await?;
    let detail = json!({ "email": email, "role": role });
    let purpose = Purpose::Invitation { email, name, role };
    let (id, token) = add_link(app, &mut tx, purpose, now, INVITATION).await?;
    if mail::is_set(app) {
        let letter = mail::Letter::Invitation { link: id };
        jobs::enqueue(app, &mut tx, &jobs::Job::Mail(letter)).await?;
    }
    note(&mut tx, now, actor, "person.invite", id, &detail).await?;
    tx.commit().await?;
    Ok(token)
}

/// Adds somebody without an invitation and without a passphrase, so that the record can name them: the people
/// of the demo stories, or those whom another system knows. They can sign in by a sign-in link. `zone` is an
/// IANA name.
pub async fn record(
    app: &App,
    actor: &Actor,
    name: &str,
    email: &str,
    role: Role,
    zone: Option<&str>,
) -> Result<PersonId> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let (name, zone, now) = (person_name(name)?, known_zone(zone)?, app.now());
    let email: Email = email.parse().map_err(|refused| not_accepted("email", &refused))?;
    table::lock(&mut tx).await?;
    if table::by_email(&mut tx, &email).await?.is_some() {
        return Err(taken());
    }
    refuse_lookalike(&mut tx, &name, None).await?;
    let id = PersonId::new(now, app.random());
    let person = Person { id, name, email, role, zone, deactivated: false, service: false };
    table::add(&mut tx, &Account { person, passphrase_hash: None }, now).await?;
    note(&mut tx, now, actor, "person.record", id, &json!({ "role": role })).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a role. The last administrator cannot step down ([`Error::Conflict`]).
pub async fn set_role(app: &App, actor: &Actor, person: PersonId, role: Role) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let mut account = here(&mut tx, actor, person).await?;
    let before = account.person.role;
    if before == role {
        return Ok(());
    }
    keep_one_administrator(&mut tx, &account.person).await?;
    account.person.role = role;
    table::save(&mut tx, &account).await?;
    if role < Action::LookInto.needs() {
        store::sharing::end_openings_of(&mut tx, person, app.now()).await?;
    }
    let detail = json!({ "from": before, "to": role });
    note(&mut tx, app.now(), actor, "person.set_role", person, &detail).await?;
    tx.commit().await?;
    // Open documents asked for the role when they were joined.
    app.turn_away(Whose::Person(person));
    Ok(())
}

/// Closes an account and ends its sessions, tokens and links; the person stays in the record. The last
/// administrator's account stays open ([`Error::Conflict`]).
pub async fn deactivate(app: &App, actor: &Actor, person: PersonId) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let account = here(&mut tx, actor, person).await?;
    keep_one_administrator(&mut tx, &account.person).await?;
    let now: Instant = app.now();
    table::deactivate(&mut tx, person, now).await?;
    let sessions = sessions::end_all_of(&mut tx, person).await?;
    let tokens = tokens::revoke_all_of(&mut tx, person, now).await?;
    links::end_all_of(&mut tx, person).await?;
    let detail = json!({ "sessions": sessions, "tokens": tokens });
    note(&mut tx, now, actor, "person.deactivate", person, &detail).await?;
    tx.commit().await?;
    app.turn_away(Whose::Person(person));
    Ok(())
}

/// Changes one's own name and zone (IANA name, or none to follow the browser).
pub async fn update_me(app: &App, actor: &Actor, name: &str, zone: Option<&str>) -> Result<Person> {
    let mut tx = app.write(actor, Action::Read).await?;
    let (name, zone) = (person_name(name)?, known_zone(zone)?);
    let me = actor.person.ok_or(Error::Forbidden)?;
    table::lock(&mut tx).await?;
    let mut account = table::account(&mut tx, me).await?.ok_or(Error::NotFound)?;
    if account.person.deactivated {
        return Err(Error::Forbidden);
    }
    let renamed = account.person.name != name;
    if renamed {
        refuse_lookalike(&mut tx, &name, Some(me)).await?;
    }
    account.person = Person { name, zone, ..account.person };
    table::save(&mut tx, &account).await?;
    let detail = json!({ "renamed": renamed, "zone": account.person.zone });
    note(&mut tx, app.now(), actor, "person.update", me, &detail).await?;
    tx.commit().await?;
    Ok(account.person)
}

/// Refuses, in the words of `nobody`, an owner who has no account here or has left.
pub(crate) async fn choose_owner(app: &App, actor: &Actor, owner: PersonId, nobody: &str) -> Result<()> {
    let mut tx = app.read(actor, Action::Read).await?;
    match table::get(&mut tx, owner).await? {
        Some(person) if !person.deactivated => Ok(()),
        _ => Err(Error::invalid("owner", nobody)),
    }
}

/// Somebody whose account is open, while nobody else changes people.
pub(crate) async fn here(tx: &mut Tx, actor: &Actor, person: PersonId) -> Result<Account> {
    table::lock(tx).await?;
    // The actor's own role may have gone between their request and the lock.
    if let Some(me) = actor.person {
        let me = table::get(tx, me).await?.ok_or(Error::Forbidden)?;
        if me.deactivated || me.role < Action::Administer.needs() {
            return Err(Error::Forbidden);
        }
    }
    let account = table::account(tx, person).await?.ok_or(Error::NotFound)?;
    if account.person.deactivated {
        return Err(Error::conflict("This account is closed. Invite the person again to open it."));
    }
    Ok(account)
}

/// Refuses if `person` is the only administrator; the lock on people must be held.
async fn keep_one_administrator(tx: &mut Tx, person: &Person) -> Result<()> {
    if person.role == Role::Administrator && !person.service && table::administrators(tx).await? <= 1 {
        return Err(Error::conflict(
            "This is the only administrator. Make somebody else an administrator first.",
        ));
    }
    Ok(())
}

async fn refuse_if_here(tx: &mut Tx, email: &Email) -> Result<()> {
    match table::by_email(tx, email).await? {
        Some(account) if !account.person.deactivated => Err(taken()),
        _ => Ok(()),
    }
}

fn taken() -> Error {
    Error::conflict("There is somebody with this address already.")
}

/// The canonical name of a zone, if there is one of that name.
fn known_zone(zone: Option<&str>) -> Result<Option<String>> {
    let Some(zone) = zone.map(str::trim).filter(|zone| !zone.is_empty()) else { return Ok(None) };
    let found = jiff::tz::db().get(zone).ok();
    let name = found.as_ref().and_then(jiff::tz::TimeZone::iana_name).map(str::to_owned);
    name.map(Some)
        .ok_or_else(|| Error::invalid("zone", "This is not a zone we know. Try a name like Europe/Lisbon."))
}
