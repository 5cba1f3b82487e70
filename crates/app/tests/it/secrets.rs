//! Secrets at rest: under a key that is not in the database, bound to their name, sealed anew without loss.

use super::*;
use app::{
    checking,
    secrets::{self, Rotation},
};
use domain::person::Role;
use store::Db;
use testing::both;

const HUSH: &[u8] = b"canary-7d1f";

const FORGET: Rotation = Rotation { forget_older: true, leave_closed: false };

async fn keep(place: &Installation, name: &str) {
    let db = Db::open(place.database_url()).await.unwrap();
    let mut tx = db.write().await.unwrap();
    secrets::keep(&place.app, &mut tx, name, HUSH).await.unwrap();
    tx.commit().await.unwrap();
}

async fn open(place: &Installation, name: &str) -> app::Result<Option<secrets::Opened>> {
    let db = Db::open(place.database_url()).await.unwrap();
    secrets::open(&place.app, &mut db.read().await.unwrap(), name).await
}

both! {
    async fn a_secret_comes_back_and_lies_in_no_database_or_backup(place: Installation) {
        keep(&place, "webhook:1").await;
        keep(&place, "webhook:2").await;
        let opened = open(&place, "webhook:1").await.unwrap().unwrap();
        assert_eq!((opened.bytes(), opened.text()), (HUSH, Some("canary-7d1f")));
        assert!(!format!("{opened:?}").contains("canary"));
        assert_eq!(open(&place, "webhook:3").await.unwrap(), None);
        let db = Db::open(place.database_url()).await.unwrap();
        let all = store::secrets::all(&mut db.read().await.unwrap()).await.unwrap();
        assert_ne!(all[0].sealed, all[1].sealed, "equal secrets do not look equal");
        let mut tx = db.write().await.unwrap();
        // Somebody puts the seal of one under the name of another.
        let moved = store::secrets::Sealed { name: "webhook:2".into(), ..all[0].clone() };
        store::secrets::put(&mut tx, &moved, place.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(open(&place, "webhook:2").await, Err(Error::Internal { .. })));
        let faults = checking::check(&place.app, None).await.unwrap().faults;
        assert!(faults.iter().any(|fault| fault.what.contains("1 of 2 secrets do not open: webhook:2")), "{faults:?}");
        let mut tx = db.write().await.unwrap();
        assert!(secrets::forget(&mut tx, "webhook:2").await.unwrap());
        assert!(!secrets::forget(&mut tx, "webhook:2").await.unwrap());
    }

    async fn a_new_key_seals_everything_anew_and_old_ones_can_go(place: Installation) {
        let ada = place.somebody("Ada", Role::Administrator).await;
        let wren = place.somebody("Wren", Role::Member).await;
        for n in 0..20 {
            keep(&place, &format!("totp:{n}")).await;
        }
        let key = place.app.data_dir().join("secret.key");
        let before = std::fs::read(&key).unwrap();
        assert!(is_forbidden(secrets::rotate(&place.app, &wren, Rotation::default()).await));
        let first = secrets::rotate(&place.app, &ada, Rotation::default()).await.unwrap();
        assert_eq!((first.secrets, first.keys), (20, 2));
        let second = secrets::rotate(&place.app, &ada, FORGET).await.unwrap();
        assert_eq!((second.secrets, second.keys), (20, 1));
        assert_ne!(first.key, second.key);
        for n in 0..20 {
            assert_eq!(open(&place, &format!("totp:{n}")).await.unwrap().unwrap().bytes(), HUSH);
        }
        assert_eq!(acts(&place).await.iter().filter(|act| *act == "secrets.rotate").count(), 2);
        // The key from before opens nothing any more; without any, everything else goes on.
        let now = std::fs::read(&key).unwrap();
        std::fs::write(&key, before).unwrap();
        assert!(matches!(open(&place, "totp:1").await, Err(Error::Unavailable(_))));
        std::fs::remove_file(&key).unwrap();
        assert!(matches!(open(&place, "totp:1").await, Err(Error::Unavailable(_))));
        let db = Db::open(place.database_url()).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let refused = secrets::keep(&place.app, &mut tx, "totp:99", HUSH).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "no new key in place of a lost one");
        drop(tx);
        let faults = checking::check(&place.app, None).await.unwrap().faults;
        assert!(faults[0].what.contains("20 of 20 secrets do not open"), "{faults:?}");
        std::fs::write(&key, now).unwrap();
        assert_eq!(checking::check(&place.app, None).await.unwrap().faults, []);
    }
}
