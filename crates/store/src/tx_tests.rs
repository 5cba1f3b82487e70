//! A database that cannot take anything says so, and works again when it can (R4).

use super::*;
use crate::{Db, audit, sql::run};
use domain::{Instant, access::Actor, evidence::Digest32};

async fn note(db: &Db, words: &str) -> Result<()> {
    let mut tx = db.write().await?;
    audit::record(&mut tx, Instant::from_seconds(1), &Actor::installation(), "note", "INC-1", words).await?;
    tx.commit().await
}

/// Settings of the only writing connection.
async fn set(db: &Db, pragma: &'static str) {
    let mut tx = db.write().await.unwrap();
    run!(&mut tx, pragma).unwrap();
    tx.commit().await.unwrap();
}

async fn acts(db: &Db) -> std::result::Result<i64, i64> {
    audit::verify(&mut db.read().await.unwrap()).await.unwrap()
}

/// Text that does not pack well and needs pages of its own.
fn long() -> String {
    (0..2_000).map(|n| Digest32::of(format!("{n}").as_bytes()).to_string()).collect()
}

#[tokio::test]
async fn a_full_database_says_so_and_recovers_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open_in(folder.path()).await.unwrap();
    note(&db, "before").await.unwrap();
    let words = long();
    for _ in 0..5 {
        // No page more than there are now, on this connection; a new one may follow a failure.
        set(&db, "PRAGMA max_page_count = 1").await;
        let refused = note(&db, &words).await.unwrap_err();
        assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");
        assert_eq!(acts(&db).await, Ok(1), "nothing of what was refused is there");
    }
    set(&db, "PRAGMA max_page_count = 4294967294").await;
    note(&db, &words).await.unwrap();
    assert_eq!(acts(&db).await, Ok(2));
}

#[tokio::test]
async fn what_can_only_be_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open_in(folder.path()).await.unwrap();
    let mut tx = db.read().await.unwrap();
    let refused = run!(&mut tx, "DELETE FROM people").unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");
}

#[test]
fn a_line_that_breaks_is_not_our_fault_and_leaves_a_commit_unsure() {
    let broken = || {
        [
            sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()),
            sqlx::Error::Protocol("unexpected response from SSLRequest: 0x00".into()),
            sqlx::Error::Tls("the other end hung up".into()),
            sqlx::Error::WorkerCrashed,
        ]
    };
    for error in broken() {
        assert!(matches!(Error::from(error), Error::Unavailable(_)));
    }
    for error in broken() {
        assert!(matches!(commit_failed(error), Error::Unsure(_)));
    }
    assert!(matches!(commit_failed(sqlx::Error::RowNotFound), Error::Failed(_)));
}
