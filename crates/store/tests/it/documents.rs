//! The log of shared documents.

use super::*;
use domain::{PostmortemId, instant::Span};
use std::collections::HashSet;
use store::{
    Tx,
    documents::{self, Remembered, Stored, Update},
    versions,
};
use testing::{Kind, both, by_hand};

/// A document that lives under epoch 7, made by hand.
pub(super) async fn document(url: &str) -> PostmortemId {
    let (incident, id) = ("00000000000000000000000000000001", "00000000000000000000000000000002");
    let literal = |hex: &str| {
        if url.starts_with("sqlite:") { format!("X'{hex}'") } else { format!("'{hex}'") }
    };
    let incident = literal(incident);
    by_hand(
        url,
        &[
            &format!(
                "INSERT INTO incidents (id, number, title, summary, kind, state, services, declared_at, words, revision)
                 VALUES ({incident}, 1, 'Slow boards', '', 'incident', 'open', '[]', 0, '', 1)"
            ),
            &format!(
                "INSERT INTO postmortems
                   (id, incident, title, template, owner_due, state, created_at, epoch, opening, revision)
                 VALUES ({}, {incident}, 'Slow boards', 'plain', 1, 'draft', 0, 7, '', 1)",
                literal(id)
            ),
        ],
    )
    .await;
    PostmortemId(uuid::Uuid::from_u128(2))
}

pub(super) async fn append(
    db: &Db,
    document: PostmortemId,
    epoch: i64,
    body: &[u8],
    author: Option<PersonId>,
) -> Option<i64> {
    let mut tx = db.write().await.unwrap();
    let seq = documents::append(&mut tx, document, epoch, body, author, NOW).await.unwrap();
    tx.commit().await.unwrap();
    seq
}

