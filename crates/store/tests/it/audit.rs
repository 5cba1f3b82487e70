//! The chain of acts: whole when nobody touched it, broken where somebody did.

use super::*;
use store::audit;
use testing::{Kind, both, by_hand};

async fn five_entries(db: &Db) {
    let ada = actor(&somebody(db, 1, Role::Administrator).await);
    for n in 1..=5 {
        let mut tx = db.write().await.unwrap();
        let actor = if n == 3 { Actor::installation() } else { ada.clone() };
        audit::record(&mut tx, NOW, &actor, "incident.edit", &format!("INC-{n}"), "{}").await.unwrap();
        tx.commit().await.unwrap();
    }
}

both! {
    async fn an_untouched_chain_is_whole(db: Db) {
        let mut tx = db.read().await.unwrap();
        assert_eq!(audit::verify(&mut tx).await.unwrap(), Ok(0), "nothing was done yet");
        drop(tx);
        five_entries(&db).await;
        let mut tx = db.read().await.unwrap();
        assert_eq!(audit::verify(&mut tx).await.unwrap(), Ok(5));
        let entries = audit::since(&mut tx, 1, 2).await.unwrap();
        let told: Vec<_> = entries.iter().map(|entry| (entry.seq, entry.subject.as_str(), entry.at)).collect();
        assert_eq!(told, [(2, "INC-2", NOW), (3, "INC-3", NOW)]);
        assert_eq!((entries[1].person, entries[1].actor.as_str()), (None, "Debrief"));
    }

    async fn what_is_undone_leaves_no_entry(db: Db) {
        five_entries(&db).await;
        let mut tx = db.write().await.unwrap();
        audit::record(&mut tx, NOW, &Actor::installation(), "incident.edit", "INC-6", "{}").await.unwrap();
        drop(tx);
        let mut tx = db.read().await.unwrap();
        assert_eq!(audit::verify(&mut tx).await.unwrap(), Ok(5));
    }

    async fn entries_of_several_nodes_make_one_chain(place: (String, Kind)) {
        let (a, b) = (Db::open(&place.0).await.unwrap(), Db::open(&place.0).await.unwrap());
        five_entries(&a).await;
        let write = async |db: &Db| {
            for n in 0..10 {
                let mut tx = db.write().await.unwrap();
                audit::record(&mut tx, NOW, &Actor::installation(), "x", &n.to_string(), "{}").await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        tokio::join!(write(&a), write(&b));
        assert_eq!(audit::verify(&mut a.read().await.unwrap()).await.unwrap(), Ok(25));
    }

    async fn two_first_entries_at_once_follow_each_other(place: (String, Kind)) {
        let (a, b) = (Db::open(&place.0).await.unwrap(), Db::open(&place.0).await.unwrap());
        let write = async |db: &Db| {
            let mut tx = db.write().await.unwrap();
            audit::record(&mut tx, NOW, &Actor::installation(), "x", "", "{}").await.unwrap();
            tx.commit().await.unwrap();
        };
        tokio::join!(write(&a), write(&b), write(&a), write(&b));
        assert_eq!(audit::verify(&mut a.read().await.unwrap()).await.unwrap(), Ok(4));
    }

    async fn the_database_itself_refuses_to_change_what_was_done(place: (String, Kind)) {
        use sqlx::Connection;
        let db = Db::open(&place.0).await.unwrap();
        five_entries(&db).await;
        let mut statements = vec!["UPDATE audit SET act = 'x' WHERE seq = 2", "DELETE FROM audit WHERE seq = 5", "DELETE FROM audit"];
        if place.1 == Kind::Postgres {
            statements.push("TRUNCATE audit");
        }
        for statement in statements {
            let refused = if place.1 == Kind::Sqlite {
                let mut connection = sqlx::SqliteConnection::connect(&place.0).await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.map(drop)
            } else {
                let mut connection = sqlx::PgConnection::connect(&place.0).await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.map(drop)
            };
            let refused = refused.expect_err(statement).to_string();
            assert!(refused.contains("the record of acts is never"), "{statement}: {refused}");
        }
        assert_eq!(audit::verify(&mut db.read().await.unwrap()).await.unwrap(), Ok(5));
    }

    async fn tampering_is_found(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        five_entries(&db).await;
        // What was done, what undoes it, and the entry at which the chain breaks.
        let cases: [(&str, &[&str], &[&str], i64); 7] = [
            (
                "an entry is edited",
                &["UPDATE audit SET subject = 'INC-9' WHERE seq = 2"],
                &["UPDATE audit SET subject = 'INC-2' WHERE seq = 2"],
                2,
            ),
            (
                "the time is edited",
                &["UPDATE audit SET at = at + 1 WHERE seq = 4"],
                &["UPDATE audit SET at = at - 1 WHERE seq = 4"],
                4,
            ),
            (
                "it is put on somebody else",
                &["UPDATE audit SET person = (SELECT id FROM people) WHERE seq = 3"],
                &["UPDATE audit SET person = NULL WHERE seq = 3"],
                3,
            ),
            (
                "words move from one part to the next",
                &["UPDATE audit SET act = 'incident.editI', subject = 'NC-5' WHERE seq = 5"],
                &["UPDATE audit SET act = 'incident.edit', subject = 'INC-5' WHERE seq = 5"],
                5,
            ),
            (
                "two entries change places",
                &[
                    "UPDATE audit SET seq = 99 WHERE seq = 2",
                    "UPDATE audit SET seq = 2 WHERE seq = 3",
                    "UPDATE audit SET seq = 3 WHERE seq = 99",
                ],
                &[
                    "UPDATE audit SET seq = 99 WHERE seq = 2",
                    "UPDATE audit SET seq = 2 WHERE seq = 3",
                    "UPDATE audit SET seq = 3 WHERE seq = 99",
                ],
                2,
            ),
            (
                "an entry is put aside",
                &["UPDATE audit SET seq = -2 WHERE seq = 2"],
                &["UPDATE audit SET seq = 2 WHERE seq = -2"],
                2,
            ),
            ("the end is cut off", &["DELETE FROM audit WHERE seq >= 4"], &[], 4),
        ];
        for (name, tamper, undo, at) in cases {
            by_hand(&place.0, tamper).await;
            let mut tx = db.read().await.unwrap();
            assert_eq!(audit::verify(&mut tx).await.unwrap(), Err(at), "{name}");
            drop(tx);
            by_hand(&place.0, undo).await;
        }
        by_hand(&place.0, &["DELETE FROM audit"]).await;
        let mut tx = db.read().await.unwrap();
        assert_eq!(audit::verify(&mut tx).await.unwrap(), Err(1), "everything is gone");
    }
}
