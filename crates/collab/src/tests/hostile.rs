//! What no editor sends: it is refused, and nobody but its sender notices.

use super::{
    editor::{Editor, joiner, settle, told_at_once},
    memory_log::{MemoryLog, doc},
};
use crate::{
    Close, Rooms,
    lib0::{put_bytes, put_number},
    protocol,
    replica::{Refused, Replica, new_doc},
};
use proptest::prelude::*;
use yrs::{
    Array, Map, ReadTxn, StateVector, Text, Transact, Xml, XmlElementPrelim, XmlFragment, XmlTextPrelim,
};

/// Updates that crashed yrs 0.26, or made every later encode of 0.28.1 panic.
const KNOWN: [&str; 3] = [
    "01042360442350106865db6c6c6f2077c3b6726c6420e6bc2801016d026b36017d0688235e0177017687235f03017d00",
    "01041410b24414001068656c6c6f2077c3b6726c6420eebca22801016d026b31017c3f80000088140e0177017687140f03017000",
    "01041710424417001068656c6c6f2077c3b6726c6420e6bca22801016d026b31017c3f80000088170e0177017687170f03017000",
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn state(build: impl FnOnce(&yrs::Doc)) -> Vec<u8> {
    let doc = new_doc();
    build(&doc);
    doc.transact().encode_state_as_update_v1(&StateVector::default())
}

/// One struct of client 5: `head` is info and parent, `content` what follows.
fn item(content: &[u8]) -> Vec<u8> {
    [&[1, 1, 5, 0][..], content, &[0]].concat()
}

/// Elements one in another, `depth` of them, and the outermost deleted in the same update.
fn nest(depth: u32, delete: bool) -> Vec<u8> {
    let mut out = vec![1];
    put_number(&mut out, depth.into());
    out.extend([5, 0]);
    for clock in 0..depth {
        out.push(7);
        if clock == 0 {
            out.extend([1, 1, b'r']);
        } else {
            out.extend([0, 5]);
            put_number(&mut out, (clock - 1).into());
        }
        out.extend([3, 1, b'p']);
    }
    if delete {
        out.extend([1, 5, 1, 0, 1])
    } else {
        out.push(0)
    }
    out
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let mut deep_value = vec![8, 1, 1, b'r', 1];
    deep_value.extend([117, 1].repeat(100_000));
    deep_value.push(126);
    let mut huge_map = vec![8, 1, 1, b'r', 1, 118];
    put_number(&mut huge_map, 1 << 30);
    let mut huge_count = Vec::new();
    put_number(&mut huge_count, 1 << 40);
    let mut far_id = vec![1, 1];
    put_number(&mut far_id, 1 << 60);
    far_id.extend([0, 4, 1, 1, b'r', 1, b'a', 0]);
    let mut overflow = vec![1, 1, 5];
    put_number(&mut overflow, u32::MAX.into());
    overflow.extend([0, 5, 0]);
    let mut cases: Vec<(&str, Vec<u8>)> = KNOWN.iter().map(|hex| ("known", bytes(hex))).collect();
    cases.extend([
        ("a value in a value, 100,000 times", item(&deep_value)),
        ("a map said to be huge", item(&huge_map)),
        ("a count without what is counted", huge_count),
        ("a client id of more than 53 bits", far_id),
        ("a clock beyond its range", overflow),
        ("elements in elements", nest(100_000, false)),
        ("elements in elements, deleted at once", nest(100_000, true)),
        ("a document in a document", item(&[9, 1, 1, b'r', 1, b'g', 126])),
        ("a type in an attribute", item(&[0x27, 1, 1, b'r', 1, b'k', 1])),
        (
            "a type beside an attribute, which makes it one",
            bytes("010305000701017203017028000500016b0177017687050103017100"),
        ),
        ("JSON of old", item(&[2, 1, 1, b'r', 0])),
        ("an item of unknown kind", item(&[18, 1, 1, b'r', 0])),
        ("an empty text", item(&[4, 1, 1, b'r', 0])),
        ("text that is no UTF-8", item(&[4, 1, 1, b'r', 2, 0xff, 0xfe])),
        ("bytes after the end", [&item(&[4, 1, 1, b'r', 1, b'a'])[..], &[1]].concat()),
        ("a neighbour that is not there", item(&[0x84, 9, 3, 1, b'a'])),
        ("a deletion of what is not there", vec![0, 1, 9, 1, 0, 5]),
        ("two that wait for each other", bytes("020106008405000161010500840600016200")),
        ("a part that is skipped", item(&[10, 5])),
        ("nothing at all", vec![]),
    ]);
    cases
}

#[tokio::test]
async fn hostile_updates_are_refused_and_nobody_else_notices() {
    let log = MemoryLog::with(&[doc(1), doc(2)]);
    let rooms = Rooms::new(log.clone(), told_at_once());
    let mut editors: Vec<Editor> = (1..4).map(Editor::new).collect();
    for (editor, n) in editors.iter_mut().zip([1, 1, 2]) {
        editor.connect(&rooms, doc(n)).await.unwrap();
    }
    settle(&mut editors).await;
    for (what, update) in hostile() {
        let (incoming, _outgoing) = rooms.join(doc(1), joiner(9)).await.unwrap().split();
        incoming.receive(&protocol::step2(&[0, 0])).await.unwrap();
        let result = incoming.receive(&protocol::update(&update)).await;
        assert_eq!(result, Err(Close::MALFORMED), "{what}");
        drop(incoming);
        for editor in &mut editors {
            editor.type_at(0.5, "x").await;
        }
        settle(&mut editors).await;
        for editor in &editors {
            assert!(editor.is_connected() && editor.is_saved(), "{what}: {:?}", editor.closed);
        }
        assert_eq!(editors[0].said(), editors[1].said(), "{what}");
        assert!(rooms.state(doc(1)).await.is_ok() && rooms.read(doc(1)).await.is_ok(), "{what}");
    }
}

#[tokio::test]
async fn a_client_that_types_before_it_is_in_step_is_not_sent_away() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = Rooms::new(log, told_at_once());
    let mut editors = vec![Editor::new(1), Editor::new(2)];
    editors[0].type_at(0.0, "written on the train").await;
    for editor in &mut editors {
        editor.connect(&rooms, doc(1)).await.unwrap();
    }
    // The line is open, our question not yet answered: this leans on what the server never saw.
    editors[0].type_at(1.0, ", and on").await;
    settle(&mut editors).await;
    assert!(editors[0].is_connected() && editors[0].is_saved());
    assert_eq!(editors[1].said(), "written on the train, and on");
    // Later there is no such excuse.
    editors[0].send(&protocol::update(&item(&[0x84, 9, 3, 1, b'a']))).await;
    assert_eq!(editors[0].closed, Some(Close::MALFORMED));
}

