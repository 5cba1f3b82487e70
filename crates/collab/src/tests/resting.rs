//! Documents that are open and not touched: their copies go, their people stay.

use super::{
    editor::{Editor, joiner, settle, told_at_once},
    memory_log::{MemoryLog, doc},
};
use crate::{Close, Limits, Rooms};
use std::{sync::Arc, time::Duration};

fn rooms(log: &Arc<MemoryLog>) -> Rooms {
    Rooms::new(log.clone(), Limits { presence_tick: Duration::ZERO, ..told_at_once() })
}

async fn two(rooms: &Rooms) -> Vec<Editor> {
    let mut editors = vec![Editor::new(1), Editor::new(2)];
    for editor in &mut editors {
        editor.connect(rooms, doc(1)).await.unwrap();
    }
    editors[0].type_at(0.0, "before ").await;
    settle(&mut editors).await;
    editors
}

/// An awareness message of one client: here, with no state to speak of.
fn here(client: u8, clock: u8) -> Vec<u8> {
    vec![1, 6, 1, client, clock, 2, b'{', b'}']
}

#[tokio::test]
async fn the_next_word_wakes_it_and_reaches_everybody() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = two(&rooms).await;
    rooms.rest(Duration::from_secs(3600));
    editors[0].type_at(1.0, "and ").await;
    settle(&mut editors).await;
    assert_eq!(log.loads(), 1, "nobody rests who was needed just now");
    rooms.rest(Duration::ZERO);
    let heard = editors[1].heard.len();
    settle(&mut editors).await;
    assert_eq!((log.loads(), editors[1].heard.len()), (1, heard), "resting is not told");
    editors[0].type_at(1.0, "after").await;
    settle(&mut editors).await;
    assert_eq!(log.loads(), 2);
    for editor in &mut editors {
        assert!(editor.is_connected());
        assert_eq!(editor.said(), "before and after");
    }
    assert!(editors[0].is_saved());
}

#[tokio::test]
async fn a_long_document_wakes_too() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = two(&rooms).await;
    let long = "so much was written ".repeat(20_000);
    editors[0].type_at(1.0, &long).await;
    settle(&mut editors).await;
    rooms.rest(Duration::ZERO);
    editors[1].type_at(0.0, "and ").await;
    while editors[0].said().len() < long.len() + "and before ".len() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        settle(&mut editors).await;
    }
    assert_eq!(log.loads(), 2);
    assert_eq!(editors[0].said(), format!("and before {long}"));
    assert_eq!(editors[1].said(), editors[0].said());
}

#[tokio::test]
async fn signs_of_life_do_not_wake_it_and_are_passed_on() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = two(&rooms).await;
    rooms.rest(Duration::ZERO);
    editors[0].send(&here(7, 1)).await;
    editors[0].send(&[3]).await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(2)).await;
        settle(&mut editors).await;
    }
    assert_eq!((editors[0].presence.len(), editors[1].presence.len()), (1, 1), "an answer, and news");
    assert_eq!(log.loads(), 1);
    editors[0].send(&[1, 1, 9]).await;
    assert_eq!(editors[0].closed, Some(Close::MALFORMED));
}

#[tokio::test]
async fn who_comes_reads_or_writes_elsewhere_meets_the_same_document() {
    let log = MemoryLog::with(&[doc(1)]);
    let (near, far) = (rooms(&log), rooms(&log));
    let mut editors = two(&near).await;
    near.rest(Duration::ZERO);
    assert!(!near.state(doc(1)).await.unwrap().is_empty());
    editors.push(Editor::new(3));
    editors[2].connect(&near, doc(1)).await.unwrap();
    settle(&mut editors).await;
    assert_eq!(editors[2].said(), "before ");
    near.rest(Duration::ZERO);
    // What a neighbour appended wakes it too, as soon as that is known.
    let mut elsewhere = vec![Editor::new(4)];
    elsewhere[0].connect(&far, doc(1)).await.unwrap();
    settle(&mut elsewhere).await;
    elsewhere[0].type_at(1.0, "far").await;
    settle(&mut elsewhere).await;
    near.catch_up(doc(1)).await.unwrap();
    settle(&mut editors).await;
    for editor in &editors {
        assert_eq!(editor.said(), "before far");
    }
    near.rest(Duration::ZERO);
    near.shut_down().await;
    settle(&mut editors).await;
    assert!(editors.iter().all(|editor| editor.closed == Some(Close::GOING_AWAY)));
}

#[tokio::test]
async fn its_log_is_compacted_under_open_pages() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = Rooms::new(log.clone(), Limits { compact_after: 10, ..told_at_once() });
    let mut editors = two(&rooms).await;
    for _ in 0..20 {
        editors[0].type_at(1.0, "x").await;
        settle(&mut editors).await;
    }
    assert_eq!(log.updates(doc(1)).len(), 21);
    rooms.rest(Duration::ZERO);
    settle(&mut editors).await;
    assert_eq!((log.compactions(), log.updates(doc(1)).len()), (1, 1));
    editors[1].type_at(1.0, "y").await;
    settle(&mut editors).await;
    let said = format!("before {}y", "x".repeat(20));
    assert!(editors.iter().all(|editor| editor.is_connected() && editor.said() == said));
    drop(rooms.join(doc(1), joiner(9)).await.unwrap());
}
