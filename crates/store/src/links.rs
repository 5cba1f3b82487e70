//! One-time links, found by the SHA-256 of what stands in their address.

use crate::{
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    Instant, PersonId, TokenId,
    evidence::Digest32,
    person::{Email, PersonName, Role},
};
use uuid::Uuid;

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// The first administrator sets the workspace up.
    SetUp,
    /// Somebody new, or somebody whose account was closed, joins.
    Invitation {
        /// The address that was invited.
        email: Email,
        /// The name the inviter gave.
        name: PersonName,
        /// The role they will have.
        role: Role,
    },
    /// A person signs in without a passphrase.
    SignIn(PersonId),
}

impl Purpose {
    const fn key(&self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Invitation { .. } => "invitation",
            Self::SignIn(_) => "sign_in",
        }
    }
}

/// A link without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which one.
    pub id: TokenId,
    /// What it is for.
    pub purpose: Purpose,
    /// When it ends, used or not.
    pub ends_at: Instant,
    /// When it was used.
    pub used_at: Option<Instant>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    person: Option<Uuid>,
    email: Option<String>,
    name: Option<String>,
    role: Option<String>,
    ends_at: i64,
    used_at: Option<i64>,
}

/// Adds a link.
pub async fn add(tx: &mut Tx, link: &Link, secret: Digest32, at: Instant) -> Result<()> {
    let (person, invited) = match &link.purpose {
        Purpose::SetUp => (None, None),
        Purpose::Invitation { email, name, role } => {
            (None, Some((email.as_str(), name.as_str(), role.key())))
        }
        Purpose::SignIn(person) => (Some(person.0), None),
    };
    run!(
        tx,
        "INSERT INTO links (id, kind, token_hash, person, email, name, role, created_at, ends_at, used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL)",
        link.id.0,
        link.purpose.key(),
        secret.0.as_slice(),
        person,
        invited.map(|(email, _, _)| email),
        invited.map(|(_, name, _)| name),
        invited.map(|(_, _, role)| role),
        at.as_micros(),
        link.ends_at.as_micros()
    )?;
    Ok(())
}

/// The link of a secret, also one that is over.
pub async fn find(tx: &mut Tx, secret: Digest32) -> Result<Option<Link>> {
    row!(
        tx,
        Row,
        "SELECT id, kind, person, email, name, role, ends_at, used_at FROM links WHERE token_hash = $1",
        secret.0.as_slice()
    )?
    .map(link)
    .transpose()
}

/// Gives a link that is still good another secret, so that only the newest letter works; what it is for.
pub async fn renew(tx: &mut Tx, id: TokenId, secret: Digest32, now: Instant) -> Result<Option<Purpose>> {
    row!(
        tx,
        Row,
        "UPDATE links SET token_hash = $2 WHERE id = $1 AND used_at IS NULL AND ends_at > $3
         RETURNING id, kind, person, email, name, role, ends_at, used_at",
        id.0,
        secret.0.as_slice(),
        now.as_micros()
    )?
    .map(purpose)
    .transpose()
}

/// The invitation of an address that nobody used and that is still good.
pub async fn invitation_of(tx: &mut Tx, email: &Email, now: Instant) -> Result<Option<Link>> {
    row!(
        tx,
        Row,
        "SELECT id, kind, person, email, name, role, ends_at, used_at FROM links
         WHERE kind = 'invitation' AND email = $1 AND used_at IS NULL AND ends_at > $2
         ORDER BY created_at DESC, id DESC LIMIT 1",
        email.as_str(),
        now.as_micros()
    )?
    .map(link)
    .transpose()
}

/// Invitations that nobody used and that are still good, the newest first.
pub async fn invitations(tx: &mut Tx, now: Instant) -> Result<Vec<Link>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT id, kind, person, email, name, role, ends_at, used_at FROM links
         WHERE kind = 'invitation' AND used_at IS NULL AND ends_at > $1 ORDER BY created_at DESC, id DESC",
        now.as_micros()
    )?;
    rows.into_iter().map(link).collect()
}

/// Ends an invitation that nobody used; whether there was one.
pub async fn end_invitation(tx: &mut Tx, id: TokenId) -> Result<bool> {
    let ended =
        run!(tx, "DELETE FROM links WHERE id = $1 AND kind = 'invitation' AND used_at IS NULL", id.0)?;
    Ok(ended > 0)
}

fn link(row: Row) -> Result<Link> {
    Ok(Link {
        id: TokenId(row.id),
        ends_at: Instant::from_micros(row.ends_at),
        used_at: row.used_at.map(Instant::from_micros),
        purpose: purpose(row)?,
    })
}

fn purpose(row: Row) -> Result<Purpose> {
    let invited = (row.email, row.name, row.role);
    match (row.kind.as_str(), row.person, invited) {
        ("set_up", _, _) => Ok(Purpose::SetUp),
        ("sign_in", Some(person), _) => Ok(Purpose::SignIn(PersonId(person))),
        ("invitation", _, (Some(email), Some(name), Some(role))) => Ok(Purpose::Invitation {
            email: email.parse().map_err(|_| Error::unknown("the address", email))?,
            name: name.parse().map_err(|_| Error::unknown("the name", name))?,
            role: Role::from_key(&role).ok_or_else(|| Error::unknown("the role", role))?,
        }),
        _ => Err(Error::unknown("the link", row.kind)),
    }
}

/// Uses a link up; `false` if it was used before or is over. Of two at once only one gets `true`.
pub async fn use_up(tx: &mut Tx, id: TokenId, at: Instant) -> Result<bool> {
    let used = run!(
        tx,
        "UPDATE links SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND ends_at > $2",
        id.0,
        at.as_micros()
    )?;
    Ok(used > 0)
}

/// Ends set-up links that nobody used.
pub async fn end_set_up(tx: &mut Tx) -> Result<u64> {
    run!(tx, "DELETE FROM links WHERE kind = 'set_up' AND used_at IS NULL")
}

/// Ends invitations of an address that nobody used.
pub async fn end_invitations_of(tx: &mut Tx, email: &Email) -> Result<u64> {
    run!(tx, "DELETE FROM links WHERE kind = 'invitation' AND email = $1 AND used_at IS NULL", email.as_str())
}

/// Ends sign-in links of a person that nobody used.
pub async fn end_all_of(tx: &mut Tx, person: PersonId) -> Result<u64> {
    run!(tx, "DELETE FROM links WHERE person = $1 AND used_at IS NULL", person.0)
}
