//! Coming, going, and what each may do.

use super::{
    editor::{Editor, joiner, settle, told_at_once},
    memory_log::{MemoryLog, doc, person},
};
use crate::{
    Changed, Close, CloseReason, JoinRefused, Joiner, Limits, Outgoing, Rooms, Whose, protocol, room::Tick,
};
use futures_util::{FutureExt, future::join_all};
use std::{sync::Arc, time::Duration};

fn rooms(log: &Arc<MemoryLog>) -> Rooms {
    Rooms::new(log.clone(), Limits { presence_tick: Duration::ZERO, ..told_at_once() })
}

async fn connected(rooms: &Rooms, people: std::ops::Range<u8>) -> Vec<Editor> {
    let mut editors: Vec<Editor> = people.map(Editor::new).collect();
    for editor in &mut editors {
        editor.connect(rooms, doc(1)).await.unwrap();
    }
    settle(&mut editors).await;
    editors
}

/// Between ticks that never come by themselves.
const NEVER: Duration = Duration::from_secs(3600);

/// Presence is told by a timer, however short.
async fn settle_presence(editors: &mut [Editor]) {
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(2)).await;
        settle(editors).await;
    }
}

#[tokio::test]
async fn many_who_join_at_once_open_one_room() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    log.pause();
    let joining = join_all((0..20).map(|n| rooms.join(doc(1), joiner(n))));
    let (joined, ()) = tokio::join!(joining, async {
        tokio::task::yield_now().await;
        log.resume();
    });
    assert!(joined.iter().all(Result::is_ok));
    assert_eq!((log.loads(), rooms.open_count()), (1, 1));
    drop(joined);
    assert_eq!(rooms.open_count(), 0);
}

#[tokio::test]
async fn a_document_that_does_not_exist_leaves_nothing_open() {
    let log = MemoryLog::with(&[]);
    let rooms = rooms(&log);
    let refused = rooms.join(doc(1), joiner(1)).await.unwrap_err();
    assert_eq!(refused.close(), Close::GONE);
    assert_eq!(rooms.open_count(), 0);
}

#[tokio::test]
async fn an_idle_room_is_let_go_and_its_log_compacted() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = Rooms::new(log.clone(), Limits { compact_after: 10, ..told_at_once() });
    let mut editors = connected(&rooms, 1..2).await;
    for _ in 0..11 {
        editors[0].type_at(1.0, "a").await;
        settle(&mut editors).await;
    }
    // Left with an append under way: the room stays until it is through.
    log.pause();
    editors[0].type_at(1.0, "b").await;
    tokio::task::yield_now().await;
    editors[0].disconnect();
    assert_eq!(rooms.open_count(), 1);
    log.resume();
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!((rooms.open_count(), log.compactions(), log.updates(doc(1)).len()), (0, 1, 1));
    let mut editors = connected(&rooms, 2..3).await;
    settle(&mut editors).await;
    assert_eq!(editors[0].said(), "aaaaaaaaaaab");
}

#[tokio::test]
async fn readers_read_and_do_not_write() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = connected(&rooms, 1..2).await;
    editors[0].type_at(0.0, "words").await;
    editors[0].delete_at(0.5).await;
    settle(&mut editors).await;

    let mut reader = Editor::new(2);
    reader.joiner.may_write = false;
    // Twice: the second time its answer to our step 1 holds the deletion it knows of.
    for _ in 0..2 {
        reader.connect(&rooms, doc(1)).await.unwrap();
        settle(std::slice::from_mut(&mut reader)).await;
        assert!(reader.is_connected(), "{:?}", reader.closed);
        assert_eq!(reader.said(), "wods");
        reader.disconnect();
    }
    reader.connect(&rooms, doc(1)).await.unwrap();
    settle(std::slice::from_mut(&mut reader)).await;
    reader.type_at(0.0, "mine").await;
    assert_eq!(reader.closed, Some(Close::FORBIDDEN));
    settle(&mut editors).await;
    assert_eq!(editors[0].said(), "wods");
}

