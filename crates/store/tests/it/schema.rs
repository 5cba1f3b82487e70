//! One schema on both databases, and what happens to databases that are not ours.

use super::*;
use sqlx::Connection;
use std::collections::BTreeMap;
use store::OpenError;
use testing::{Kind, both, by_hand, database};

/// Table and column, and whether it may be absent.
type Columns = BTreeMap<(String, String), bool>;

async fn columns(url: &str) -> Columns {
    let rows: Vec<(String, String, bool)> = if url.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
        // A primary key may be NULL on SQLite by mistake of its history; on PostgreSQL never.
        sqlx::query_as(
            "SELECT m.name, c.name, c.\"notnull\" = 0 AND c.pk = 0
             FROM sqlite_schema m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap()
    } else {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::query_as(
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), is_nullable = 'YES'
             FROM information_schema.columns WHERE table_schema = 'public'",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap()
    };
    rows.into_iter().map(|(table, column, nullable)| ((table, column), nullable)).collect()
}

/// Named as in [`both!`], so that the run brings PostgreSQL up.
mod both_have_the_same_schema {
    use super::*;

    #[test]
    fn postgres() {
        testing::run(Kind::Postgres, |postgres: (String, Kind)| async move {
            let sqlite = database(Kind::Sqlite).await;
            Db::open(sqlite.url()).await.unwrap().close().await;
            let (ours, theirs) = (columns(sqlite.url()).await, columns(&postgres.0).await);
            assert!(ours.contains_key(&("people".into(), "email".into())));
            assert!(ours.len() > 50, "every table is looked at: {}", ours.len());
            assert_eq!(ours, theirs);
        });
    }
}

both! {
    async fn opening_again_changes_nothing(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        somebody(&db, 1, Role::Member).await;
        let before = columns(&place.0).await;
        db.close().await;
        let db = Db::open(&place.0).await.unwrap();
        assert_eq!(columns(&place.0).await, before);
        assert_eq!(people::all(&mut db.read().await.unwrap()).await.unwrap().len(), 1);
    }

    async fn nodes_that_start_at_once_migrate_once(place: (String, Kind)) {
        let (a, b) = tokio::join!(Db::open(&place.0), Db::open(&place.0));
        somebody(&a.unwrap(), 1, Role::Member).await;
        assert_eq!(people::all(&mut b.unwrap().read().await.unwrap()).await.unwrap().len(), 1);
    }

    async fn a_database_from_the_future_is_left_alone(place: (String, Kind)) {
        Db::open(&place.0).await.unwrap().close().await;
        by_hand(&place.0, &["INSERT INTO migrations (version) VALUES (9001)"]).await;
        let refused = Db::open(&place.0).await.unwrap_err();
        assert!(matches!(refused, OpenError::FromTheFuture { found: 9001, .. }), "{refused:?}");
        assert!(refused.to_string().contains("9001"), "{refused}");
    }

    async fn reading_transactions_cannot_write(db: Db) {
        let mut tx = db.read().await.unwrap();
        assert!(people::lock(&mut tx).await.is_err());
        drop(tx);
        assert!(people::lock(&mut db.write().await.unwrap()).await.is_ok());
    }
}

#[tokio::test]
async fn addresses_that_lead_nowhere_are_named_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite://{}/no/such/folder/x.sqlite", folder.path().display());
    for url in ["mysql://ada:hush@db.example/x", "postgres://ada:hush@127.0.0.1:1/x", &missing] {
        let refused = Db::open(url).await.unwrap_err().to_string();
        assert!(!refused.contains("hush"), "{refused}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("debrief.sqlite");
    std::fs::write(&file, "a letter, not a database, but long enough to be looked at as one".repeat(20))
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    assert!(Db::open_in(folder.path()).await.is_err());
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
