//! A migration that is killed at any moment is finished by the next start, and nothing is lost.

use crate::program::{command, debrief, printed};
use std::{process::Stdio, time::Duration};

/// As the first release left it, with somebody in it.
async fn as_first_released(url: &str) {
    testing::as_released(url, 1).await;
    testing::by_hand(
        url,
        "INSERT INTO people (id, name, email, role, created_at)
         VALUES (x'018f0000000070008000000000000001', 'Ada Lind', 'ada@larkfare.example', 'member', 0)",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_migration_is_finished_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("debrief.sqlite");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let data_dir = folder.path().to_str().unwrap();
    for n in 0..12_u64 {
        for name in ["debrief.sqlite", "debrief.sqlite-wal", "debrief.sqlite-shm"] {
            let _ = std::fs::remove_file(folder.path().join(name));
        }
        as_first_released(&url).await;
        // From before the first statement to after the last: a start takes some tens of milliseconds.
        let mut child = command(&["check", "--data-dir", data_dir])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(n * 6)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let report = printed(&debrief(&["check", "--data-dir", data_dir]));
        assert!(report.contains("The record is whole"), "killed after {} ms: {report}", n * 6);
        assert!(printed(&debrief(&["user", "list", "--data-dir", data_dir])).contains("Ada Lind"));
    }
}
