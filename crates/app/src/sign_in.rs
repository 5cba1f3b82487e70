//! Who somebody is: one-time links, passphrases, sessions.

use crate::{App, Error, Result};
use domain::{Instant, SessionId, access::Actor, person::Person};

/// A session that was just begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// What the browser keeps in its cookie; only a hash of it is stored.
    pub cookie: String,
    /// When it ends at the latest.
    pub ends_at: Instant,
    /// Who signed in.
    pub person: Person,
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
    let _ = app;
    Err(Error::internal("not built yet"))
}

/// A sign-in link for a person, valid for `hours`; for the command line and the demo.
pub async fn sign_in_link(app: &App, actor: &Actor, email: &str, hours: i64) -> Result<String> {
    let _ = (app, actor, email, hours);
    Err(Error::internal("not built yet"))
}

/// What a link is for, without using it up. Unknown, used and outdated links are all [`Error::NotFound`].
pub async fn look_at_link(app: &App, token: &str) -> Result<Link> {
    let _ = (app, token);
    Err(Error::internal("not built yet"))
}

/// Uses the set-up link: creates workspace and first administrator.
pub async fn set_up(app: &App, token: &str, answers: SetUp) -> Result<Begun> {
    let _ = (app, token, answers);
    Err(Error::internal("not built yet"))
}

/// Uses an invitation.
pub async fn accept_invitation(app: &App, token: &str, name: &str, passphrase: &str) -> Result<Begun> {
    let _ = (app, token, name, passphrase);
    Err(Error::internal("not built yet"))
}

/// Uses a sign-in link.
pub async fn use_sign_in_link(app: &App, token: &str) -> Result<Begun> {
    let _ = (app, token);
    Err(Error::internal("not built yet"))
}

/// Signs in with address and passphrase. Wrong address and wrong passphrase cannot be told apart, in words or
/// in time; many tries from one address or on one account are slowed down ([`Error::Unavailable`]).
pub async fn sign_in(app: &App, email: &str, passphrase: &str, from: &str) -> Result<Begun> {
    let _ = (app, email, passphrase, from);
    Err(Error::internal("not built yet"))
}

/// The session of a cookie, if it is still good. One statement.
pub async fn session(app: &App, cookie: &str) -> Result<Option<Session>> {
    let _ = (app, cookie);
    Err(Error::internal("not built yet"))
}

/// The actor of an API token, if it is still good.
pub async fn bearer(app: &App, token: &str) -> Result<Option<Actor>> {
    let _ = (app, token);
    Err(Error::internal("not built yet"))
}

/// Ends a session.
pub async fn sign_out(app: &App, session: &Session) -> Result<()> {
    let _ = (app, session);
    Err(Error::internal("not built yet"))
}

/// Slows down whoever tries many passphrases.
#[derive(Debug, Default)]
pub(crate) struct Throttle {}
