//! Hashes of passphrases lie under the key of the installation: through rotation, releases, backups, moves and a lost key.

use super::*;
use app::{
    App, backup, checking, moving, passphrase,
    secrets::{self, Rotation},
};
use domain::person::Role;
use std::path::{Path, PathBuf};
use store::{Db, people};
use testing::{Database, Fixture, Kind, both, database};

/// Of [`PASSPHRASE`], as version 0.1.0 kept it; made by the program of the reference implementation.
const AS_RELEASED: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bGFudGVybnMtYnktc2VhIQ$WbGBCmmqf4n6LqqASnMrWGcqujxJgKHH5TTA3ubNmKU";

/// An installation of one's own; its database ends with it.
async fn beside(kind: Kind) -> (Installation, Database) {
    let database = database(kind).await;
    (Installation::on(&database).await, database)
}

fn key(app: &App) -> PathBuf {
    app.data_dir().join("secret.key")
}

async fn hashes(place: &Installation) -> Vec<String> {
    let db = Db::open(place.database_url()).await.unwrap();
    let all = people::hashes(&mut db.read().await.unwrap()).await.unwrap();
    db.close().await;
    all.into_iter().map(|(_, hash)| hash).collect()
}

/// Writes the hash of somebody as version 0.1.0 did.
async fn as_released(place: &Installation, person: domain::PersonId) {
    let db = Db::open(place.database_url()).await.unwrap();
    let mut tx = db.write().await.unwrap();
    people::keep_hash(&mut tx, person, AS_RELEASED).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
}

async fn ada_enters(app: &App) -> app::Result<sign_in::Begun> {
    enter(app, "ada@larkfare.example", PASSPHRASE, here()).await
}

/// What everybody is told while the key is away, whether they are here or not.
async fn nobody_enters_without_the_key(app: &App) {
    let mut said = Vec::new();
    for email in ["ada@larkfare.example", "nobody@larkfare.example", "not an address"] {
        let refused = enter(app, email, PASSPHRASE, here()).await.unwrap_err();
        assert!(matches!(&refused, Error::Unavailable(_)), "{email}: {refused:?}");
        said.push(refused.to_string());
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("sign-in link") && !said[0].contains("secret.key"), "{said:?}");
}

async fn backed_up(place: &Installation, name: &str) -> PathBuf {
    let path = place.app.data_dir().join(name);
    backup::write(&place.app, &Actor::installation(), &path, false).await.unwrap();
    path
}

async fn restore(app: &App, path: &Path) {
    backup::restore(app, &Actor::installation(), path).await.unwrap();
}

