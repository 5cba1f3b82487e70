//! Bringing a document back to what it said before, by one more edit of it.
//!
//! Nothing is replaced behind anybody's back: the history goes on under the same epoch, so copies of it that
//! come back later merge as always and no text doubles.

use crate::{
    Unreadable,
    begin::write_at,
    projection::{FRAGMENT, children},
    replica::{Replica, options},
};
use domain::{
    difference::common,
    document::{Block, Document},
};
use std::{
    mem::forget,
    panic::{AssertUnwindSafe, catch_unwind},
};
use yrs::{Doc, ReadTxn, StateVector, Transact, Update, XmlFragment, updates::decoder::Decode};

/// Why a document cannot be rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RewriteError {
    /// It is stored in a form that cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// What it says now and what it is to say are too much together.
    #[error("the document would become larger than it may")]
    TooLarge,
}

/// One update that says the same as all of these, in order.
pub fn merged<U: AsRef<[u8]>>(updates: &[U]) -> Result<Vec<u8>, Unreadable> {
    Replica::load(updates, usize::MAX).and_then(|mut replica| replica.state()).map_err(|_| Unreadable)
}

/// One Yjs update (version 1) after which the document of `updates` says what `wanted` says; `None` if it does
/// already. Blocks that both have stay as they are, with whatever others write in them meanwhile.
///
/// `client_id` is the author as Yjs knows it: random, below 2^53, never used again. `limit` is how large the
/// document may become, in bytes.
pub fn rewrite<U: AsRef<[u8]>>(
    updates: &[U],
    wanted: &Document,
    client_id: u64,
    limit: usize,
) -> Result<Option<Vec<u8>>, RewriteError> {
    edit(updates, client_id, limit, |doc, state| write_over(doc, state, wanted))
}

/// One Yjs update (version 1) that writes `block` into the document of `updates` and touches nothing else.
/// `place` is told what each child of the document says, and answers before which of them the block is to stand.
///
/// `client_id` and `limit` are those of [`rewrite`].
pub fn insert<U: AsRef<[u8]>>(
    updates: &[U],
    place: impl FnOnce(&[Vec<Block>]) -> usize,
    block: &Block,
    client_id: u64,
    limit: usize,
) -> Result<Vec<u8>, RewriteError> {
    let update = edit(updates, client_id, limit, |doc, state| {
        let update = Update::decode_v1(state).map_err(|_| Unreadable)?;
        let fragment = doc.get_or_insert_xml_fragment(FRAGMENT);
        doc.transact_mut().apply_update(update).map_err(|_| Unreadable)?;
        let mut txn = doc.transact_mut();
        let says = children(&txn, &fragment);
        let at = u32::try_from(place(&says).min(says.len())).map_err(|_| Unreadable)?;
        write_at(&mut txn, &fragment, at, block);
        let update = txn.encode_update_v1();
        drop(txn);
        Ok((Some(update), size(doc)))
    })?;
    update.ok_or(RewriteError::Unreadable(Unreadable))
}

/// What an edit of a copy of the document made, if the document is not too large with it.
fn edit<U: AsRef<[u8]>>(
    updates: &[U],
    client_id: u64,
    limit: usize,
    write: impl FnOnce(&Doc, &[u8]) -> Result<(Option<Vec<u8>>, usize), Unreadable>,
) -> Result<Option<Vec<u8>>, RewriteError> {
    let state = merged(updates)?;
    let doc = Doc::with_options(options(client_id & ((1 << 53) - 1)));
    match catch_unwind(AssertUnwindSafe(|| write(&doc, &state))) {
        Ok(Ok((_, size))) if size > limit => Err(RewriteError::TooLarge),
        Ok(written) => Ok(written?.0),
        Err(_) => {
            // It may hold pointers to what is gone, so its memory is left alone, not freed.
            forget(doc);
            Err(Unreadable.into())
        }
    }
}

fn size(doc: &Doc) -> usize {
    doc.transact().encode_state_as_update_v1(&StateVector::default()).len()
}