#[tokio::test]
async fn a_spoilt_copy_is_rebuilt_under_those_who_write() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = Rooms::new(log.clone(), told_at_once());
    let mut editors = vec![Editor::new(1), Editor::new(2)];
    for editor in &mut editors {
        editor.connect(&rooms, doc(1)).await.unwrap();
    }
    settle(&mut editors).await;
    // Each passes the walk; one after the other they nest deeper than allowed, which shows only afterwards.
    let (incoming, _outgoing) = rooms.join(doc(1), joiner(9)).await.unwrap().split();
    log.pause();
    editors[0].type_at(0.0, "unsaved").await;
    let mut result = Ok(());
    let mut clock = 0_u64;
    while result.is_ok() {
        let mut update = vec![1, 1, 5];
        put_number(&mut update, clock);
        update.push(7);
        if clock == 0 {
            update.extend([1, 1, b'r']);
        } else {
            update.extend([0, 5]);
            put_number(&mut update, clock - 1);
        }
        update.extend([3, 1, b'p', 0]);
        result = incoming.receive(&protocol::update(&update)).await;
        clock += 1;
        assert!(clock < 1000);
    }
    assert_eq!(result, Err(Close::MALFORMED));
    drop(incoming);
    let loads = log.loads();
    log.resume();
    settle(&mut editors).await;
    assert_eq!(log.loads(), loads + 1);
    editors[1].type_at(0.0, "still here, ").await;
    settle(&mut editors).await;
    assert_eq!(editors[0].said(), "still here, unsaved");
    assert!(editors.iter().all(Editor::is_saved));
}

