//! Who somebody from the provider is here, and what they may do from now on.

use super::Provider;
use crate::{
    App, Error, Result, secret,
    sign_in::{self, Begun, Device, How, actor_of, record, refuse_lookalike},
};
use collab::Whose;
use domain::{
    Instant, PersonId, TokenId,
    access::{Action, Actor},
    group_roles::Given,
    person::{Email, Person, PersonName, Role},
};
use openid::Said;
use serde_json::json;
use store::{
    Tx,
    links::{self, Purpose},
    people::{self, Account},
    providers as table,
};

/// Why somebody stays outside. For the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outside {
    Closed,
    NoAddress,
    Unknown,
    OtherAccount,
    NoGroup,
    NoName,
}

/// Begins a session for whoever the provider speaks of: somebody it is known to mean, or whose verified address is here
/// or was invited, or, where newcomers may come in, somebody new. Their groups give them their role.
pub(super) async fn admit(app: &App, provider: &Provider, said: &Said, device: &Device) -> Result<Begun> {
    let now = app.now();
    let groups = said.groups(&provider.groups_claim).unwrap_or_default();
    let given = provider.roles.given(&groups);
    let mut tx = app.db().write().await?;
    people::lock(&mut tx).await?;
    let found = found(&mut tx, provider, said).await?;
    if given == Given::Nothing {
        return Err(outside(provider, Outside::NoGroup));
    }
    let (person, is_linked) = match found {
        Some((account, is_linked)) if sign_in::may_enter(&account.person) => {
            (with_role(&mut tx, account, given, now).await?, is_linked)
        }
        Some((account, is_linked)) => {
            let invited = invited(&mut tx, &account.person.email, now).await?;
            let invited = invited.filter(|_| !account.person.service);
            let Some(invited) = invited else { return Err(outside(provider, Outside::Closed)) };
            (back_again(&mut tx, account, given, invited, now).await?, is_linked)
        }
        None => {
            let email = address(provider, said)?;
            let invited = invited(&mut tx, &email, now).await?;
            (newcomer(app, &mut tx, provider, said, email, given, invited).await?, false)
        }
    };
    if !is_linked {
        table::link(&mut tx, &provider.issuer, &said.subject, person.id, now).await?;
        let detail = json!({ "issuer": provider.issuer });
        record(&mut tx, now, &actor_of(&person), "person.link", person.id, &detail).await?;
    }
    let begun = sign_in::begin(app, &mut tx, person, How::Provider, device).await?;
    if let Some(session) = &said.session {
        table::name_session(&mut tx, secret::digest(&begun.cookie), session).await?;
    }
    let detail = json!({ "by": How::Provider.key() });
    record(&mut tx, now, &actor_of(&begun.person), "session.begin", begun.person.id, &detail).await?;
    tx.commit().await?;
    // Open documents asked for the role when they were joined.
    app.turn_away(Whose::Person(begun.person.id));
    Ok(begun)
}

/// The account of whoever is meant, and whether it was linked before.
async fn found(tx: &mut Tx, provider: &Provider, said: &Said) -> Result<Option<(Account, bool)>> {
    if let Some(person) = table::person(tx, &provider.issuer, &said.subject).await? {
        let account = people::account(tx, person).await?.ok_or(Error::NotFound)?;
        return Ok(Some((account, true)));
    }
    let Some(account) = people::by_email(tx, &address(provider, said)?).await? else { return Ok(None) };
    // An address that went to somebody else must not open the account of whoever had it before.
    if table::knows(tx, &provider.issuer, account.person.id).await? {
        return Err(outside(provider, Outside::OtherAccount));
    }
    Ok(Some((account, false)))
}

/// The address that the provider vouches for.
fn address(provider: &Provider, said: &Said) -> Result<Email> {
    let verified = said.email().filter(|_| said.email_is_verified());
    verified.and_then(|email| email.parse().ok()).ok_or_else(|| outside(provider, Outside::NoAddress))
}

/// Gives somebody who is here the role of their groups; the only administrator keeps theirs.
async fn with_role(tx: &mut Tx, mut account: Account, given: Given, now: Instant) -> Result<Person> {
    let (before, id) = (account.person.role, account.person.id);
    let Given::Role(role) = given else { return Ok(account.person) };
    if role == before {
        return Ok(account.person);
    }
    let us = Actor::installation();
    if before == Role::Administrator && people::administrators(tx).await? <= 1 {
        let detail = json!({ "groups_give": role, "because": "the only administrator" });
        record(tx, now, &us, "person.keep_role", id, &detail).await?;
        return Ok(account.person);
    }
    account.person.role = role;
    people::save(tx, &account).await?;
    if role < Action::LookInto.needs() {
        store::sharing::end_openings_of(tx, id, now).await?;
    }
    let detail = json!({ "from": before, "to": role, "by": "groups" });
    record(tx, now, &us, "person.set_role", id, &detail).await?;
    Ok(account.person)
}

