//! Who somebody is: one-time links, passphrases, sessions.

pub mod proof;
mod requests;
mod second;
pub mod sessions;
mod throttle;

use crate::{
    App, Error, Result, mail, passphrase, provider,
    secret::{self, Secret},
    workspace::{self, Workspace},
};
use collab::Whose;
use domain::{
    Instant, PersonId, SessionId, TokenId,
    access::{Action, Actor, Part},
    instant::Span,
    person::{Email, NotAccepted, Person, PersonName, Role},
};
pub use requests::{bearer, session, session_at, sign_out};
pub use second::{Asks, Entered, second};
use serde_json::json;
use store::{
    Tx, audit,
    links::{self, Purpose},
    people::{self, Account},
    sessions as table,
};
pub use table::{Device, How};
pub(crate) use throttle::Throttle;

/// How long sessions last. Shorter ones are asked for where much is at stake: 12 hours and 30 minutes by ASVS 3.3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lasting {
    /// One ends when it was not used for so long; half an hour or more, because its use is noted every ten minutes.
    pub idle: Span,
    /// One ends after so long, used or not; counted when it begins.
    pub longest: Span,
}

impl Default for Lasting {
    fn default() -> Self {
        Self { idle: Span::days(14), longest: Span::days(60) }
    }
}

/// How long a set-up link is good.
const SET_UP: Span = Span::days(7);
/// So much is kept of what a browser says about itself, in characters.
const AGENT: usize = 300;
/// The longest life of a sign-in link, in hours.
const SIGN_IN_HOURS: i64 = 7 * 24;

/// A session that was just begun.
#[derive(Clone)]
pub struct Begun {
    /// What the browser keeps in its cookie; only a hash of it is stored.
    pub cookie: String,
    /// When it ends at the latest.
    pub ends_at: Instant,
    /// Who signed in.
    pub person: Person,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begun")
            .field("person", &self.person)
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

/// A session that a request belongs to.
#[derive(Debug, Clone)]
pub struct Session {
    /// Which one.
    pub id: SessionId,
    /// Whose.
    pub person: Person,
    /// What the acts need to know of them.
    pub actor: Actor,
    /// By what it was begun.
    pub how: How,
    /// When its person last proved who they are.
    pub proved_at: Instant,
    /// Whether a second factor is asked for from their role on and they have none yet: nothing else can be done
    /// before they set one up.
    pub must_enrol: bool,
    /// The weakest role from which on a second factor is asked for.
    pub factor_from: Option<Role>,
    /// What they are to the incident that the request is about, if it is about one.
    pub parts: Vec<Part>,
}

/// What a one-time link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// The first administrator sets the workspace up.
    SetUp,
    /// A person was invited; name and passphrase are to be chosen.
    Invitation {
        /// The address that was invited.
        email: String,
        /// The name the inviter gave.
        name: String,
    },
    /// A person signs in without a passphrase.
    SignIn {
        /// Who.
        name: String,
    },
}

/// Answers of the first administrator.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// What this place is called, 1 to 100 characters.
    pub workspace: String,
    /// The administrator's name.
    pub name: String,
    /// The administrator's address.
    pub email: String,
    /// At least 12 characters.
    pub passphrase: String,
}

/// The set-up link while nobody has an account; a new one each time, the one before ends. `None` afterwards.
pub async fn set_up_link(app: &App) -> Result<Option<String>> {
    if people::anybody(&mut app.db().read().await?).await? {
        return Ok(None);
    }
    let now = app.now();
    let mut tx = app.db().write().await?;
    people::lock(&mut tx).await?;
    if people::anybody(&mut tx).await? {
        return Ok(None);
    }
    links::end_set_up(&mut tx).await?;
    let (id, token) = add_link(app, &mut tx, Purpose::SetUp, now, SET_UP).await?;
    record(&mut tx, now, &Actor::installation(), "link.set_up", id, &json!({})).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// A sign-in link for a person, valid for `hours` (1 to 168); for the command line and the demo.
pub async fn sign_in_link(app: &App, actor: &Actor, email: &str, hours: i64) -> Result<String> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let email: Email = email.parse().map_err(|refused| not_accepted("email", &refused))?;
    if !(1..=SIGN_IN_HOURS).contains(&hours) {
        return Err(Error::invalid("hours", "A sign-in link is good for 1 to 168 hours."));
    }
    let now = app.now();
    let person = people::by_email(&mut tx, &email).await?.map(|account| account.person);
    let person = person.filter(may_enter).ok_or(Error::NotFound)?;
    let (_, token) = add_link(app, &mut tx, Purpose::SignIn(person.id), now, Span::hours(hours)).await?;
    record(&mut tx, now, actor, "link.sign_in", person.id, &json!({ "hours": hours })).await?;
    tx.commit().await?;
    Ok(token)
}

