//! What is committed comes into SQLite's file while it stays open.

use super::documents::{append, document};
use std::time::Duration;
use store::Db;

const MEGABYTE: u64 = 1 << 20;

#[tokio::test]
async fn changes_come_into_the_file_beside_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("debrief.sqlite");
    let url = format!("sqlite://{}", file.display());
    let db = Db::open(&url).await.unwrap();
    let document = document(&url).await;
    // Half of what the writer brings over by itself.
    for _ in 0..200 {
        append(&db, document, 7, &[1; 80 << 10], None).await.unwrap();
    }
    let length = || std::fs::metadata(&file).unwrap().len();
    for _ in 0..600 {
        if length() > 8 * MEGABYTE {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(length() > 8 * MEGABYTE, "{} bytes", length());
    // Emptying it waits for whoever brings changes over just then, and is done when it returns.
    append(&db, document, 7, b"last", None).await.unwrap();
    db.empty_log().await.unwrap();
    let log = folder.path().join("debrief.sqlite-wal");
    assert_eq!(std::fs::metadata(log).unwrap().len(), 0);
}
