//! `check`: whole records pass, and whatever is changed by hand is found and named.

use super::*;
use app::{checking, stories};
use domain::instant::Span;
use store::Db;
use testing::{both, by_hand};

async fn faults(place: &Installation) -> Vec<String> {
    let report = checking::check(&place.app, None).await.unwrap();
    assert!(report.faults.iter().all(|fault| fault.remedy.ends_with('.')));
    report.faults.into_iter().map(|fault| fault.what).collect()
}

both! {
    async fn each_fault_is_found_and_named(place: Installation) {
        stories::tell(&place.app).await.unwrap();
        assert_eq!(faults(&place).await, Vec::<String>::new());
        let url = place.database_url();
        let cases = [
            (
                "UPDATE evidence_raw SET raw = 'x' WHERE evidence =
                 (SELECT id FROM evidence WHERE id NOT IN (SELECT evidence FROM event_evidence) LIMIT 1)",
                "1 pieces of evidence do not match their sums",
            ),
            ("UPDATE audit SET subject = 'INC-99' WHERE seq = 7", "breaks at act 7"),
            (
                "DELETE FROM evidence WHERE id = (SELECT evidence FROM event_evidence LIMIT 1)",
                "event_evidence point to rows of evidence",
            ),
            ("CREATE TABLE notes (id BIGINT)", "notes.id, which Debrief did not make"),
            (
                "INSERT INTO recent_edits SELECT * FROM document_updates
                 WHERE document = (SELECT id FROM postmortems ORDER BY id LIMIT 1) AND seq = 1",
                "1 edits of documents have the number of another edit",
            ),
        ];
        by_hand(url, &cases.map(|(statement, _)| statement)).await;
        let found = faults(&place).await;
        // The piece that is gone leaves two rows behind: where it was cited, and its raw form.
        let left_behind = "evidence_raw point to rows of evidence";
        for part in cases.iter().map(|(_, part)| *part).chain([left_behind]) {
            assert!(found.iter().any(|fault| fault.contains(part)), "{part}: {found:#?}");
        }
        assert_eq!(found.len(), 6, "{found:#?}");
        by_hand(url, &["ALTER TABLE imports DROP COLUMN outcome"]).await;
        assert!(faults(&place).await.iter().any(|fault| fault.contains("lacks imports.outcome")));
    }

    async fn versions_are_compared_with_what_acts_say_of_them(place: Installation) {
        stories::tell(&place.app).await.unwrap();
        let report = checking::check(&place.app, None).await.unwrap();
        assert!(report.faults.is_empty() && report.versions >= 10, "{report:?}");
        let nonsense = if place.database_url().starts_with("sqlite:") { "x'00'" } else { "'\\x00'" };
        let of = |number| format!("(SELECT p.id FROM postmortems p JOIN incidents i ON i.id = p.incident WHERE i.number = {number})");
        by_hand(
            place.database_url(),
            &[
                &format!("UPDATE document_versions SET state = {nonsense} WHERE number = 1 AND document = {}", of(1)),
                &format!("DELETE FROM document_version_writers WHERE version = 1 AND document = {}", of(2)),
                &format!("DELETE FROM document_versions WHERE number = 1 AND document = {}", of(2)),
                &format!("UPDATE document_versions SET number = 99 WHERE number = 1 AND document = {}", of(3)),
            ],
        )
        .await;
        let found = faults(&place).await;
        for part in [
            "1 versions of documents do not hold what the acts that kept them say: version 1 of INC-1",
            "2 versions of documents were kept by an act and are gone: version 1 of INC-2, version 1 of INC-3",
            "1 versions of documents were kept by no act: version 99 of INC-3",
        ] {
            assert!(found.iter().any(|fault| fault.contains(part)), "{part}: {found:#?}");
        }
    }

    async fn a_document_that_cannot_be_read_is_named(place: Installation) {
        stories::tell(&place.app).await.unwrap();
        let nonsense = if place.database_url().starts_with("sqlite:") { "x'ffffff'" } else { "'\\xffffff'" };
        by_hand(place.database_url(), &[&format!("UPDATE document_updates SET body = {nonsense}")]).await;
        let found = faults(&place).await;
        assert!(found.iter().any(|fault| fault.contains("documents cannot be read: INC-")), "{found:?}");
    }

    async fn a_head_is_signed_and_finds_what_the_chain_alone_cannot(place: Installation) {
        stories::tell(&place.app).await.unwrap();
        let head = checking::export_head(&place.app, &Actor::installation()).await.unwrap();
        let text = head.write();
        assert_eq!(checking::Head::read(&text).unwrap(), head);
        assert_eq!(checking::own_key(&place.app), Some(head.key));
        for at in 0..text.len() {
            let mut changed = text.clone();
            changed[at] ^= 1;
            if let Ok(read) = checking::Head::read(&changed) {
                assert_eq!(read, head, "only what says the same is let through");
            }
        }
        place.clock.advance(Span::hours(1));
        place.somebody("Ada", domain::person::Role::Member).await;
        let good = checking::Head::read(&text).unwrap();
        assert_eq!(checking::check(&place.app, Some(&good)).await.unwrap().faults, []);

        // Whoever holds the database cuts the last acts off and makes the end fit.
        let db = Db::open(place.database_url()).await.unwrap();
        let cut = good.seq - 3;
        by_hand(place.database_url(), &[
            &format!("DELETE FROM audit WHERE seq > {cut}"),
            &format!("UPDATE audit_head SET seq = {cut}, digest = (SELECT digest FROM audit WHERE seq = {cut})"),
        ]).await;
        let whole = checking::check(&place.app, None).await.unwrap();
        assert_eq!(whole.faults, [], "the chain alone cannot know");
        let found = checking::check(&place.app, Some(&good)).await.unwrap().faults;
        assert!(found.iter().any(|fault| fault.what.contains("cut off")), "{found:?}");
        // And writes others in their place.
        for n in 0..5 {
            let mut tx = db.write().await.unwrap();
            store::audit::record(&mut tx, place.clock.now(), &Actor::installation(), "x", &n.to_string(), "{}").await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(checking::check(&place.app, None).await.unwrap().faults, []);
        let found = checking::check(&place.app, Some(&good)).await.unwrap().faults;
        assert!(found.iter().any(|fault| fault.what.contains("written anew")), "{found:?}");
    }
}
