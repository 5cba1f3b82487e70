//! The log of shared documents.

use super::*;
use domain::{PostmortemId, instant::Span};
use std::collections::HashSet;
use store::{
    Tx,
    copying::{self, Value},
    documents::{self, Remembered, Stored, Update},
    tables::Table,
    versions,
};
use testing::{Kind, both, by_hand};

/// A document that lives under epoch 7, made by hand.
pub(super) async fn document(url: &str) -> PostmortemId {
    document_of(url, 1).await
}

async fn another_document(url: &str) -> PostmortemId {
    document_of(url, 2).await
}

/// The document of the incident with this number.
async fn document_of(url: &str, number: u128) -> PostmortemId {
    let id = number << 64;
    let (incident, id_digits) = (format!("{number:032x}"), format!("{id:032x}"));
    let literal = |hex: &str| {
        if url.starts_with("sqlite:") { format!("X'{hex}'") } else { format!("'{hex}'") }
    };
    let incident = literal(&incident);
    by_hand(
        url,
        &[
            &format!(
                "INSERT INTO incidents (id, number, title, summary, kind, state, services, declared_at, words, revision)
                 VALUES ({incident}, {number}, 'Slow boards', '', 'incident', 'open', '[]', 0, '', 1)"
            ),
            &format!(
                "INSERT INTO postmortems
                   (id, incident, title, template, owner_due, state, created_at, epoch, opening, revision)
                 VALUES ({}, {incident}, 'Slow boards', 'plain', 1, 'draft', 0, 7, '', 1)",
                literal(&id_digits)
            ),
        ],
    )
    .await;
    PostmortemId(uuid::Uuid::from_u128(id))
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

/// The long way, after which they are remembered.
async fn append_and_learn(db: &Db, updates: &[Update<'_>], remembered: &mut Remembered) {
    let mut tx = db.write().await.unwrap();
    let kept = documents::append_all(&mut tx, updates, remembered.writers(), NOW).await.unwrap();
    assert_eq!(kept, vec![true; updates.len()]);
    let numbers = documents::last_numbers(&mut tx, updates).await.unwrap();
    tx.commit().await.unwrap();
    remembered.learn(updates.iter().copied(), numbers);
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
        append_and_learn(&db, &[by(ada, b"one")], &mut remembered).await;
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

        append(&db, document, 7, b"four", None).await.unwrap();
        assert!(!at_once(&[by(ada, b"x")], &mut remembered).await, "somebody else took the number");
        let mut other = Remembered::default();
        append_and_learn(&db, &[by(ada, b"five")], &mut other).await;
        append_and_learn(&db, &[by(ada, b"six")], &mut remembered).await;
        assert!(!at_once(&[by(ada, b"x")], &mut other).await, "and here again");
        assert!(at_once(&[by(ada, b"seven")], &mut remembered).await);
        assert_eq!(stored().await, rows(&["one", "two", "three", "four", "five", "six", "seven"]));
    }

    async fn what_somebody_else_numbered_in_between_is_not_remembered(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let (one, two) = (document(&place.0).await, another_document(&place.0).await);
        let of = |document, body| Update { document, epoch: 7, body, author: None };
        let (mut ours, mut theirs) = (Remembered::default(), Remembered::default());
        append_and_learn(&db, &[of(one, b"1"), of(two, b"1")], &mut ours).await;
        append_and_learn(&db, &[of(two, b"2")], &mut theirs).await;
        append_and_learn(&db, &[of(one, b"2")], &mut ours).await;
        assert!(!documents::append_at_once(&db, &[of(two, b"3")], &mut ours, NOW).await.unwrap());
        append_and_learn(&db, &[of(two, b"3")], &mut ours).await;
        let alone = !db.has_neighbours();
        let both = [of(one, b"3"), of(two, b"4")];
        assert_eq!(documents::append_at_once(&db, &both, &mut ours, NOW).await.unwrap(), alone, "nobody was in between");
        let mut tx = db.read().await.unwrap();
        for (document, expected) in [(one, 2), (two, 3)] {
            let updates = documents::load(&mut tx, document).await.unwrap().unwrap().updates;
            let last = expected + i64::from(alone);
            assert_eq!(updates.into_iter().map(|(seq, _)| seq).collect::<Vec<_>>(), (1..=last).collect::<Vec<_>>());
        }
    }

    async fn of_what_may_be_on_disk_only_the_record_can_tell(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let of = |body| Update { document, epoch: 7, body, author: None };
        let mut remembered = Remembered::default();
        append_and_learn(&db, &[of(b"1")], &mut remembered).await;
        if db.has_neighbours() {
            return;
        }
        // Given up halfway: it is kept all the same, and nobody heard.
        {
            let words = [of(b"2")];
            let mut given_up = std::pin::pin!(documents::append_at_once(&db, &words, &mut remembered, NOW));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(given_up.as_mut().poll(&mut context).is_pending());
        }
        assert!(!documents::append_at_once(&db, &[of(b"3")], &mut remembered, NOW).await.unwrap());
        append_and_learn(&db, &[of(b"3")], &mut remembered).await;
        let refuse = "CREATE TRIGGER full BEFORE INSERT ON recent_edits BEGIN SELECT RAISE(ABORT, 'no room'); END";
        by_hand(&place.0, &[refuse]).await;
        documents::append_at_once(&db, &[of(b"4")], &mut remembered, NOW).await.unwrap_err();
        by_hand(&place.0, &["DROP TRIGGER full"]).await;
        assert!(!documents::append_at_once(&db, &[of(b"4")], &mut remembered, NOW).await.unwrap());
        let mut tx = db.read().await.unwrap();
        let updates = documents::load(&mut tx, document).await.unwrap().unwrap().updates;
        let bodies: Vec<Vec<u8>> = updates.into_iter().map(|(_, body)| body).collect();
        assert!(bodies == [b"1", b"2", b"3"] || bodies == [b"1", b"3"], "{bodies:?}");
    }

    async fn recent_edits_are_read_wherever_they_are(place: (String, Kind)) {
        let db = Db::open(&place.0).await.unwrap();
        let document = document(&place.0).await;
        let (ada, wren) = (somebody(&db, 1, Role::Member).await, somebody(&db, 2, Role::Member).await);
        let by = |author: &Person, body| Update { document, epoch: 7, body, author: Some(author.id) };
        let mut remembered = Remembered::default();
        append_and_learn(&db, &[by(&wren, b"1"), by(&ada, b"2")], &mut remembered).await;
        let mut add = async |updates: &[Update<'_>]| {
            if !documents::append_at_once(&db, updates, &mut remembered, NOW).await.unwrap() {
                assert!(db.has_neighbours(), "what was remembered stays true");
                append_and_learn(&db, updates, &mut remembered).await;
            }
        };
        add(&[by(&ada, b"3")]).await;
        add(&[by(&ada, b"4"), by(&ada, b"5")]).await;

        let updates: Vec<(i64, Vec<u8>)> = (1..=5).map(|n| (n, n.to_string().into_bytes())).collect();
        let signed = |upto| {
            let authors = [&wren, &ada, &ada, &ada, &ada].map(|author| Some(author.id));
            updates.iter().map(|(_, body)| body.clone()).zip(authors).take(upto).collect::<Vec<_>>()
        };
        for away in [false, true] {
            let mut tx = db.read().await.unwrap();
            let stored = documents::load(&mut tx, document).await.unwrap().unwrap();
            assert_eq!(stored, Stored { epoch: 7, updates: updates.clone() }, "{away}");
            assert_eq!(documents::since(&mut tx, document, 7, 1).await.unwrap().unwrap(), updates[1..]);
            assert_eq!(documents::since(&mut tx, document, 7, 4).await.unwrap().unwrap(), updates[4..]);
            assert_eq!(documents::since(&mut tx, document, 8, 1).await.unwrap(), None);
            assert_eq!(documents::signed(&mut tx, document, 4).await.unwrap(), signed(4));
            assert_eq!(versions::writers_since(&mut tx, document, 4).await.unwrap(), [ada.name.to_string()]);
            let (to, mut from) = tokio::sync::mpsc::channel(9);
            let log = Table::named("document_updates").unwrap();
            assert!(copying::read(&mut tx, log, &log.carried(), &to).await.unwrap());
            drop(to);
            let mut copied = Vec::new();
            while let Some(batch) = from.recv().await {
                copied.extend(batch.rows.into_iter().map(|mut row| row.swap_remove(2)));
            }
            assert_eq!(copied, updates.iter().map(|(_, body)| Value::Bytes(Some(body.clone()))).collect::<Vec<_>>());
            drop(tx);
            documents::put_recent_away(&db).await.unwrap();
        }

        add(&[by(&wren, b"6"), by(&wren, b"7")]).await;
        let mut tx = db.write().await.unwrap();
        documents::compact(&mut tx, document, 7, 6, b"state", [], NOW).await.unwrap();
        tx.commit().await.unwrap();
        add(&[by(&ada, b"8")]).await;
        let mut tx = db.write().await.unwrap();
        let numbers = async |tx: &mut Tx| {
            let stored = documents::load(tx, document).await.unwrap().unwrap();
            stored.updates.into_iter().map(|(seq, body)| format!("{seq} {}", String::from_utf8(body).unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&mut tx).await, ["6 state", "7 7", "8 8"]);
        documents::begin_anew(&mut tx, document, b"anew", [], NOW).await.unwrap();
        assert_eq!(numbers(&mut tx).await, ["8 anew"]);
        tx.commit().await.unwrap();
        let lived = [by(&ada, b"x")];
        assert!(!documents::append_at_once(&db, &lived, &mut remembered, NOW).await.unwrap(), "another life");
    }
}