both! {
    async fn updates_are_numbered_and_kept(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let ada = somebody(&db, 1, Role::Member).await.id;
        for (n, body) in [b"one".as_slice(), b"", &[0, 255, 0]].iter().enumerate() {
            assert_eq!(append(&db, document, 7, body, Some(ada)).await, Some(n as i64 + 1));
        }
        let mut tx = db.read().await.unwrap();
        let updates = vec![(1, b"one".to_vec()), (2, vec![]), (3, vec![0, 255, 0])];
        let stored = documents::load(&mut tx, document).await.unwrap();
        assert_eq!(stored, Some(Stored { epoch: 7, updates: updates.clone() }));
        assert_eq!(documents::since(&mut tx, document, 7, 1).await.unwrap(), Some(updates[1..].to_vec()));
        assert_eq!(documents::since(&mut tx, document, 8, 1).await.unwrap(), None, "another life");
        assert_eq!(documents::since(&mut tx, document, 7, 3).await.unwrap(), Some(vec![]));
    }

    async fn other_epochs_and_documents_take_nothing(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let unknown = PostmortemId(uuid::Uuid::from_u128(3));
        for (document, epoch) in [(document, 6), (document, 8), (unknown, 7)] {
            assert_eq!(append(&db, document, epoch, b"x", None).await, None);
        }
        let mut tx = db.read().await.unwrap();
        assert_eq!(documents::load(&mut tx, unknown).await.unwrap(), None);
        let stored = documents::load(&mut tx, document).await.unwrap().unwrap();
        assert!(stored.updates.is_empty());
    }

    async fn numbers_have_no_gaps_when_nodes_write_at_once(place: (String, Kind)) {
        let (a, b) = (Db::open(&place.0).await.unwrap(), Db::open(&place.0).await.unwrap());
        let document = document(&place.0).await;
        let write = async |db: &Db| {
            let mut seqs = Vec::new();
            for _ in 0..10 {
                seqs.extend(append(db, document, 7, b"x", None).await);
            }
            seqs
        };
        let (ours, theirs) = tokio::join!(write(&a), write(&b));
        let mut all = [ours, theirs].concat();
        all.sort_unstable();
        assert_eq!(all, (1..=20).collect::<Vec<i64>>());
    }

    async fn compaction_keeps_later_updates_and_writers(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let (ada, wren) = (somebody(&db, 1, Role::Member).await, somebody(&db, 2, Role::Member).await);
        for author in [&wren, &ada, &wren, &ada] {
            append(&db, document, 7, b"x", Some(author.id)).await.unwrap();
        }
        let mut tx = db.write().await.unwrap();
        documents::compact(&mut tx, document, 7, 3, b"state", [(9, ada.id)], NOW.plus(Span::minutes(1))).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.read().await.unwrap();
        let updates = documents::load(&mut tx, document).await.unwrap().unwrap().updates;
        assert_eq!(updates, [(3, b"state".to_vec()), (4, b"x".to_vec())]);
        assert_eq!(documents::authors(&mut tx, document).await.unwrap(), [(9, ada.id)]);
        drop(tx);
        assert_eq!(append(&db, document, 7, b"y", None).await, Some(5));
    }

    async fn updates_of_many_go_together_and_those_of_no_life_are_left_out(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let ada = somebody(&db, 1, Role::Member).await.id;
        append(&db, document, 7, b"before", None).await.unwrap();
        let unknown = PostmortemId(uuid::Uuid::from_u128(3));
        let bodies: Vec<[u8; 4]> = (0..700_u32).map(u32::to_be_bytes).collect();
        let updates: Vec<Update<'_>> = bodies
            .iter()
            .enumerate()
            .map(|(n, body)| {
                let (document, epoch) = match n % 5 {
                    3 => (document, 6),
                    4 => (unknown, 7),
                    _ => (document, 7),
                };
                Update { document, epoch, body, author: Some(ada) }
            })
            .collect();
        let mut tx = db.write().await.unwrap();
        let kept = documents::append_all(&mut tx, &updates, &HashSet::new(), NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(kept, (0..700).map(|n| n % 5 < 3).collect::<Vec<_>>());
        let mut tx = db.read().await.unwrap();
        let stored = documents::load(&mut tx, document).await.unwrap().unwrap().updates;
        let sent = bodies.iter().zip(kept).filter(|(_, kept)| *kept).map(|(body, _)| body.to_vec());
        let all = std::iter::once(b"before".to_vec()).chain(sent);
        assert_eq!(stored, (1..).zip(all).collect::<Vec<_>>());
        assert_eq!(documents::load(&mut tx, unknown).await.unwrap(), None);
    }

    async fn who_wrote_last_is_known_before_and_after_the_log_forgets(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let (ada, wren) = (somebody(&db, 1, Role::Member).await, somebody(&db, 2, Role::Member).await);
        let noted = HashSet::from([(document, ada.id), (document, wren.id)]);
        append(&db, document, 7, b"x", Some(ada.id)).await.unwrap();
        append(&db, document, 7, b"x", Some(wren.id)).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let later = NOW.plus(Span::minutes(1));
        let update = Update { document, epoch: 7, body: b"x", author: Some(ada.id) };
        documents::append_all(&mut tx, &[update], &noted, later).await.unwrap();
        let since = async |tx: &mut Tx| {
            let mut found = Vec::new();
            for seq in 0..4 {
                found.push(versions::writers_since(tx, document, seq).await.unwrap());
            }
            found
        };
        let both = vec![ada.name.to_string(), wren.name.to_string()];
        let (expected, ada) = (vec![both.clone(), both, vec![ada.name.to_string()], vec![]], ada.id);
        assert_eq!(since(&mut tx).await, expected, "from the log");
        documents::compact(&mut tx, document, 7, 3, b"state", [(9, ada)], later).await.unwrap();
        assert_eq!(since(&mut tx).await, expected, "after compaction");
        let update = Update { document, epoch: 7, body: b"x", author: Some(wren.id) };
        documents::append_all(&mut tx, &[update], &noted, later).await.unwrap();
        documents::begin_anew(&mut tx, document, b"state", [(9, ada)], later).await.unwrap();
        let mut expected = expected;
        (expected[2], expected[3]) = (expected[1].clone(), vec![wren.name.to_string()]);
        assert_eq!(since(&mut tx).await, expected, "in its next life");
        tx.commit().await.unwrap();
    }

    async fn what_is_remembered_saves_the_asking_and_keeps_nothing_wrongly(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let (ada, wren) = (somebody(&db, 1, Role::Member).await.id, somebody(&db, 2, Role::Member).await.id);
        let by = |author, body| Update { document, epoch: 7, body, author: Some(author) };
        let mut remembered = Remembered::default();
        let at_once = async |updates: &[Update<'_>], remembered: &mut Remembered| {
            documents::append_at_once(&db, updates, remembered, NOW).await.unwrap()
        };
        let stored = async || {
            let mut tx = db.read().await.unwrap();
            let updates = documents::load(&mut tx, document).await.unwrap().unwrap().updates;
            updates.into_iter().map(|(seq, body)| (seq, String::from_utf8(body).unwrap())).collect::<Vec<_>>()
        };
        let rows = |bodies: &[&str]| (1..).zip(bodies.iter().map(|body| (*body).to_owned())).collect::<Vec<_>>();

        assert!(!at_once(&[by(ada, b"one")], &mut remembered).await, "of this document nothing is known");
        let first = [by(ada, b"one")];
        let mut tx = db.write().await.unwrap();
        documents::append_all(&mut tx, &first, remembered.writers(), NOW).await.unwrap();
        let last = documents::last_numbers(&mut tx, &first).await.unwrap();
        tx.commit().await.unwrap();
        remembered.learn(first.into_iter(), last);
        assert_eq!(stored().await, rows(&["one"]));

        let alone = !db.has_neighbours();
        assert_eq!(at_once(&[by(ada, b"two"), by(ada, b"three")], &mut remembered).await, alone);
        if !alone {
            assert_eq!(stored().await, rows(&["one"]), "several nodes number together");
            return;
        }
        assert_eq!(stored().await, rows(&["one", "two", "three"]));
        assert!(!at_once(&[by(ada, b"x"), by(wren, b"x")], &mut remembered).await, "Wren was not noted yet");
        let elsewhere = [Update { epoch: 6, ..by(ada, b"x") }, Update { document: PostmortemId(uuid::Uuid::from_u128(3)), ..by(ada, b"x") }];
        assert!(!at_once(&[by(ada, b"x"), elsewhere[0]], &mut remembered).await, "one is of another life");
        assert!(!at_once(&elsewhere[1..], &mut remembered).await, "there is no such document");
        assert_eq!(stored().await, rows(&["one", "two", "three"]), "all or nothing");

        let mut tx = db.write().await.unwrap();
        let last = documents::last_numbers(&mut tx, &[by(ada, b"")]).await.unwrap();
        drop(tx);
        remembered.learn([by(ada, b"")].into_iter(), last);
        append(&db, document, 7, b"four", None).await.unwrap();
        assert!(!at_once(&[by(ada, b"x")], &mut remembered).await, "somebody else took the number");
        assert_eq!(stored().await, rows(&["one", "two", "three", "four"]));
    }
}