#[tokio::test]
async fn a_copy_of_an_earlier_life_is_refused() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = connected(&rooms, 1..2).await;
    editors[0].type_at(0.0, "old").await;
    settle(&mut editors).await;
    {
        let mut docs = log.docs();
        let rows = docs.get_mut(&doc(1)).unwrap();
        rows.epoch = 1;
        rows.rows.clear();
    }
    rooms.close(doc(1), CloseReason::Replaced);
    settle(&mut editors).await;
    assert_eq!(editors[0].closed, Some(Close::REPLACED));
    let old = Joiner { epoch: Some(0), ..joiner(1) };
    let refused = rooms.join(doc(1), old.clone()).await.unwrap_err();
    assert_eq!((refused.clone(), refused.close()), (JoinRefused::Epoch(1), Close::REPLACED));
    assert_eq!(rooms.open_count(), 0);
    let current = Joiner { epoch: Some(1), ..old };
    assert_eq!(rooms.join(doc(1), current).await.unwrap().epoch(), 1);
}

#[tokio::test]
async fn a_document_replaced_behind_our_back_is_not_written() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = connected(&rooms, 1..2).await;
    log.docs().get_mut(&doc(1)).unwrap().epoch = 5;
    editors[0].type_at(0.0, "old").await;
    settle(&mut editors).await;
    assert_eq!(editors[0].closed, Some(Close::REPLACED));
    assert!(log.updates(doc(1)).is_empty());
}

#[tokio::test]
async fn a_person_who_lost_access_is_sent_away_and_reads_nothing_more() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = connected(&rooms, 1..4).await;
    editors[1].objection = Some(Close::FORBIDDEN);
    editors[0].type_at(0.0, "secret").await;
    settle(&mut editors[..1]).await;
    rooms.ask_again(Whose::Person(person(2)));
    settle(&mut editors).await;
    assert_eq!((editors[1].closed, editors[1].said().as_str()), (Some(Close::FORBIDDEN), ""));
    assert!(editors[0].is_connected() && editors[0].is_saved());
    assert_eq!(editors[2].said(), "secret");
    assert_eq!([0, 1, 2].map(|n| editors[n].asked), [0, 1, 0], "nobody else is asked");
    for (whose, asked) in [(doc(2), 0), (doc(1), 1)].map(|(doc, asked)| (Whose::Document(doc), asked)) {
        rooms.ask_again(whose);
        settle(&mut editors).await;
        assert_eq!(editors[0].asked, asked, "{whose:?}");
    }
    rooms.ask_again(Whose::Everybody);
    settle(&mut editors).await;
    assert_eq!([0, 1, 2].map(|n| editors[n].asked), [2, 1, 2]);
    rooms.close(doc(1), CloseReason::Deleted);
    settle(&mut editors).await;
    assert_eq!((editors[0].closed, rooms.open_count()), (Some(Close::GONE), 0));
}

#[tokio::test]
async fn a_slow_reader_costs_a_bounded_amount_and_catches_up() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = Rooms::new(log.clone(), Limits { queue: 20_000, ..told_at_once() });
    let mut editors = connected(&rooms, 1..4).await;
    for _ in 0..100 {
        editors[0].type_at(1.0, &"w".repeat(1000)).await;
        settle(&mut editors[..2]).await;
    }
    assert!(editors[0].is_connected() && editors[1].is_connected());
    settle(&mut editors).await;
    assert_eq!(editors[2].closed, Some(Close::TRY_AGAIN));
    editors[2].connect(&rooms, doc(1)).await.unwrap();
    settle(&mut editors).await;
    assert_eq!(editors[2].said(), editors[0].said());
}

