//! Backups, restores and moves: nothing is lost, and the same bytes come back from either database.

use super::*;
use app::{App, backup, checking, moving, stories};
use domain::{Instant, instant::Span, person::Role};
use std::path::{Path, PathBuf};
use testing::{Database, Fixture, Kind, both, database};

/// An installation of one's own beside the one of the test.
struct Beside {
    place: Installation,
    database: Database,
}

async fn beside(kind: Kind) -> Beside {
    let database = database(kind).await;
    let place = Installation::on(&database).await;
    Beside { place, database }
}

fn file(place: &Installation, name: &str) -> PathBuf {
    place.app.data_dir().join(name)
}

async fn write(app: &App, path: &Path) -> backup::Manifest {
    backup::write(app, &Actor::installation(), path, false).await.unwrap().manifest
}

async fn restore(app: &App, path: &Path) -> app::Result<backup::Restored> {
    backup::restore(app, &Actor::installation(), path).await
}

async fn epochs(url: &str) -> Vec<i64> {
    let db = store::Db::open(url).await.unwrap();
    let mut tx = db.read().await.unwrap();
    let mut epochs = Vec::new();
    for (document, _) in store::inspection::documents(&mut tx).await.unwrap() {
        epochs.push(store::documents::load(&mut tx, document).await.unwrap().unwrap().epoch);
    }
    epochs
}

async fn is_whole(app: &App) {
    let report = checking::check(app, None).await.unwrap();
    assert_eq!(report.faults, []);
    assert!(report.acts > 20 && report.documents > 2 && report.evidence > 20, "{report:?}");
}

/// Named as in [`both!`], so that the run brings PostgreSQL up.
mod both_databases_give_the_same_backup_back_and_forth {
    use super::*;

    #[test]
    fn postgres() {
        testing::run(Kind::Postgres, back_and_forth);
    }
}

async fn back_and_forth(postgres: Installation) {
    let sqlite = beside(Kind::Sqlite).await;
    stories::tell(&sqlite.place.app).await.unwrap();
    let first = file(&sqlite.place, "first.zip");
    let told = write(&sqlite.place.app, &first).await;
    assert!(told.parts.iter().filter(|part| part.rows > 0).count() > 10, "the stories fill most tables");

    restore(&postgres.app, &first).await.unwrap();
    is_whole(&postgres.app).await;
    let second = file(&postgres, "second.zip");
    assert_eq!(write(&postgres.app, &second).await.parts, told.parts);

    let back = beside(Kind::Sqlite).await;
    restore(&back.place.app, &second).await.unwrap();
    is_whole(&back.place.app).await;
    let third = write(&back.place.app, &file(&back.place, "third.zip")).await;
    assert_eq!((third.parts, third.acts), (told.parts.clone(), told.acts.clone()));

    // The same without a file between.
    let moved = beside(Kind::Postgres).await;
    let rows =
        moving::move_to(&back.place.app, &Actor::installation(), moved.database.url()).await.unwrap().rows;
    assert_eq!(rows, told.parts.iter().map(|part| part.rows).sum::<u64>());
    let fourth = write(&moved.place.app, &file(&moved.place, "fourth.zip")).await;
    assert_eq!(fourth.parts, told.parts);
    assert_eq!(
        epochs(moved.database.url()).await,
        epochs(back.database.url()).await,
        "copies in browsers stay good"
    );
    let home = beside(Kind::Sqlite).await;
    moving::move_to(&moved.place.app, &Actor::installation(), home.database.url()).await.unwrap();
    assert_eq!(write(&home.place.app, &file(&home.place, "fifth.zip")).await.parts, told.parts);
}

