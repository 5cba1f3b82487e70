//! Signing in with a provider of OpenID Connect: how it is set, who people are to it, and going to it and back.
//!
//! ```text
//! /sign-in/provider → the provider → /sign-in/provider/answer → code exchanged → ID token verified → admitted
//! ```
//!
//! What the provider says is judged by [`openid`], and everything is fetched through [`crate::outbound`]. Groups give
//! roles at every sign-in, never more than was written down. The only administrator stays one, whatever groups say, so
//! that a place cannot lose its last.

mod admitting;
mod asking;
mod entering;
mod parting;

pub(crate) use asking::Known;
pub use entering::{Answer, Arrived, Going, WAITS, answer, begin};
pub use parting::{farewell, way_out};

use crate::{
    App, Error, Result, secrets,
    sign_in::{How, Session, record},
};
use domain::{
    access::{Action, Actor},
    group_roles::GroupRoles,
    person::{NotAccepted, Role},
};
use serde_json::json;
use store::{Tx, providers as table};
use subtle::ConstantTimeEq as _;

/// The name of the client secret among the sealed ones.
const SECRET: &str = "provider/client-secret";
/// What is asked for beside `openid` unless somebody chooses otherwise.
pub const SCOPES: &str = "profile email";

/// How people sign in with a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// What people call it, 1 to 60 characters.
    pub label: String,
    /// Its address, exactly as it names itself.
    pub issuer: String,
    /// What it calls this installation.
    pub client: String,
    /// Scopes that are asked for beside `openid`, with blanks between.
    pub scopes: String,
    /// The claim that lists groups; empty if none does.
    pub groups_claim: String,
    /// Which role which groups give.
    pub roles: GroupRoles,
    /// Whether people who are unknown get an account when they come in.
    pub newcomers: bool,
    /// Whether passphrases, passkeys and mailed links open anything beside it.
    pub other_ways: bool,
    /// Counts changes; 0 before the first.
    pub revision: i64,
}

/// What an administrator wants of it.
#[derive(Clone)]
pub struct Change {
    /// Everything but the secret; [`Provider::revision`] is the one that was read.
    pub provider: Provider,
    /// The client secret; empty keeps the one there is.
    pub secret: String,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// The provider as the settings of an installation say it; they go before the settings page.
#[derive(Clone)]
pub struct Configured {
    /// Everything but the secret; its revision does not count.
    pub provider: Provider,
    /// The client secret.
    pub secret: String,
}

impl std::fmt::Debug for Configured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Configured").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// The provider with what its page shows beside it.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The provider, if one is set.
    pub provider: Option<Provider>,
    /// How many people it knows.
    pub linked: i64,
    /// Whether the settings of the installation say how it is, and nobody else can.
    pub configured: bool,
}

/// What everybody may know before they sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What people call the provider.
    pub label: String,
    /// Whether there are other ways in.
    pub other_ways: bool,
}

/// What is shown to whoever wants to sign in, if a provider is set. One statement.
pub async fn shown(app: &App) -> Result<Option<Shown>> {
    let found = table::load(&mut app.db().read().await?).await?;
    Ok(found.map(|found| Shown { label: found.label, other_ways: found.other_ways }))
}

/// Everything about it, for administrators.
pub async fn overview(app: &App, actor: &Actor) -> Result<Overview> {
    let mut tx = app.read(actor, Action::Administer).await?;
    let configured = app.provider().configured().is_some();
    let Some(provider) = load(&mut tx).await? else {
        return Ok(Overview { provider: None, linked: 0, configured });
    };
    let linked = table::known(&mut tx, &provider.issuer).await?;
    Ok(Overview { provider: Some(provider), linked, configured })
}