both! {
    async fn a_hash_lies_sealed_and_bound_to_its_person(place: Installation) {
        let ada = set_up(&place).await;
        let wren = join(&place, &ada.actor, "wren@larkfare.example", Role::Member).await;
        let kept = hashes(&place).await;
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().all(|hash| hash.starts_with("sealed:") && !hash.contains("argon2")), "{kept:?}");
        assert_eq!(ada_enters(&place.app).await.unwrap().person.id, ada.person.id);
        // Somebody who can write the database puts the hash of a passphrase that they know in another's place.
        let db = Db::open(place.database_url()).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let all = people::hashes(&mut tx).await.unwrap();
        let theirs = all.iter().find(|(id, _)| *id == wren.person.id).unwrap();
        people::keep_hash(&mut tx, ada.person.id, &theirs.1).await.unwrap();
        tx.commit().await.unwrap();
        let before = passphrase::hashed(&place.app);
        let refused = ada_enters(&place.app).await;
        assert!(matches!(refused, Err(Error::Invalid { field: None, .. })), "{refused:?}");
        assert_eq!(passphrase::hashed(&place.app), before + 1, "the same work as for everybody");
        let faults = checking::check(&place.app, None).await.unwrap().faults;
        assert_eq!(faults.len(), 1, "{faults:?}");
        let what = &faults[0].what;
        assert!(what.contains("1 of 2 secrets") && what.contains("passphrase of ada@larkfare.example"), "{what}");
        enter(&place.app, "wren@larkfare.example", PASSPHRASE, here()).await.unwrap();
    }

    async fn a_new_key_leaves_everybody_their_passphrase(place: Installation) {
        let ada = set_up(&place).await;
        let before = (hashes(&place).await, std::fs::read(key(&place.app)).unwrap());
        for forget_older in [false, true] {
            let rotated = secrets::rotate(&place.app, &ada.actor, Rotation { forget_older, leave_closed: false });
            assert_eq!(rotated.await.unwrap().secrets, 1);
            ada_enters(&place.app).await.unwrap();
        }
        assert_ne!(hashes(&place).await, before.0);
        assert_eq!(checking::check(&place.app, None).await.unwrap().faults, []);
        // Another node reads the same file and has nothing of its own to know.
        let node = place.another_node().await;
        ada_enters(&node).await.unwrap();
        node.shut_down().await;
        // The older key is gone for good.
        std::fs::write(key(&place.app), before.1).unwrap();
        assert!(matches!(ada_enters(&place.app).await, Err(Error::Invalid { field: None, .. })));
    }

    async fn what_an_earlier_version_kept_is_good_and_sealed_at_the_start(place: Installation) {
        let release = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/released/0.1.0.zip");
        restore(&place.app, &release).await;
        let ada = place.somebody("Ada", Role::Administrator).await.person.unwrap();
        as_released(&place, ada).await;
        assert!(!key(&place.app).exists());
        ada_enters(&place.app).await.unwrap();
        assert!(enter(&place.app, "ada@larkfare.example", "seven dry lanterns", here()).await.is_err());
        assert_eq!(passphrase::seal_all(&place.app).await.unwrap(), 1);
        assert_eq!(passphrase::seal_all(&place.app).await.unwrap(), 0, "once");
        assert!(hashes(&place).await.iter().all(|hash| hash.starts_with("sealed:")));
        ada_enters(&place.app).await.unwrap();
        assert_eq!(acts_of(&place, "secrets.seal").await, 1);
        // One that is sealed while its owner comes in is theirs all the same.
        as_released(&place, ada).await;
        let (came, sealed) = tokio::join!(ada_enters(&place.app), passphrase::seal_all(&place.app));
        assert!(came.is_ok() && sealed.unwrap() == 1, "{came:?}");
    }

    async fn a_backup_needs_the_key_for_passphrases_and_for_nothing_else(place: Installation) {
        let ada = set_up(&place).await;
        let path = backed_up(&place, "backup.zip").await;

        let (with, _database) = beside(Kind::Sqlite).await;
        restore(&with.app, &path).await;
        std::fs::copy(key(&place.app), key(&with.app)).unwrap();
        ada_enters(&with.app).await.unwrap();
        assert_eq!(checking::check(&with.app, None).await.unwrap().faults, []);

        let (without, _database) = beside(Kind::Sqlite).await;
        restore(&without.app, &path).await;
        nobody_enters_without_the_key(&without.app).await;
        assert!(matches!(passphrase::seal_all(&without.app).await, Err(Error::Unavailable(_))));
        let faults = checking::check(&without.app, None).await.unwrap().faults;
        assert!(faults[0].what.contains("passphrase of ada@larkfare.example"), "{faults:?}");
        assert!(faults[0].remedy.contains("debrief user link"), "{faults:?}");
        // A link lets them in; a passphrase can be chosen once there is a key again.
        let installation = Actor::installation();
        let link = sign_in::sign_in_link(&without.app, &installation, "ada@larkfare.example", 1).await.unwrap();
        let begun = follow(&without.app, &link, here()).await.unwrap();
        assert_eq!(begun.person.id, ada.person.id);
        let session = sign_in::session(&without.app, &begun.cookie).await.unwrap().unwrap();
        let change = || sign_in::change_passphrase(&without.app, &session, "", "a heron on the quay");
        assert!(matches!(change().await, Err(Error::Unavailable(_))));
        assert!(!key(&without.app).exists(), "no new key takes the place of a lost one by itself");
        let rotated = secrets::rotate(&without.app, &session.actor, Rotation::default()).await;
        assert!(matches!(rotated, Err(Error::Unavailable(_))));
        let lost = Rotation { leave_closed: true, forget_older: true };
        let rotated = secrets::rotate(&without.app, &session.actor, lost).await.unwrap();
        assert_eq!((rotated.secrets, rotated.closed, rotated.keys), (0, 1, 1));
        assert!(matches!(ada_enters(&without.app).await, Err(Error::Invalid { field: None, .. })));
        change().await.unwrap();
        enter(&without.app, "ada@larkfare.example", "a heron on the quay", here()).await.unwrap();
        assert_eq!(checking::check(&without.app, None).await.unwrap().faults, []);
    }

    async fn a_lost_key_that_comes_back_opens_what_was_left_closed(place: Installation) {
        let ada = set_up(&place).await;
        let lost = std::fs::read_to_string(key(&place.app)).unwrap();
        std::fs::remove_file(key(&place.app)).unwrap();
        let rotation = Rotation { leave_closed: true, forget_older: false };
        assert_eq!(secrets::rotate(&place.app, &ada.actor, rotation).await.unwrap().closed, 1);
        assert!(ada_enters(&place.app).await.is_err());
        let now = std::fs::read_to_string(key(&place.app)).unwrap();
        std::fs::write(key(&place.app), now + &lost).unwrap();
        ada_enters(&place.app).await.unwrap();
        // A file that is no file of keys is not written over, whatever is asked for.
        std::fs::write(key(&place.app), "no key at all\n").unwrap();
        nobody_enters_without_the_key(&place.app).await;
        assert!(matches!(secrets::rotate(&place.app, &ada.actor, rotation).await, Err(Error::Unavailable(_))));
        assert_eq!(std::fs::read_to_string(key(&place.app)).unwrap(), "no key at all\n");
    }

    async fn a_record_that_moved_signs_in_with_its_key(place: Installation) {
        set_up(&place).await;
        // A run of this test on SQLite alone has no PostgreSQL.
        let kinds: &[Kind] = match place.database_url().starts_with("postgres") {
            true => &[Kind::Sqlite, Kind::Postgres],
            false => &[Kind::Sqlite],
        };
        for kind in kinds.iter().copied() {
            let (there, database) = beside(kind).await;
            moving::move_to(&place.app, &Actor::installation(), database.url()).await.unwrap();
            nobody_enters_without_the_key(&there.app).await;
            std::fs::copy(key(&place.app), key(&there.app)).unwrap();
            ada_enters(&there.app).await.unwrap();
        }
    }
}

async fn acts_of(place: &Installation, act: &str) -> usize {
    acts(place).await.iter().filter(|done| *done == act).count()
}
