//! A migration that is killed at any moment is finished by the next start, and nothing is lost.

use crate::program::{command, debrief, printed};
use std::{process::Stdio, time::Duration};
use testing::{Kind, both};

both! {
    async fn a_killed_migration_is_finished_by_the_next_start(given: (String, Kind)) {
        let kind = given.1;
        // A server's database takes longer to make anew than to migrate.
        let (times, apart) = if kind == Kind::Sqlite { (12, 6) } else { (4, 20) };
        for n in 0..times {
            let place = testing::database(kind).await;
            // As the first release left it, with somebody in it.
            testing::as_released(place.url(), 1).await;
            testing::by_hand(
                place.url(),
                &[&format!(
                    "INSERT INTO people (id, name, email, role, created_at)
                     VALUES ({}, 'Ada Lind', 'ada@larkfare.example', 'member', 0)",
                    match kind {
                        Kind::Sqlite => "x'018f0000000070008000000000000001'",
                        _ => "'018f0000-0000-7000-8000-000000000001'",
                    },
                )],
            )
            .await;
            let folder = tempfile::tempdir().unwrap();
            let there = ["--data-dir", folder.path().to_str().unwrap(), "--database-url", place.url()];
            let with = |words: &[&str]| [words, &there].concat().iter().map(ToString::to_string).collect::<Vec<_>>();
            // From before the first statement to after the last: a start takes some tens of milliseconds.
            let mut child = command(&with(&["check"]).iter().map(String::as_str).collect::<Vec<_>>())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            tokio::time::sleep(Duration::from_millis(n * apart)).await;
            child.kill().unwrap();
            child.wait().unwrap();
            let ask = |words: &[&str]| printed(&debrief(&with(words).iter().map(String::as_str).collect::<Vec<_>>()));
            let report = ask(&["check"]);
            assert!(report.contains("The record is whole"), "killed after {} ms: {report}", n * apart);
            assert!(ask(&["user", "list"]).contains("Ada Lind"));
            place.remove().await;
        }
    }
}