/// Sets the provider, after it described itself at the address given. Another address needs the secret anew, so that
/// nobody can have the old one sent elsewhere; the other ways in are closed only by somebody who came in by this one.
pub async fn set(app: &App, session: &Session, change: Change) -> Result<()> {
    let actor = &session.actor;
    refuse_configured(app)?;
    let before = load(&mut app.read(actor, Action::Administer).await?).await?;
    let secret = change.secret.trim();
    let provider = checked(change.provider)?;
    if secret.len() > 1_000 {
        return Err(Error::invalid("secret", "A client secret has at most 1,000 characters."));
    }
    let moved = before.as_ref().is_none_or(|before| before.issuer != provider.issuer);
    if moved && secret.is_empty() {
        return Err(Error::invalid(
            "secret",
            "A new address needs the client secret as well. Copy it from the provider.",
        ));
    }
    let closes = !provider.other_ways && before.as_ref().is_none_or(|before| before.other_ways);
    if closes && (session.how != How::Provider || moved) {
        return Err(Error::invalid(
            "other_ways",
            "Sign in this way yourself first; then it is certain that it works, and the other ways can be closed.",
        ));
    }
    if moved {
        // A provider that does not answer is met here rather than by everybody at the sign-in.
        asking::look(app, &provider.issuer).await.map_err(|failed| {
            Error::invalid("issuer", format!("Nothing was saved: {failed}. Look at the address."))
        })?;
    }

    let mut tx = app.write(actor, Action::Administer).await?;
    if !table::save(&mut tx, &kept(&provider)?).await? {
        return Err(Error::changed_meanwhile());
    }
    if !secret.is_empty() {
        secrets::keep(app, &mut tx, SECRET, secret.as_bytes()).await?;
    }
    let detail = detail(&provider, !secret.is_empty());
    record(&mut tx, app.now(), actor, "provider.set", "workspace", &detail).await?;
    Ok(tx.commit().await?)
}

/// Makes the record say what the settings of the installation say, where they say anything: at every start. It is not
/// asked whether the provider answers just now; whoever runs the installation may always close the other ways in.
///
/// # Errors
/// [`Error::Invalid`] about what cannot be kept, with the words of the settings page.
pub async fn configure(app: &App) -> Result<()> {
    let Some(wanted) = app.provider().configured() else { return Ok(()) };
    let provider = checked(wanted.provider.clone())?;
    let us = Actor::installation();
    let mut tx = app.write(&us, Action::Administer).await?;
    let before = load(&mut tx).await?;
    let revision = before.as_ref().map_or(0, |before| before.revision);
    let provider = Provider { revision, ..provider };
    let opened = if before.is_some() { secrets::open(app, &mut tx, SECRET).await? } else { None };
    let same = opened.is_some_and(|known| known.bytes().ct_eq(wanted.secret.as_bytes()).into());
    if same && before.as_ref() == Some(&provider) {
        return Ok(());
    }
    if !table::save(&mut tx, &kept(&provider)?).await? {
        // Another node starts at the same moment, with the same settings.
        return Ok(());
    }
    secrets::keep(app, &mut tx, SECRET, wanted.secret.as_bytes()).await?;
    record(&mut tx, app.now(), &us, "provider.set", "workspace", &detail(&provider, !same)).await?;
    Ok(tx.commit().await?)
}

fn refuse_configured(app: &App) -> Result<()> {
    match app.provider().configured() {
        Some(_) => Err(Error::conflict(
            "The settings of this installation say how people sign in. Whoever runs it can change them there; nothing was changed.",
        )),
        None => Ok(()),
    }
}

/// A provider as the record has it after a change.
fn kept(provider: &Provider) -> Result<table::Provider> {
    Ok(table::Provider {
        label: provider.label.clone(),
        issuer: provider.issuer.clone(),
        client: provider.client.clone(),
        scopes: provider.scopes.clone(),
        groups_claim: provider.groups_claim.clone(),
        roles: serde_json::to_string(&provider.roles).map_err(Error::internal)?,
        newcomers: provider.newcomers,
        other_ways: provider.other_ways,
        revision: provider.revision.saturating_add(1),
    })
}

fn detail(provider: &Provider, secret: bool) -> serde_json::Value {
    json!({
        "issuer": provider.issuer,
        "client": provider.client,
        "secret": secret,
        "groups": provider.roles,
        "newcomers": provider.newcomers,
        "other_ways": provider.other_ways,
    })
}

/// Removes the provider. Whoever came in by it stays until their session ends; who they are to it is remembered.
pub async fn remove(app: &App, actor: &Actor) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    refuse_configured(app)?;
    if !table::remove(&mut tx).await? {
        return Err(Error::NotFound);
    }
    secrets::forget(&mut tx, SECRET).await?;
    record(&mut tx, app.now(), actor, "provider.remove", "workspace", &json!({})).await?;
    Ok(tx.commit().await?)
}

