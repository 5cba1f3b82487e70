//! Nothing is relayed or told as saved before the log has it, and nothing the log has gets lost.

use super::{
    editor::{Editor, joiner, settle, told_at_once},
    memory_log::{MemoryLog, doc},
};
use crate::{Close, Limits, Rooms};
use rand::{Rng, SeedableRng, rngs::StdRng};

async fn two(log: &std::sync::Arc<MemoryLog>) -> (Rooms, Vec<Editor>) {
    let rooms = Rooms::new(log.clone(), told_at_once());
    let mut editors = vec![Editor::new(1), Editor::new(2)];
    for editor in &mut editors {
        editor.connect(&rooms, doc(1)).await.unwrap();
    }
    settle(&mut editors).await;
    (rooms, editors)
}

#[tokio::test]
async fn nothing_is_relayed_answered_or_saved_before_the_log_has_it() {
    let log = MemoryLog::with(&[doc(1)]);
    let (rooms, mut editors) = two(&log).await;
    log.pause();
    editors[0].type_at(0.0, "not yet").await;
    // Somebody who joins now asks for everything, and must not get it either; nor must a reader of the page.
    let mut late = Editor::new(3);
    late.connect(&rooms, doc(1)).await.unwrap();
    editors.push(late);
    let reading = tokio::spawn({
        let rooms = rooms.clone();
        async move { rooms.state(doc(1)).await }
    });
    settle(&mut editors).await;
    assert_eq!([editors[1].said(), editors[2].said()], ["", ""]);
    assert!(!editors[0].is_saved() && !reading.is_finished());

    log.resume();
    settle(&mut editors).await;
    assert_eq!([editors[1].said(), editors[2].said()], ["not yet", "not yet"]);
    assert!(editors[0].is_saved());
    assert!(reading.await.unwrap().unwrap().len() > 7);
}

#[tokio::test]
async fn updates_that_arrive_during_an_append_go_together() {
    let log = MemoryLog::with(&[doc(1)]);
    let (_rooms, mut editors) = two(&log).await;
    log.pause();
    for _ in 0..50 {
        editors[0].type_at(1.0, "a").await;
        tokio::task::yield_now().await;
    }
    log.resume();
    settle(&mut editors).await;
    assert_eq!(editors[1].said(), "a".repeat(50));
    assert!(log.updates(doc(1)).len() <= 3, "{} rows", log.updates(doc(1)).len());
    assert!(editors[1].heard.len() <= 4, "{} frames", editors[1].heard.len());
}

#[tokio::test]
async fn a_log_that_fails_ends_the_room_and_the_next_join_reads_it_again() {
    let log = MemoryLog::with(&[doc(1)]);
    let (rooms, mut editors) = two(&log).await;
    editors[0].type_at(1.0, "kept").await;
    settle(&mut editors).await;
    log.fail_after(0);
    editors[0].type_at(1.0, " lost?").await;
    settle(&mut editors).await;
    assert_eq!([editors[0].closed, editors[1].closed], [Some(Close::LOG_FAILED); 2]);
    assert_eq!(rooms.open_count(), 0);
    assert!(!editors[0].is_saved());

    let loads = log.loads();
    editors[1].connect(&rooms, doc(1)).await.unwrap();
    settle(&mut editors).await;
    assert_eq!((log.loads(), editors[1].said().as_str()), (loads + 1, "kept"));
    // The client still has what was not saved, and brings it again.
    editors[0].connect(&rooms, doc(1)).await.unwrap();
    settle(&mut editors).await;
    assert_eq!(editors[1].said(), "kept lost?");
    assert!(editors[0].is_saved());
}

#[tokio::test]
async fn a_log_that_panics_ends_the_room_and_leaves_others_alone() {
    let log = MemoryLog::with(&[doc(1), doc(2)]);
    let (rooms, mut editors) = two(&log).await;
    let mut other = Editor::new(3);
    other.connect(&rooms, doc(2)).await.unwrap();
    editors.push(other);
    log.panic_at(doc(1));
    editors[0].type_at(0.0, "a").await;
    editors[2].type_at(0.0, "b").await;
    settle(&mut editors).await;
    assert_eq!(editors[1].closed, Some(Close::LOG_FAILED));
    assert!(editors[2].is_saved() && editors[2].is_connected());
    editors[0].connect(&rooms, doc(1)).await.unwrap();
    settle(&mut editors).await;
    assert!(editors[0].is_saved());
}

/// The process may end at any moment: what anybody saw, or was told as saved, is in the log by then.
#[tokio::test]
async fn whatever_anybody_saw_is_in_the_log() {
    for seed in 0..100 {
        let mut chance = StdRng::seed_from_u64(seed);
        let log = MemoryLog::with(&[doc(1)]);
        let (_rooms, mut editors) = two(&log).await;
        for step in 0..30 {
            match chance.random_range(0..10) {
                0 => log.pause(),
                1 => log.resume(),
                2 => log.fail_after(chance.random_range(0..5)),
                3..=6 => {
                    let n = chance.random_range(0..2);
                    _ = editors[n].type_at(chance.random(), "x").await;
                }
                _ => tokio::task::yield_now().await,
            }
            editors[0].listen().await;
            editors[1].listen().await;
            let kept = crate::replica::Replica::load(&log.updates(doc(1)), usize::MAX).unwrap();
            let kept = kept.known().unwrap();
            for (n, editor) in editors.iter().enumerate() {
                for (client, clock) in editor.saved.iter() {
                    assert!(kept.get(client) >= *clock, "seed {seed} step {step}: told as saved");
                }
                let other = editors[1 - n].doc.client_id();
                let seen = yrs::ReadTxn::state_vector(&yrs::Transact::transact(&editor.doc)).get(&other);
                assert!(kept.get(&other) >= seen, "seed {seed} step {step}: seen");
            }
        }
    }
}

#[tokio::test]
async fn an_orderly_end_loses_nothing() {
    let log = MemoryLog::with(&[doc(1)]);
    let (rooms, mut editors) = two(&log).await;
    log.pause();
    editors[0].type_at(0.0, "just in time").await;
    let ending = tokio::spawn({
        let rooms = rooms.clone();
        async move { rooms.shut_down().await }
    });
    tokio::task::yield_now().await;
    assert!(!ending.is_finished());
    log.resume();
    ending.await.unwrap();
    settle(&mut editors).await;
    assert_eq!(editors[1].said(), "just in time");
    assert_eq!([editors[0].closed, editors[1].closed], [Some(Close::GOING_AWAY); 2]);
    assert!(editors[0].is_saved() && rooms.open_count() == 0);
    assert_eq!(rooms.join(doc(1), joiner(1)).await.unwrap_err(), crate::JoinRefused::ShuttingDown);
}

#[tokio::test]
async fn a_full_line_makes_writers_wait_and_loses_nothing() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = Rooms::new(log.clone(), Limits { backlog: 100, ..told_at_once() });
    let mut editors = vec![Editor::new(1), Editor::new(2)];
    for editor in &mut editors {
        editor.connect(&rooms, doc(1)).await.unwrap();
    }
    settle(&mut editors).await;
    log.pause();
    editors[0].type_at(0.0, &"y".repeat(200)).await;
    let mut writer = editors.remove(0);
    let waiting = tokio::spawn(async move {
        writer.type_at(0.0, "z").await;
        writer
    });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    log.resume();
    editors.push(waiting.await.unwrap());
    settle(&mut editors).await;
    assert_eq!(editors[0].said().len(), 201);
}