/// The update, if one is needed, and the size of the document with it.
fn write_over(doc: &Doc, state: &[u8], wanted: &Document) -> Result<(Option<Vec<u8>>, usize), Unreadable> {
    let update = Update::decode_v1(state).map_err(|_| Unreadable)?;
    let fragment = doc.get_or_insert_xml_fragment(FRAGMENT);
    doc.transact_mut().apply_update(update).map_err(|_| Unreadable)?;
    let mut txn = doc.transact_mut();
    let now = children(&txn, &fragment);
    let then: Vec<Vec<Block>> = wanted.blocks.iter().map(|block| vec![block.clone()]).collect();
    let stay = common(&now, &then);
    if stay.len() == now.len() && stay.len() == then.len() {
        return Ok((None, state.len()));
    }
    let (mut next_now, mut next_then, mut at) = (0, 0, 0);
    for (stays, as_this) in stay.into_iter().chain([(now.len(), then.len())]) {
        let gone = u32::try_from(stays - next_now).unwrap_or(u32::MAX);
        if gone > 0 {
            fragment.remove_range(&mut txn, at, gone);
        }
        for block in &wanted.blocks[next_then..as_this] {
            write_at(&mut txn, &fragment, at, block);
            at += 1;
        }
        (next_now, next_then, at) = (stays + 1, as_this + 1, at + 1);
    }
    let update = txn.encode_update_v1();
    drop(txn);
    Ok((Some(update), size(doc)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{begin, project};
    use domain::document::Inline;

    fn document(words: &[&str]) -> Document {
        Document { blocks: words.iter().map(|words| Block::Paragraph(vec![Inline::text(*words)])).collect() }
    }

    #[test]
    fn a_document_says_what_it_said_and_keeps_what_stayed() {
        let cases: [(&[&str], &[&str]); 6] = [
            (&["a", "b", "c"], &["a", "c"]),
            (&["a", "c"], &["a", "b", "c", "d"]),
            (&["a", "b"], &["b", "a"]),
            (&["a"], &[]),
            (&[], &["a"]),
            (&["a", "b"], &["c", "d"]),
        ];
        for (now, then) in cases {
            let (now, then) = (document(now), document(then));
            let first = begin(&now, 7);
            let second = rewrite(&[&first], &then, 8, usize::MAX).unwrap().expect("something changes");
            assert_eq!(project(&[&first, &second]), Ok(then.clone()), "{now:?}");
            // Coming a second time changes nothing.
            assert_eq!(project(&[&first, &second, &second]), Ok(then.clone()));
            assert_eq!(rewrite(&[&first, &second], &then, 9, usize::MAX), Ok(None));
        }
    }

    #[test]
    fn a_block_is_put_in_and_what_others_write_meanwhile_stays() {
        let first = begin(&document(&["a", "b"]), 7);
        let theirs =
            rewrite(&[&first], &document(&["a", "b", "theirs"]), 8, usize::MAX).unwrap().expect("a change");
        let before_b = |says: &[Vec<Block>]| {
            says.iter().position(|child| *child == document(&["b"]).blocks).expect("it is there")
        };
        let block = &document(&["new"]).blocks[0];
        let ours = insert(&[&first], before_b, block, 9, usize::MAX).unwrap();
        for order in [[&first, &theirs, &ours], [&first, &ours, &theirs]] {
            assert_eq!(project(&order), Ok(document(&["a", "new", "b", "theirs"])));
        }
        let last = insert(&[&first], |_| usize::MAX, block, 9, usize::MAX).unwrap();
        assert_eq!(project(&[&first, &last]), Ok(document(&["a", "b", "new"])));
        assert_eq!(insert(&[&first], |_| 0, block, 9, 20), Err(RewriteError::TooLarge));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let first = begin(&document(&["a"]), 7);
        let large = document(&["a word", "another word"]);
        assert_eq!(rewrite(&[&first], &large, 8, 20), Err(RewriteError::TooLarge));
        assert_eq!(rewrite(&[b"nonsense"], &large, 8, 20), Err(RewriteError::Unreadable(Unreadable)));
        assert_eq!(merged(&[b"nonsense"]), Err(Unreadable));
    }
}