#[tokio::test]
async fn frames_that_are_none_close_only_their_own_line() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = Rooms::new(log, told_at_once());
    let mut editors = vec![Editor::new(1)];
    editors[0].connect(&rooms, doc(1)).await.unwrap();
    settle(&mut editors).await;
    let too_long = vec![0; told_at_once().frame + 1];
    let mut state_vector = Vec::new();
    put_number(&mut state_vector, 1 << 31);
    let huge_vector = protocol::step1(&state_vector);
    let mut presence = vec![1, 5, 1];
    put_bytes(&mut presence, "[".repeat(5000).as_bytes());
    let nested_presence = protocol::awareness(&presence);
    let frames: [&[u8]; 8] =
        [&too_long, &huge_vector, &nested_presence, &[0], &[0, 9], &[2, 0], &[100, 0], &[0xff; 20]];
    for frame in frames {
        let (incoming, _outgoing) = rooms.join(doc(1), joiner(9)).await.unwrap().split();
        assert_eq!(
            incoming.receive(frame).await,
            Err(Close::MALFORMED),
            "{:?}",
            &frame[..frame.len().min(9)]
        );
    }
    editors[0].type_at(0.0, "fine").await;
    settle(&mut editors).await;
    assert!(editors[0].is_saved());
}

#[test]
fn a_document_has_a_largest_size() {
    let mut replica = Replica::load::<Vec<u8>>(&[], 1000).unwrap();
    let long = state(|doc| {
        let text = doc.get_or_insert_text("t");
        text.insert(&mut doc.transact_mut(), 0, &"a".repeat(2000));
    });
    assert_eq!(replica.accept(&long), Err(Refused::TooLarge));
    assert!(!replica.is_spoilt());
}

#[test]
fn what_was_known_before_is_nothing_new() {
    let mut replica = Replica::load::<Vec<u8>>(&[], usize::MAX).unwrap();
    let update = rich();
    assert!(replica.accept(&update).unwrap().is_some());
    assert_eq!(replica.accept(&update), Ok(None));
    assert_eq!(replica.accept(&[0, 0]), Ok(None));
}

/// A document with something of everything that is let in.
pub(super) fn rich() -> Vec<u8> {
    state(|doc| {
        let text = doc.get_or_insert_text("text");
        let fragment = doc.get_or_insert_xml_fragment("default");
        let array = doc.get_or_insert_array("array");
        let map = doc.get_or_insert_map("map");
        let mut txn = doc.transact_mut();
        text.insert(&mut txn, 0, "hello wörld 漢🦀");
        text.remove_range(&mut txn, 2, 3);
        let bold = [("bold".into(), true.into())].into();
        text.format(&mut txn, 0, 4, bold);
        for level in 1..4_i64 {
            let element = fragment.push_back(&mut txn, XmlElementPrelim::empty("heading"));
            element.insert_attribute(&mut txn, "level", yrs::Any::from(level));
            element.push_back(&mut txn, XmlTextPrelim::new("words"));
        }
        fragment.remove_range(&mut txn, 1, 1);
        array.insert_range(&mut txn, 0, [1_i64, 2, 3]);
        map.insert(&mut txn, "k", 1.5);
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Accepted or refused: a document that is not spoilt can still be encoded, read and extended.
    #[test]
    fn no_mutation_poisons_a_document(
        known in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..5),
    ) {
        let mut seeds = vec![rich()];
        seeds.extend(KNOWN.iter().map(|hex| bytes(hex)));
        let mut update = seeds.swap_remove(known.index(seeds.len()));
        for (at, byte, how) in changes {
            let at = at.index(update.len().max(1)).min(update.len());
            match how {
                0 if at < update.len() => update[at] = byte,
                1 => update.insert(at, byte),
                _ if at < update.len() => _ = update.remove(at),
                _ => {}
            }
        }
        let base = state(|doc| doc.get_or_insert_text("text").insert(&mut doc.transact_mut(), 0, "base 🦀 text"));
        let mut replica = Replica::load(&[base], usize::MAX).unwrap();
        let result = replica.accept(&update);
        if replica.is_spoilt() {
            prop_assert_eq!(result, Err(Refused::Harmful));
        } else {
            let state = replica.state().unwrap();
            prop_assert!(replica.document().is_ok());
            let mut again = Replica::load(&[state], usize::MAX).unwrap();
            prop_assert_eq!(again.known(), replica.known());
            prop_assert_eq!(again.document(), replica.document());
        }
    }

    #[test]
    fn no_frame_makes_the_reader_panic(frame in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut reader = crate::lib0::Reader::new(&frame);
        while let Ok(Some(_)) = protocol::next_message(&mut reader) {}
        let _ = crate::anatomy::Anatomy::of(&frame);
        let _ = crate::replica::read_state_vector(&frame);
    }
}
