//! What people can do, on both databases, with a clock that stands still.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod acts;
mod attaching;
mod backups;
mod checks;
mod evidence;
mod factor;
mod hooks;
mod imports;
mod incidents;
mod jobs;
mod mail;
mod nodes;
mod passkeys;
mod people;
mod provider;
mod reach;
mod recent_edits;
mod released;
mod reshaping;
mod sealed;
mod sealed_passphrases;
mod secrets;
mod service_accounts;
mod services;
mod sessions;
mod sign_in_links;
mod signing_in;
mod sns;
mod streams;
mod timeline;
mod tokens;
mod versions;
mod withdrawing;
mod workspace;

use app::{Error, sign_in};
use domain::{access::Actor, person::Person};
use std::sync::LazyLock;
use testing::Installation;

const PASSPHRASE: &str = "eleven wet lanterns";

/// Sets the installation up; its administrator and their session.
async fn set_up(place: &Installation) -> sign_in::Session {
    let token = sign_in::set_up_link(&place.app).await.unwrap().expect("nobody is here yet");
    let begun = sign_in::set_up(&place.app, &token, answers(), here()).await.unwrap();
    sign_in::session(&place.app, &begun.cookie).await.unwrap().expect("a session")
}

fn answers() -> sign_in::SetUp {
    sign_in::SetUp {
        workspace: "Larkfare".into(),
        name: "Ada Lindqvist".into(),
        email: "Ada@Larkfare.example".into(),
        passphrase: PASSPHRASE.into(),
    }
}

/// A browser somewhere.
fn here() -> &'static sign_in::Device {
    static HERE: LazyLock<sign_in::Device> = LazyLock::new(|| sign_in::Device {
        agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".into(),
        address: "198.51.100.7".into(),
    });
    &HERE
}

/// Signs in where no second factor is asked for.
async fn enter(
    app: &app::App,
    email: &str,
    passphrase: &str,
    device: &sign_in::Device,
) -> app::Result<sign_in::Begun> {
    sign_in::sign_in(app, email, passphrase, device).await.map(came_in)
}

/// Uses a sign-in link where no second factor is asked for.
async fn follow(app: &app::App, token: &str, device: &sign_in::Device) -> app::Result<sign_in::Begun> {
    sign_in::use_sign_in_link(app, token, device).await.map(came_in)
}

fn came_in(entered: sign_in::Entered) -> sign_in::Begun {
    match entered {
        sign_in::Entered::In(begun) => begun,
        sign_in::Entered::Asks(_) => panic!("a second factor is asked for"),
    }
}

/// Invites somebody and accepts in their name.
async fn join(place: &Installation, by: &Actor, email: &str, role: domain::person::Role) -> sign_in::Begun {
    let token = app::people::invite(&place.app, by, "Somebody", email, role).await.unwrap();
    sign_in::accept_invitation(&place.app, &token, "Wren Okafor", PASSPHRASE, here()).await.unwrap()
}

fn actor(person: &Person) -> Actor {
    Actor::of(person)
}

/// Whether the outcome is the error that `pattern` names; what it was otherwise.
fn is_conflict<T: std::fmt::Debug>(outcome: app::Result<T>) -> bool {
    matches!(outcome, Err(Error::Conflict { .. }))
}

fn is_absent<T: std::fmt::Debug>(outcome: app::Result<T>) -> bool {
    matches!(outcome, Err(Error::NotFound))
}

fn is_forbidden<T: std::fmt::Debug>(outcome: app::Result<T>) -> bool {
    matches!(outcome, Err(Error::Forbidden))
}

/// The form field that an error names.
fn field<T: std::fmt::Debug>(outcome: app::Result<T>) -> Option<&'static str> {
    match outcome {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("expected a refusal of input, got {other:?}"),
    }
}

/// The acts in the record, oldest first, after checking that the chain is whole.
async fn acts(place: &Installation) -> Vec<String> {
    let db = store::Db::open(place.database_url()).await.unwrap();
    let mut tx = db.read().await.unwrap();
    let entries = store::audit::since(&mut tx, 0, 1000).await.unwrap();
    assert_eq!(store::audit::verify(&mut tx).await.unwrap(), Ok(entries.len() as i64));
    for entry in &entries {
        let detail: serde_json::Value = serde_json::from_str(&entry.detail).expect("detail is JSON");
        assert!(detail.is_object() && !entry.detail.contains(PASSPHRASE), "{entry:?}");
    }
    drop(tx);
    db.close().await;
    entries.into_iter().map(|entry| entry.act).collect()
}
