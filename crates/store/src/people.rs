//! People of the workspace.

use crate::{
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    Instant, PersonId,
    person::{Email, Person, Role},
};
use uuid::Uuid;

/// What the hash of a passphrase begins with when it lies under a seal; what follows only `app::passphrase` can read.
pub const SEALED: &str = "sealed:";

/// A person together with what proves who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub person: Person,
    /// The Argon2id hash of the passphrase in PHC form, as earlier versions wrote it, or what begins with [`SEALED`];
    /// `None` for people who never chose one.
    pub passphrase_hash: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    email: String,
    role: String,
    zone: Option<String>,
    passphrase_hash: Option<String>,
    deactivated_at: Option<i64>,
    service: bool,
}

impl TryFrom<Row> for Account {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let person =
            person(row.id, row.name, row.email, row.role, row.zone, row.deactivated_at, row.service)?;
        Ok(Self { person, passphrase_hash: row.passphrase_hash })
    }
}

/// A person from the columns that hold one; sessions and tokens read them beside their own.
pub(crate) fn person(
    id: Uuid,
    name: String,
    email: String,
    role: String,
    zone: Option<String>,
    deactivated_at: Option<i64>,
    service: bool,
) -> Result<Person> {
    Ok(Person {
        id: PersonId(id),
        name: name.parse().map_err(|_| Error::unknown("the name", name))?,
        email: email.parse().map_err(|_| Error::unknown("the address", email))?,
        role: Role::from_key(&role).ok_or_else(|| Error::unknown("the role", role))?,
        zone,
        deactivated: deactivated_at.is_some(),
        service,
    })
}

/// Keeps everybody else from changing who is here and who may what, until the transaction ends: rules about
/// all people together (one administrator remains, an address is there once) hold on several nodes.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    run!(tx, "UPDATE counters SET value = value + 1 WHERE name = 'people'")?;
    Ok(())
}

/// Everybody, in no order that people would recognise.
pub async fn all(tx: &mut Tx) -> Result<Vec<Person>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT id, name, email, role, zone, passphrase_hash, deactivated_at, service FROM people ORDER BY id"
    )?;
    rows.into_iter().map(|row| Account::try_from(row).map(|account| account.person)).collect()
}

/// Whether there is anybody at all, deactivated or not.
pub async fn anybody(tx: &mut Tx) -> Result<bool> {
    let first: Option<(i64,)> =
        row!(tx, (i64,), "SELECT COUNT(*) FROM (SELECT id FROM people LIMIT 1) AS p")?;
    Ok(first.is_some_and(|(count,)| count > 0))
}

/// One person, deactivated or not.
pub async fn get(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    Ok(account(tx, id).await?.map(|account| account.person))
}

/// One person with what proves who they are.
pub async fn account(tx: &mut Tx, id: PersonId) -> Result<Option<Account>> {
    row!(
        tx,
        Row,
        "SELECT id, name, email, role, zone, passphrase_hash, deactivated_at, service FROM people WHERE id = $1",
        id.0
    )?
    .map(Account::try_from)
    .transpose()
}

/// The person with an address, deactivated or not.
pub async fn by_email(tx: &mut Tx, email: &Email) -> Result<Option<Account>> {
    row!(
        tx,
        Row,
        "SELECT id, name, email, role, zone, passphrase_hash, deactivated_at, service FROM people WHERE email = $1",
        email.as_str()
    )?
    .map(Account::try_from)
    .transpose()
}

/// How many active administrators there are; service accounts cannot look after a place.
pub async fn administrators(tx: &mut Tx) -> Result<i64> {
    let count: Option<(i64,)> = row!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM people WHERE role = $1 AND deactivated_at IS NULL AND service = FALSE",
        Role::Administrator.key()
    )?;
    Ok(count.map_or(0, |(count,)| count))
}

/// Adds somebody new.
pub async fn add(tx: &mut Tx, account: &Account, at: Instant) -> Result<()> {
    let person = &account.person;
    run!(
        tx,
        "INSERT INTO people (id, name, email, role, zone, passphrase_hash, created_at, deactivated_at, service)
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)",
        person.id.0,
        person.name.as_str(),
        person.email.as_str(),
        person.role.key(),
        person.zone.as_deref(),
        account.passphrase_hash.as_deref(),
        at.as_micros(),
        person.service
    )?;
    Ok(())
}

/// Keeps name, role, zone and passphrase of somebody who is here, and opens the account if it was closed.
pub async fn save(tx: &mut Tx, account: &Account) -> Result<()> {
    let person = &account.person;
    run!(
        tx,
        "UPDATE people SET name = $2, role = $3, zone = $4, passphrase_hash = $5, deactivated_at = NULL
         WHERE id = $1",
        person.id.0,
        person.name.as_str(),
        person.role.key(),
        person.zone.as_deref(),
        account.passphrase_hash.as_deref()
    )?;
    Ok(())
}

/// What is kept of everybody's passphrase.
pub async fn hashes(tx: &mut Tx) -> Result<Vec<(PersonId, String)>> {
    let rows = rows!(
        tx,
        (Uuid, String),
        "SELECT id, passphrase_hash FROM people WHERE passphrase_hash IS NOT NULL ORDER BY id"
    )?;
    Ok(rows.into_iter().map(|(id, hash)| (PersonId(id), hash)).collect())
}

/// Whether anybody's passphrase lies under a seal.
pub async fn any_sealed(tx: &mut Tx) -> Result<bool> {
    let found: Option<(Uuid,)> = row!(
        tx,
        (Uuid,),
        "SELECT id FROM people WHERE passphrase_hash LIKE $1 LIMIT 1",
        format!("{SEALED}%")
    )?;
    Ok(found.is_some())
}

/// Keeps the same passphrase of somebody in another form.
pub async fn keep_hash(tx: &mut Tx, id: PersonId, hash: &str) -> Result<()> {
    run!(tx, "UPDATE people SET passphrase_hash = $2 WHERE id = $1", id.0, hash)?;
    Ok(())
}

/// Closes an account. The person stays, the passphrase goes.
pub async fn deactivate(tx: &mut Tx, id: PersonId, at: Instant) -> Result<()> {
    run!(
        tx,
        "UPDATE people SET deactivated_at = $2, passphrase_hash = NULL WHERE id = $1",
        id.0,
        at.as_micros()
    )?;
    Ok(())
}