/// What a link is for, without using it up. Unknown, used and outdated links are all [`Error::NotFound`].
pub async fn look_at_link(app: &App, token: &str) -> Result<Link> {
    let mut tx = app.db().read().await?;
    Ok(match good_link(app, &mut tx, token).await?.purpose {
        Purpose::SetUp => Link::SetUp,
        Purpose::Invitation { email, name, .. } => {
            Link::Invitation { email: email.to_string(), name: name.to_string() }
        }
        Purpose::SignIn(person) => {
            let person = active(&mut tx, person).await?.ok_or(Error::NotFound)?;
            Link::SignIn { name: person.name.to_string() }
        }
    })
}

/// Uses the set-up link: creates workspace and first administrator.
pub async fn set_up(app: &App, token: &str, answers: SetUp, device: &Device) -> Result<Begun> {
    let link = good_link(app, &mut app.db().read().await?, token).await?;
    if link.purpose != Purpose::SetUp {
        return Err(Error::NotFound);
    }
    let first = Workspace { name: answers.workspace, ..workspace::before_set_up() };
    let workspace = workspace::checked(Workspace { revision: 1, ..first })?;
    let name = person_name(&answers.name)?;
    let email: Email = answers.email.parse().map_err(|refused| not_accepted("email", &refused))?;
    passphrase::check(&answers.passphrase, name.as_str(), &email)?;
    let hash = passphrase::hash(app, &answers.passphrase).await?;

    let now = app.now();
    let mut tx = app.db().write().await?;
    people::lock(&mut tx).await?;
    if !links::use_up(&mut tx, link.id, now).await? || people::anybody(&mut tx).await? {
        return Err(Error::NotFound);
    }
    let person = Person {
        id: PersonId::new(now, app.random()),
        name,
        email,
        role: Role::Administrator,
        zone: None,
        deactivated: false,
        service: false,
    };
    let hash = passphrase::seal(app, &mut tx, person.id, &hash).await?;
    people::add(&mut tx, &Account { person: person.clone(), passphrase_hash: Some(hash) }, now).await?;
    if !store::workspace::save(&mut tx, &workspace::to_record(&workspace)).await? {
        return Err(Error::NotFound);
    }
    let begun = begin(app, &mut tx, person, How::Passphrase, device).await?;
    let detail = json!({ "workspace": workspace.name });
    record(&mut tx, now, &actor_of(&begun.person), "workspace.set_up", begun.person.id, &detail).await?;
    tx.commit().await?;
    app.keep_workspace(workspace);
    Ok(begun)
}

