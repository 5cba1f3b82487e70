//! The record on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod checkpoints;
mod copying;
mod documents;
mod identity;
mod jobs;
mod schema;
mod versions;

use domain::{
    Instant, PersonId,
    access::Actor,
    person::{Person, Role},
};
use store::{Db, people};

const NOW: Instant = Instant::from_seconds(1_794_635_220);

/// Somebody in the record, told apart by `n`.
async fn somebody(db: &Db, n: u8, role: Role) -> Person {
    let person = Person {
        id: PersonId::new(NOW, [n; 10]),
        name: format!("Person {n}").parse().unwrap(),
        email: format!("person{n}@larkfare.example").parse().unwrap(),
        role,
        zone: None,
        deactivated: false,
        service: false,
    };
    let mut tx = db.write().await.unwrap();
    let account = people::Account { person: person.clone(), passphrase_hash: None };
    people::add(&mut tx, &account, NOW).await.unwrap();
    tx.commit().await.unwrap();
    person
}

fn actor(person: &Person) -> Actor {
    Actor::of(person)
}