/// Somebody who was invited: the invitation, the name that was given with it, and the role.
struct Invited {
    link: TokenId,
    name: PersonName,
    role: Role,
}

/// The invitation of an address, used up by whoever proves to have it.
async fn invited(tx: &mut Tx, email: &Email, now: Instant) -> Result<Option<Invited>> {
    let Some(link) = links::invitation_of(tx, email, now).await? else { return Ok(None) };
    let Purpose::Invitation { name, role, .. } = link.purpose else { return Ok(None) };
    Ok(links::use_up(tx, link.id, now).await?.then_some(Invited { link: link.id, name, role }))
}

impl Invited {
    /// Their role: groups decide where they do.
    fn role_with(&self, given: Given) -> Role {
        if let Given::Role(role) = given { role } else { self.role }
    }
}

/// Somebody whose account was closed and who was invited again.
async fn back_again(
    tx: &mut Tx,
    mut account: Account,
    given: Given,
    invited: Invited,
    now: Instant,
) -> Result<Person> {
    let role = invited.role_with(given);
    account.person = Person { role, deactivated: false, ..account.person };
    // What opened the account before it was closed stays closed.
    account.passphrase_hash = None;
    people::save(tx, &account).await?;
    let detail = json!({ "by": How::Provider.key(), "invitation": invited.link, "role": role });
    record(tx, now, &actor_of(&account.person), "person.join", account.person.id, &detail).await?;
    Ok(account.person)
}

/// An account for somebody who is new: who was invited, or anybody where newcomers may come in.
async fn newcomer(
    app: &App,
    tx: &mut Tx,
    provider: &Provider,
    said: &Said,
    email: Email,
    given: Given,
    invited: Option<Invited>,
) -> Result<Person> {
    let role = match (given, &invited) {
        (given, Some(invited)) => invited.role_with(given),
        (Given::Role(role) | Given::Theirs { new: role }, None) if provider.newcomers => role,
        _ => return Err(outside(provider, Outside::Unknown)),
    };
    let now = app.now();
    let local = email.as_str().split('@').next().unwrap_or_default().to_owned();
    let of_invitation = invited.as_ref().map(|invited| invited.name.to_string());
    let mut name = None;
    for said in [said.name(), of_invitation, Some(local)].into_iter().flatten() {
        let Ok(chosen) = PersonName::chosen(&said) else { continue };
        match refuse_lookalike(tx, &chosen, None).await {
            Ok(()) => name = Some(chosen),
            // Another name of theirs will do only where somebody here vouched for it.
            Err(Error::Invalid { .. }) if invited.is_some() => continue,
            Err(Error::Invalid { .. }) => {}
            Err(error) => return Err(error),
        }
        break;
    }
    let name = name.ok_or_else(|| outside(provider, Outside::NoName))?;
    let id = PersonId::new(now, app.random());
    let person = Person { id, name, email, role, zone: None, deactivated: false, service: false };
    people::add(tx, &Account { person: person.clone(), passphrase_hash: None }, now).await?;
    let link = invited.map(|invited| invited.link);
    let detail = json!({ "by": How::Provider.key(), "invitation": link, "role": role });
    record(tx, now, &actor_of(&person), "person.join", id, &detail).await?;
    Ok(person)
}

/// The refusal: what happened and what to do, for whoever has just shown who they are.
fn outside(provider: &Provider, why: Outside) -> Error {
    tracing::info!(?why, "somebody from the provider of single sign-on stays outside");
    let label = &provider.label;
    let message = match why {
        Outside::Closed => {
            "Your account here is closed. What you wrote is kept; an administrator can invite you again."
                .into()
        }
        Outside::NoAddress => format!(
            "{label} vouches for no e-mail address of yours, so you are not found here. Nothing was changed; whoever \
             looks after {label} can have your address verified."
        ),
        Outside::Unknown => format!(
            "{label} knows you, but nobody here has your address. Nothing was changed; an administrator can invite you."
        ),
        Outside::OtherAccount => format!(
            "Somebody else at {label} signs in with this address here. Nothing was changed; an administrator can sort \
             it out."
        ),
        Outside::NoGroup => format!(
            "None of your groups at {label} opens this place. Nothing was changed; an administrator can name one of \
             them."
        ),
        Outside::NoName => format!(
            "Your name at {label} cannot be used here: it is missing, or looks like somebody else's. Nothing was \
             changed; an administrator can invite you."
        ),
    };
    Error::Invalid { field: None, message }
}