/// Uses an invitation. Somebody whose account was closed gets it back, with the role of the invitation. Where only single
/// sign-on opens accounts, an invitation is used by signing in with it.
pub async fn accept_invitation(
    app: &App,
    token: &str,
    name: &str,
    passphrase: &str,
    device: &Device,
) -> Result<Begun> {
    let mut tx = app.db().read().await?;
    let link = good_link(app, &mut tx, token).await?;
    let Purpose::Invitation { email, role, .. } = link.purpose else { return Err(Error::NotFound) };
    // A passphrase that opens nothing is not asked for.
    provider::refuse_other_ways(&mut tx).await?;
    drop(tx);
    let name = person_name(name)?;
    passphrase::check(passphrase, name.as_str(), &email)?;
    let hash = passphrase::hash(app, passphrase).await?;

    let now = app.now();
    let mut tx = app.db().write().await?;
    people::lock(&mut tx).await?;
    if !links::use_up(&mut tx, link.id, now).await? {
        return Err(Error::NotFound);
    }
    let known = people::by_email(&mut tx, &email).await?;
    refuse_lookalike(&mut tx, &name, known.as_ref().map(|known| known.person.id)).await?;
    let person = match &known {
        Some(known) if !known.person.deactivated => {
            return Err(Error::conflict("There is an account with this address already. Sign in instead."));
        }
        Some(known) => Person { name, role, deactivated: false, ..known.person.clone() },
        None => {
            let id = PersonId::new(now, app.random());
            Person { id, name, email, role, zone: None, deactivated: false, service: false }
        }
    };
    let hash = passphrase::seal(app, &mut tx, person.id, &hash).await?;
    let account = Account { person: person.clone(), passphrase_hash: Some(hash) };
    if known.is_some() {
        people::save(&mut tx, &account).await?;
    } else {
        people::add(&mut tx, &account, now).await?;
    }
    let begun = begin(app, &mut tx, person, How::Passphrase, device).await?;
    let detail = json!({ "invitation": link.id, "role": role });
    record(&mut tx, now, &actor_of(&begun.person), "person.join", begun.person.id, &detail).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Uses a sign-in link; whoever has a second factor is asked for it.
pub async fn use_sign_in_link(app: &App, token: &str, device: &Device) -> Result<Entered> {
    let now = app.now();
    let mut tx = app.db().write().await?;
    people::lock(&mut tx).await?;
    let link = good_link(app, &mut tx, token).await?;
    let Purpose::SignIn(person) = link.purpose else { return Err(Error::NotFound) };
    let person = active(&mut tx, person).await?.ok_or(Error::NotFound)?;
    if !links::use_up(&mut tx, link.id, now).await? {
        return Err(Error::NotFound);
    }
    let entered = second::enter(app, &mut tx, person, How::Link, device, json!({ "link": link.id })).await?;
    tx.commit().await?;
    Ok(entered)
}

/// Says in the log that somebody was not let in (ASVS 7.2.1): by what, whose account it is if there is one, and from
/// where. Never what was typed: people type passphrases into the field for the address.
pub(crate) fn note_refusal(by: &str, person: Option<PersonId>, from: &str, why: &Error) {
    let person = person.map_or_else(|| "nobody".to_owned(), |person| person.to_string());
    let slowed = matches!(why, Error::Slowed { .. });
    let from: String = from.chars().filter(|c| !c.is_control()).take(64).collect();
    tracing::warn!(by, person, from, slowed, "a sign-in was refused");
}

/// Signs in with address and passphrase. Wrong address and wrong passphrase cannot be told apart, in words or
/// in time; many tries from one address or on one account are slowed down ([`Error::Slowed`]).
pub async fn sign_in(app: &App, email: &str, passphrase: &str, device: &Device) -> Result<Entered> {
    let (now, from) = (app.now(), device.address.as_str());
    provider::refuse_other_ways(&mut app.db().read().await?).await?;
    if let Err(slowed) = app.sign_ins().allow(email, from, now) {
        note_refusal(How::Passphrase.key(), None, from, &slowed);
        return Err(slowed);
    }
    let account = match email.parse::<Email>() {
        Ok(email) => people::by_email(&mut app.db().read().await?, &email).await?,
        Err(_) => None,
    };
    let right = passphrase::verify(app, passphrase, account.as_ref()).await?;
    let person = account.as_ref().map(|account| account.person.id);
    let Some(account) = account.filter(|account| right && may_enter(&account.person)) else {
        note_refusal(How::Passphrase.key(), person, from, &no_match());
        return Err(no_match());
    };

    let mut tx = app.db().write().await?;
    // Between looking and writing, the account may have been closed or got another passphrase.
    people::lock(&mut tx).await?;
    let still = people::account(&mut tx, account.person.id).await?;
    let Some(still) = still else { return Err(no_match()) };
    if !passphrase::unchanged(app, &account, &still).await? {
        return Err(no_match());
    }
    let person = still.person;
    table::sweep(&mut tx, now, Instant::from_micros(now.as_micros() - app.lasting().idle.as_micros()))
        .await?;
    let entered = second::enter(app, &mut tx, person, How::Passphrase, device, json!({})).await?;
    tx.commit().await?;
    app.sign_ins().forget(email, from);
    Ok(entered)
}

/// Gives the person of a session another passphrase and ends their other sessions. `current` must be the one
/// they have; people who never chose one leave it empty. Wrong ones are slowed down as at the sign-in.
pub async fn change_passphrase(app: &App, session: &Session, current: &str, new: &str) -> Result<()> {
    let (now, id) = (app.now(), session.person.id);
    let account = people::account(&mut app.db().read().await?, id).await?.ok_or(Error::NotFound)?;
    // Whoever came by a link a moment ago has forgotten it, or never knew it.
    let by_link = session.how == How::Link && proof::recent(session, now).is_ok();
    if account.passphrase_hash.is_some() && !by_link {
        let (email, place) = (account.person.email.as_str(), session.id.to_string());
        app.sign_ins().allow(email, &place, now)?;
        if !passphrase::verify(app, current, Some(&account)).await? {
            return Err(Error::invalid("current", "This is not your passphrase. Nothing was changed."));
        }
        app.sign_ins().forget(email, &place);
    }
    passphrase::check(new, account.person.name.as_str(), &account.person.email)?;
    let hash = passphrase::hash(app, new).await?;

    let mut tx = app.db().write().await?;
    people::lock(&mut tx).await?;
    let still = people::account(&mut tx, id).await?.filter(|still| !still.person.deactivated);
    let Some(still) = still else { return Err(Error::changed_meanwhile()) };
    if !passphrase::unchanged(app, &account, &still).await? {
        return Err(Error::changed_meanwhile());
    }
    let mut account = still;
    account.passphrase_hash = Some(passphrase::seal(app, &mut tx, id, &hash).await?);
    people::save(&mut tx, &account).await?;
    let ended = table::end_others_of(&mut tx, id, session.id).await?;
    let detail = json!({ "other_sessions": ended });
    mail::notice(app, &mut tx, id, mail::Change::Passphrase).await?;
    record(&mut tx, now, &session.actor, "person.change_passphrase", id, &detail).await?;
    tx.commit().await?;
    app.turn_away(Whose::Person(id));
    Ok(())
}

/// The only words there are for a sign-in that failed.
fn no_match() -> Error {
    Error::Invalid {
        field: None,
        message: "This address and this passphrase do not belong together. Look at both and try again."
            .into(),
    }
}

/// Begins a session with an id and a secret of its own; the caller records it and commits.
pub(crate) async fn begin(
    app: &App,
    tx: &mut Tx,
    person: Person,
    how: How,
    device: &Device,
) -> Result<Begun> {
    let Secret { text, digest } = secret::draw(app, "");
    let now = app.now();
    let ends_at = now.plus(app.lasting().longest);
    let session = table::Listed {
        id: SessionId::new(now, app.random()),
        device: Device {
            agent: device.agent.chars().filter(|c| !c.is_control()).take(AGENT).collect(),
            address: device.address.chars().filter(|c| !c.is_control()).take(64).collect(),
        },
        how,
        created_at: now,
        seen_at: now,
        ends_at,
    };
    let before = table::of(tx, person.id).await?;
    if !before.is_empty() && before.iter().all(|one| one.device.agent != session.device.agent) {
        mail::notice(app, tx, person.id, mail::Change::NewDevice).await?;
    }
    table::begin(tx, &session, person.id, digest).await?;
    Ok(Begun { cookie: text, ends_at, person })
}

/// Whether somebody can have a session at all.
pub(crate) fn may_enter(person: &Person) -> bool {
    !person.deactivated && !person.service
}

/// Adds a link; its id and its secret.
pub(crate) async fn add_link(
    app: &App,
    tx: &mut Tx,
    purpose: Purpose,
    now: Instant,
    good_for: Span,
) -> Result<(TokenId, String)> {
    let Secret { text, digest } = secret::draw(app, "");
    let id = TokenId::new(now, app.random());
    let link = links::Link { id, purpose, ends_at: now.plus(good_for), used_at: None };
    links::add(tx, &link, digest, now).await?;
    Ok((id, text))
}

async fn good_link(app: &App, tx: &mut Tx, token: &str) -> Result<links::Link> {
    let link = links::find(tx, secret::digest(token)).await?;
    link.filter(|link| link.used_at.is_none() && app.now() < link.ends_at).ok_or(Error::NotFound)
}

pub(crate) async fn active(tx: &mut Tx, person: PersonId) -> Result<Option<Person>> {
    Ok(people::get(tx, person).await?.filter(may_enter))
}

/// What acts need to know of a person.
pub(crate) fn actor_of(person: &Person) -> Actor {
    Actor::of(person)
}

pub(crate) fn person_name(name: &str) -> Result<PersonName> {
    PersonName::chosen(name).map_err(|refused| not_accepted("name", &refused))
}

/// Refuses a name that looks like that of somebody else in letters of another script: whoever reads it beside a
/// decision would take one for the other. `whose` may look like themselves.
pub(crate) async fn refuse_lookalike(tx: &mut Tx, name: &PersonName, whose: Option<PersonId>) -> Result<()> {
    let others = people::all(tx).await?;
    let taken = |person: &Person| Some(person.id) != whose && domain::lookalike::alike(name, &person.name);
    if others.iter().any(taken) {
        return Err(Error::invalid(
            "name",
            "This looks like the name of somebody else here, with letters of another script. Write all of it in one.",
        ));
    }
    Ok(())
}

pub(crate) fn not_accepted(field: &'static str, refused: &NotAccepted) -> Error {
    Error::invalid(field, refused.0)
}

/// An entry of the record of acts about `subject`.
pub(crate) async fn record(
    tx: &mut Tx,
    now: Instant,
    actor: &Actor,
    act: &str,
    subject: impl std::fmt::Display,
    detail: &serde_json::Value,
) -> Result<()> {
    Ok(audit::record(tx, now, actor, act, &subject.to_string(), &detail.to_string()).await?)
}