both! {
    async fn a_backup_comes_back_whole_and_documents_begin_a_new_life(place: Installation) {
        stories::tell(&place.app).await.unwrap();
        let path = file(&place, "backup.zip");
        let told = write(&place.app, &path).await;
        let there = beside(Kind::Sqlite).await;
        restore(&there.place.app, &path).await.unwrap();
        is_whole(&there.place.app).await;
        let (before, after) = (epochs(place.database_url()).await, epochs(there.database.url()).await);
        assert_eq!(before.len(), after.len());
        assert!(before.iter().max() < after.iter().min(), "{before:?} {after:?}");
        // Also where the clock went backwards between the two, the life is newer than any before.
        there.place.clock.set(Instant::from_seconds(1));
        let again = file(&there.place, "again.zip");
        assert_eq!(write(&there.place.app, &again).await.parts, told.parts);
        let last = beside(Kind::Sqlite).await;
        last.place.clock.set(Instant::from_seconds(1));
        restore(&last.place.app, &again).await.unwrap();
        assert!(after.iter().max() < epochs(last.database.url()).await.iter().min());
        // The workspace is the restored one for whoever asks next.
        let name = app::workspace::show(&last.place.app).await.unwrap().name;
        assert_eq!(name, app::workspace::show(&place.app).await.unwrap().name);
    }

    async fn nothing_that_is_there_is_written_over(place: Installation) {
        let path = file(&place, "backup.zip");
        write(&place.app, &path).await;
        let before = std::fs::read(&path).unwrap();
        place.somebody("Ada", Role::Administrator).await;
        assert!(is_conflict(backup::write(&place.app, &Actor::installation(), &path, false).await));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        backup::write(&place.app, &Actor::installation(), &path, true).await.unwrap();
        assert_ne!(std::fs::read(&path).unwrap(), before);

        assert!(is_conflict(restore(&place.app, &path).await), "somebody is here");
        assert_eq!(people::people(&place).await, 1);
        let there = beside(Kind::Sqlite).await;
        there.place.somebody("Wren", Role::Member).await;
        let refused = moving::move_to(&place.app, &Actor::installation(), there.database.url()).await;
        assert!(is_conflict(refused));
        assert_eq!(people::people(&there.place).await, 1);
        let member = there.place.somebody("Kit", Role::Member).await;
        assert!(is_forbidden(backup::write(&there.place.app, &member, &path, true).await));
        assert!(is_forbidden(backup::restore(&there.place.app, &member, &path).await));
    }

    async fn a_file_that_is_damaged_or_something_else_changes_nothing(place: Installation) {
        let there = beside(Kind::Sqlite).await;
        stories::tell(&there.place.app).await.unwrap();
        let path = file(&there.place, "backup.zip");
        write(&there.place.app, &path).await;
        let good = std::fs::read(&path).unwrap();
        let bad = file(&place, "bad.zip");
        let mut cases: Vec<(String, Vec<u8>)> = vec![
            ("empty".into(), vec![]),
            ("words".into(), b"these are words".to_vec()),
            ("cut".into(), good[..good.len() / 2].to_vec()),
        ];
        for part in 1..20 {
            let mut bytes = good.clone();
            let at = bytes.len() * part / 21;
            bytes[at] ^= 0x10;
            cases.push((format!("byte {at}"), bytes));
        }
        for (what, bytes) in cases {
            std::fs::write(&bad, bytes).unwrap();
            match restore(&place.app, &bad).await {
                Err(Error::Invalid { message, .. }) => assert!(message.contains("Nothing was changed"), "{what}: {message}"),
                // A byte that no reader looks at, such as a time in the zip's directory.
                Ok(restored) if what.starts_with("byte") => {
                    assert_eq!(restored.broken_at, None);
                    return is_whole(&place.app).await;
                }
                other => panic!("{what}: {other:?}"),
            }
            assert_eq!(people::people(&place).await, 0, "{what}");
        }
        assert!(matches!(restore(&place.app, &file(&place, "absent.zip")).await, Err(Error::Invalid { .. })));
        restore(&place.app, &path).await.unwrap();
    }

    async fn a_backup_that_cannot_be_written_leaves_nothing_behind(place: Installation) {
        let nowhere = place.app.data_dir().join("absent").join("backup.zip");
        let refused = backup::write(&place.app, &Actor::installation(), &nowhere, false).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
        let folder = file(&place, "folder");
        std::fs::create_dir(&folder).unwrap();
        let refused = backup::write(&place.app, &Actor::installation(), &folder, true).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
        assert!(!file(&place, "folder.partial").exists());
    }

    async fn backups_by_schedule_are_made_when_due_and_the_oldest_go(place: Installation) {
        let folder = file(&place, "backups");
        let schedule = backup::Schedule { folder: folder.clone(), every_hours: 6, keep: 2 };
        let names = || {
            let mut names: Vec<String> = std::fs::read_dir(&folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        assert!(backup::make_if_due(&place.app, &schedule).await.unwrap().is_some());
        assert!(backup::make_if_due(&place.app, &schedule).await.unwrap().is_none(), "one was made just now");
        std::fs::write(folder.join("debrief-before-upgrade.zip"), "a name that somebody gave").unwrap();
        place.clock.advance(Span::minutes(359));
        assert!(backup::make_if_due(&place.app, &schedule).await.unwrap().is_none());
        for _ in 0..3 {
            place.clock.advance(Span::hours(6));
            assert!(backup::make_if_due(&place.app, &schedule).await.unwrap().is_some());
        }
        assert_eq!(names().len(), 3, "two of ours and the other");
        let newest = folder.join(names().iter().rfind(|name| name.starts_with("debrief-2")).unwrap());
        restore(&beside(Kind::Sqlite).await.place.app, &newest).await.unwrap();
    }
}

mod people {
    use super::*;

    pub(super) async fn people(place: &Installation) -> usize {
        app::people::list(&place.app, &Actor::installation()).await.unwrap().len()
    }
}