#[tokio::test]
async fn presence_comes_goes_and_is_gathered() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = connected(&rooms, 1..4).await;
    for clock in 1..50 {
        let mut content = vec![1, 77, clock];
        crate::lib0::put_bytes(&mut content, br#"{"cursor":{}}"#);
        editors[0].send(&protocol::awareness(&content)).await;
    }
    settle_presence(&mut editors).await;
    assert!((1..5).contains(&editors[1].presence.len()), "{}", editors[1].presence.len());
    assert!(String::from_utf8_lossy(&editors[1].presence[0]).contains("Person 1"));
    // Who comes later hears it at once.
    let mut late = Editor::new(9);
    late.connect(&rooms, doc(1)).await.unwrap();
    late.listen().await;
    assert_eq!(late.presence.len(), 1);
    editors[0].disconnect();
    settle_presence(&mut editors).await;
    assert!(editors[1].presence.last().unwrap().ends_with(b"null"));
}

#[tokio::test]
async fn presence_waits_for_words_that_are_being_written_each_time_anew() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = Rooms::new(log.clone(), Limits { presence_tick: NEVER, ..told_at_once() });
    let mut editors = connected(&rooms, 1..3).await;
    for clock in 1..5 {
        log.pause();
        editors[0].type_at(1.0, "a").await;
        editors[0].send(&protocol::awareness(&[1, 77, clock, 2, b'{', b'}'])).await;
        rooms.tick(doc(1), Tick::Soon);
        rooms.tick(doc(1), Tick::Late);
        settle(&mut editors).await;
        assert_eq!(editors[1].presence.len(), usize::from(clock) - 1, "the words are about to go");
        log.resume();
        settle(&mut editors).await;
        assert_eq!((editors[1].presence.len(), editors[1].said().len()), (clock.into(), clock.into()));
    }
    log.pause();
    editors[0].type_at(1.0, "a").await;
    editors[0].send(&protocol::awareness(&[1, 77, 5, 2, b'{', b'}'])).await;
    rooms.tick(doc(1), Tick::Late);
    rooms.tick(doc(1), Tick::Late);
    settle(&mut editors).await;
    assert_eq!((editors[1].presence.len(), editors[1].said().len()), (5, 4), "these take long");
    log.resume();
}

#[tokio::test]
async fn presence_does_not_wait_for_words_that_take_long() {
    // With the words, or a moment before them.
    for (first, tick) in [(false, 1), (true, 20)] {
        let log = MemoryLog::with(&[doc(1)]);
        let limits = Limits { presence_tick: Duration::from_millis(tick), ..Limits::default() };
        let rooms = Rooms::new(log.clone(), limits);
        let mut editors = connected(&rooms, 1..3).await;
        log.pause();
        let presence = protocol::awareness(&[1, 77, 1, 2, b'{', b'}']);
        if first {
            editors[0].send(&presence).await;
        }
        editors[0].type_at(0.0, "a").await;
        if !first {
            editors[0].send(&presence).await;
        }
        for _ in 0..1_000 {
            if !editors[1].presence.is_empty() {
                break;
            }
            settle_presence(&mut editors).await;
        }
        assert!(!editors[1].presence.is_empty() && editors[1].said().is_empty());
        log.resume();
        settle(&mut editors).await;
        assert_eq!(editors[1].said(), "a");
    }
}

