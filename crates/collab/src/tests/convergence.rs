//! Many editors, bad lines: whatever happens on the way, all copies are equal in the end.

use super::{
    editor::{Editor, settle, told_at_once},
    memory_log::{MemoryLog, doc},
};
use crate::{Limits, Rooms};
use rand::{Rng, SeedableRng, rngs::StdRng};
use yrs::{GetString, Transact};

#[tokio::test]
async fn all_copies_are_equal_in_the_end() {
    for seed in 0..400 {
        converge(seed).await;
    }
}

async fn converge(seed: u64) {
    let mut chance = StdRng::seed_from_u64(seed);
    let log = MemoryLog::with(&[doc(1)]);
    let limits = Limits { compact_after: 5, ..told_at_once() };
    let mut rooms = Rooms::new(log.clone(), limits);
    let mut editors: Vec<Editor> = (0..chance.random_range(2..6)).map(Editor::new).collect();
    let mut old: Vec<Vec<Vec<u8>>> = vec![Vec::new(); editors.len()];
    for _ in 0..chance.random_range(10..60) {
        let n = chance.random_range(0..editors.len());
        let editor = &mut editors[n];
        match chance.random_range(0..20) {
            0..=8 => old[n].push(editor.type_at(chance.random(), "ab🦀").await),
            9..=11 => editor.delete_at(chance.random()).await,
            12 | 13 => editor.disconnect(),
            14..=16 if !editor.is_connected() => editor.connect(&rooms, doc(1)).await.unwrap(),
            // What it sent before once more, in any order. Where that leaves gaps the line may be closed.
            17 if !old[n].is_empty() => {
                let update = &old[n][chance.random_range(0..old[n].len())];
                editor.send(&crate::protocol::update(update)).await;
            }
            18 => log.fail_after(chance.random_range(0..3)),
            19 if chance.random_bool(0.2) => {
                rooms.shut_down().await;
                rooms = Rooms::new(log.clone(), limits);
            }
            _ => _ = editor.listen().await,
        }
        if chance.random_bool(0.3) {
            tokio::task::yield_now().await;
        }
    }
    // A failure that was ordered and not met yet would break the lines once more.
    log.fail_after(usize::MAX);
    for _ in 0..3 {
        for editor in &mut editors {
            editor.listen().await;
            if !editor.is_connected() {
                editor.connect(&rooms, doc(1)).await.unwrap();
            }
        }
        settle(&mut editors).await;
    }
    let said = editors[0].said();
    for editor in &editors {
        assert_eq!(editor.said(), said, "seed {seed}");
        assert!(editor.is_saved(), "seed {seed}");
    }
    let kept = crate::replica::new_doc();
    let text = kept.get_or_insert_text("text");
    for update in log.updates(doc(1)) {
        let update = yrs::updates::decoder::Decode::decode_v1(&update).unwrap();
        kept.transact_mut().apply_update(update).unwrap();
    }
    assert_eq!(text.get_string(&kept.transact()), said, "seed {seed}");
}