/// Forgets who people are to the provider: after it gave everybody another name, say. At their next sign-in they are
/// found by their address again.
pub async fn forget_links(app: &App, actor: &Actor) -> Result<()> {
    let mut tx = app.write(actor, Action::Administer).await?;
    let provider = table::load(&mut tx).await?.ok_or(Error::NotFound)?;
    let people = table::unlink_all(&mut tx, &provider.issuer).await?;
    record(&mut tx, app.now(), actor, "provider.forget_links", "workspace", &json!({ "people": people }))
        .await?;
    Ok(tx.commit().await?)
}

/// Refuses every other way in where only the provider is one.
pub(crate) async fn refuse_other_ways(tx: &mut Tx) -> Result<()> {
    match table::load(tx).await? {
        Some(provider) if !provider.other_ways => Err(Error::Invalid {
            field: None,
            message: format!("People sign in with {} here. Nothing else opens an account.", provider.label),
        }),
        _ => Ok(()),
    }
}

pub(crate) async fn load(tx: &mut Tx) -> Result<Option<Provider>> {
    let Some(found) = table::load(tx).await? else { return Ok(None) };
    Ok(Some(Provider {
        label: found.label,
        issuer: found.issuer,
        client: found.client,
        scopes: found.scopes,
        groups_claim: found.groups_claim,
        roles: serde_json::from_str(&found.roles).map_err(Error::internal)?,
        newcomers: found.newcomers,
        other_ways: found.other_ways,
        revision: found.revision,
    }))
}

/// The groups of a role as a field of a form names them, one on each line.
///
/// # Errors
/// [`Error::Invalid`] about that field.
pub fn name_groups(roles: &mut GroupRoles, role: Role, lines: &str) -> Result<()> {
    let field = match role {
        Role::Administrator => "administrators",
        Role::Member => "members",
        Role::Reader => "readers",
    };
    roles.name(role, lines).map_err(|refused| in_field(field, &refused))
}

/// The role of everybody else, as a field of a form names it; empty: they stay outside.
///
/// # Errors
/// [`Error::Invalid`] about that field.
pub fn let_others_be(roles: &mut GroupRoles, key: &str) -> Result<()> {
    roles.let_others_be(Role::from_key(key)).map_err(|refused| in_field("others", &refused))
}

fn in_field(field: &'static str, refused: &NotAccepted) -> Error {
    Error::invalid(field, refused.0)
}

/// The provider without outer blanks, if it can be kept.
fn checked(provider: Provider) -> Result<Provider> {
    let trimmed = |text: &str| text.trim().to_owned();
    let plain = |text: &str, most: usize| text.len() <= most && text.bytes().all(|b| b.is_ascii_graphic());
    let label = trimmed(&provider.label);
    if label.is_empty() || label.chars().count() > 60 || label.chars().any(char::is_control) {
        return Err(Error::invalid("label", "It has a name of 1 to 60 characters."));
    }
    let issuer = trimmed(&provider.issuer);
    if !openid::is_issuer(&issuer) {
        return Err(Error::invalid(
            "issuer",
            "This is an address such as https://id.larkfare.example/realms/main, without ? and #.",
        ));
    }
    let client = trimmed(&provider.client);
    if client.is_empty() || !plain(&client, 200) {
        return Err(Error::invalid("client", "A client ID has 1 to 200 letters, digits and signs."));
    }
    let scopes: Vec<&str> = provider.scopes.split_whitespace().filter(|scope| *scope != "openid").collect();
    if scopes.len() > 20 || scopes.iter().any(|scope| !plain(scope, 200)) {
        return Err(Error::invalid("scopes", "At most 20 scopes, with blanks between."));
    }
    let groups_claim = trimmed(&provider.groups_claim);
    if groups_claim.chars().count() > 200 || groups_claim.chars().any(char::is_control) {
        return Err(Error::invalid("groups_claim", "A claim has a name of at most 200 characters."));
    }
    if provider.roles.decide() && groups_claim.is_empty() {
        return Err(Error::invalid("groups_claim", "Groups give roles only if a claim lists them."));
    }
    if provider.newcomers && !provider.roles.decide() && provider.roles.others().is_none() {
        return Err(Error::invalid("others", "Choose what newcomers may do, or name groups that say so."));
    }
    Ok(Provider { label, issuer, client, scopes: scopes.join(" "), groups_claim, ..provider })
}