#[tokio::test]
async fn changes_next_to_the_text_are_told_to_those_who_understand_them() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = connected(&rooms, 1..2).await;
    let plain = Joiner { wants_acks: false, ..joiner(2) };
    let (_incoming, mut outgoing) = rooms.join(doc(1), plain).await.unwrap().split();
    assert!(matches!(outgoing.next().await, Some(Outgoing::Frame(_))));
    rooms.tell(doc(1), Changed::FollowUps);
    rooms.tell(doc(2), Changed::Facts);
    settle(&mut editors).await;
    assert_eq!(editors[0].changed, [r#"{"what":"follow-ups"}"#]);
    editors[0].type_at(0.0, "x").await;
    settle(&mut editors).await;
    assert!(matches!(outgoing.next().await, Some(Outgoing::Frame(frame)) if frame[..2] == [0, 2]));
    assert!(outgoing.next().now_or_never().is_none());
}

#[tokio::test]
async fn what_another_process_appended_is_passed_on() {
    let log = MemoryLog::with(&[doc(1)]);
    let (here, there) = (rooms(&log), rooms(&log));
    let mut editors = connected(&here, 1..2).await;
    let mut others = connected(&there, 2..3).await;
    for round in 0..3 {
        editors[0].type_at(1.0, "a").await;
        others[0].type_at(1.0, "b").await;
        settle(&mut editors).await;
        settle(&mut others).await;
        here.catch_up(doc(1)).await.unwrap();
        there.catch_up(doc(1)).await.unwrap();
        settle(&mut editors).await;
        settle(&mut others).await;
        assert_eq!(editors[0].said(), others[0].said(), "round {round}");
        assert_eq!(editors[0].said().len(), 2 * (round + 1));
    }
}

#[tokio::test]
async fn who_wrote_what_can_be_told() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = connected(&rooms, 1..3).await;
    editors[0].type_at(0.0, "one").await;
    editors[1].type_at(0.0, "two").await;
    settle(&mut editors).await;
    // Passing on what another wrote does not make it one's own.
    let docs = log.docs().clone();
    let rows = docs[&doc(1)].rows.iter().map(|(_, update, author)| (update.clone(), *author));
    let again = rows.clone().map(|(update, _)| (update, Some(person(9))));
    let authors = crate::authors_of(rows.chain(again));
    assert_eq!(authors.into_iter().collect::<Vec<_>>(), [(101, person(1)), (102, person(2))]);
}

#[tokio::test]
async fn rows_in_another_order_than_they_were_written_reach_everybody_here_at_once() {
    let log = MemoryLog::with(&[doc(1)]);
    let rooms = rooms(&log);
    let mut editors = connected(&rooms, 1..3).await;
    editors[0].type_at(0.0, "zero ").await;
    settle(&mut editors).await;
    // Another process wrote one turn of two authors: the row that leans on the other stands before it.
    let mut elsewhere = Editor::new(7);
    let (one, two) = (elsewhere.type_at(0.0, "one ").await, elsewhere.type_at(1.0, "two").await);
    log.docs().get_mut(&doc(1)).unwrap().rows.extend([(2, two, None), (3, one, None)]);
    rooms.catch_up(doc(1)).await.unwrap();
    settle(&mut editors).await;
    for editor in &mut editors {
        assert!(editor.is_connected());
        assert!(editor.said().contains("one two") && editor.said().contains("zero "), "{}", editor.said());
    }
    // Once is enough.
    let heard = editors[1].heard.len();
    rooms.catch_up(doc(1)).await.unwrap();
    settle(&mut editors).await;
    assert_eq!(editors[1].heard.len(), heard);
}

#[tokio::test]
async fn what_is_saved_goes_with_the_next_words_or_soon_by_itself() {
    let log = MemoryLog::with(&[doc(1)]);
    let limits = Limits { presence_tick: NEVER, ..Limits::default() };
    let rooms = Rooms::new(log.clone(), limits);
    let mut editors = connected(&rooms, 1..3).await;
    editors[0].type_at(0.0, "a").await;
    settle(&mut editors).await;
    assert!(editors[1].said() == "a" && !editors[0].is_saved(), "others hear at once");
    editors[1].type_at(0.0, "b").await;
    settle(&mut editors).await;
    assert!(editors[0].is_saved() && !editors[1].is_saved(), "it came with the other's words");
    rooms.tick(doc(1), Tick::Late);
    // Who goes on typing waits no longer for it.
    editors[1].type_at(0.0, "c").await;
    settle(&mut editors).await;
    assert!(!editors[1].is_saved(), "most hear it with words of others");
    rooms.tick(doc(1), Tick::Late);
    settle(&mut editors).await;
    assert!(editors[1].is_saved(), "by itself");
    // Alone there is nothing to go with.
    editors[1].disconnect();
    editors[0].type_at(0.0, "c").await;
    settle(&mut editors).await;
    assert!(editors[0].is_saved());
}
