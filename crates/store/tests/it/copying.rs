//! The list of tables against what each database says about itself.

use super::*;
use store::{copying, inspection, tables::TABLES};
use testing::both;

both! {
    async fn the_list_names_every_table_and_column(db: Db) {
        let mut tx = db.read().await.unwrap();
        let (missing, unlisted) = inspection::schema_differences(&mut tx).await.unwrap();
        assert_eq!(missing, Vec::<String>::new(), "tables.rs names what a migration removed");
        assert_eq!(unlisted, Vec::<String>::new(), "add these to tables.rs, or no backup holds them");
        assert_eq!(inspection::damage(&mut tx).await.unwrap(), Vec::<String>::new());
    }

    async fn every_row_finds_what_it_points_to_in_a_table_before_its_own(db: Db) {
        for (at, table) in TABLES.iter().enumerate() {
            for target in table.columns.iter().filter_map(|column| column.points_to) {
                let before = TABLES[..at].iter().any(|earlier| earlier.name == target);
                assert!(before, "{} points to {target}", table.name);
            }
        }
        let mut tx = db.write().await.unwrap();
        assert!(copying::is_empty(&mut tx).await.unwrap());
        copying::clear(&mut tx).await.unwrap();
        drop(tx);
        somebody(&db, 1, Role::Member).await;
        assert!(!copying::is_empty(&mut db.read().await.unwrap()).await.unwrap());
    }

    async fn reading_stops_when_nobody_listens(db: Db) {
        for n in 1..=3 {
            somebody(&db, n, Role::Member).await;
        }
        let mut tx = db.read().await.unwrap();
        let (to, from) = tokio::sync::mpsc::channel(1);
        drop(from);
        let people = &TABLES[0];
        assert!(!copying::read(&mut tx, people, &people.all(), &to).await.unwrap());
    }
}
