//! The server's copy of a document, and the trial every update stands before it is accepted.
//!
//! An update is first walked ([`Anatomy`]), then applied, then what came of it is encoded, each step guarded
//! against panics. What came of it is the whole document, unless the update only added text: that touches
//! nothing that is there but for cutting a text in two, so its own words are encoded, and the whole document
//! only after it grew by an eighth. Otherwise each key would cost as much as the document is long.
//! There is one copy, not two: trying on a fresh copy for every key would cost more than the key. When a trial
//! goes wrong halfway the copy is spoilt; it is given up, and the room reads its log.

use crate::{
    anatomy::{Anatomy, DEPTH, client_id},
    lib0::Reader,
};
use domain::document::Document;
use std::{
    mem::{ManuallyDrop, forget},
    panic::{AssertUnwindSafe, catch_unwind},
};
use yrs::{
    ClientID, Doc, Map, MapRef, OffsetKind, Options, Out, ReadTxn, StateVector, Text, TextRef, Transact,
    Update,
    branch::{Branch, BranchPtr},
    updates::decoder::Decode,
    updates::encoder::Encode,
};

/// An update that was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It cannot be read, or does what no editor does. The copy is as before.
    Malformed,
    /// It builds on something that is not there. The copy is as before.
    Gaps,
    /// The document would become larger than it may. The copy is as before or spoilt.
    TooLarge,
    /// It went wrong halfway.
    Harmful,
}

/// Bytes by which text may lengthen a document at least before all of it is encoded again; an eighth of it if that
/// is more.
const UNMEASURED: usize = 4 << 10;
/// Bytes that adding one text costs besides its own, at most: it may cut a text at each of its ends in two, and the
/// half that is cut off then names its neighbours by two ids of up to 13 bytes.
const CUT: usize = 2 * 32;

/// A copy that cannot be read, or an update that cannot be tried on it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spoilt;

/// The server's copy of a document. Once [`Replica::is_spoilt`] it refuses everything.
#[derive(Debug)]
pub(crate) struct Replica {
    doc: Option<Doc>,
    /// Bytes of the whole document when it was last encoded, and what text added since, at most.
    size: usize,
    /// How much of `size` is what text added since.
    unmeasured: usize,
    limit: usize,
    /// No type of the document lies deeper than this.
    depth: u32,
    /// The state vector: what the document holds of each client.
    known: StateVector,
}

impl Replica {
    /// The document of these updates. They stood trial before; they are walked
    /// again because a disk may have changed them since.
    pub(crate) fn load<U: AsRef<[u8]>>(updates: &[U], limit: usize) -> Result<Self, Spoilt> {
        let doc = new_doc();
        let result = catch_unwind(AssertUnwindSafe(|| -> Result<(usize, u32, StateVector), Spoilt> {
            let mut txn = ManuallyDrop::new(doc.transact_mut());
            for update in updates {
                Anatomy::of(update.as_ref()).map_err(|_| Spoilt)?;
                let update = Update::decode_v1(update.as_ref()).map_err(|_| Spoilt)?;
                txn.apply_update(update).map_err(|_| Spoilt)?;
            }
            txn.commit();
            // A crash between two rows can leave a later one without its earlier one. Its sender still has
            // both, and sends them again when asked for what we lack.
            yrs::WriteTxn::prune_pending(&mut *txn);
            drop(ManuallyDrop::into_inner(txn));
            Ok((size_of(&doc), depth_of(&doc), doc.transact().state_vector()))
        }));
        match result {
            Ok(Ok((size, depth, known))) => {
                Ok(Self { doc: Some(doc), size, unmeasured: 0, limit, depth, known })
            }
            Ok(Err(_)) | Err(_) => {
                forget(doc);
                Err(Spoilt)
            }
        }
    }

    /// Whether the copy is of no use any more.
    pub(crate) fn is_spoilt(&self) -> bool {
        self.doc.is_none()
    }

    /// Bytes of the whole document, encoded, at most.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Tries an update and keeps it. Answers what was new in it, encoded afresh; `None` if nothing was.
    pub(crate) fn accept(&mut self, update: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        let anatomy = Anatomy::of(update).map_err(|_| Refused::Malformed)?;
        if anatomy.is_empty() {
            return Ok(None);
        }
        if self.size + update.len() > self.limit && !anatomy.clients.is_empty() {
            self.measure().map_err(|_| Refused::Harmful)?;
            if self.size + update.len() > self.limit {
                return Err(Refused::TooLarge);
            }
        }
        if anatomy.leaves_gaps(self.known().map_err(|_| Refused::Harmful)?) {
            return Err(Refused::Gaps);
        }
        let depth = self.depth + anatomy.deepens;
        let (size, unmeasured) = (self.size, self.unmeasured);
        let tried = self.guarded(|doc| {
            let update = Update::decode_v1(update).map_err(|_| Refused::Malformed)?;
            let new = apply(doc, update)?;
            // In its place in the document it may have become something else: what lands beside an attribute
            // is one. What `load` would refuse must never reach the log.
            let outcome = new.as_deref().map(Anatomy::of).transpose().map_err(|_| Refused::Harmful)?;
            let outcome = outcome.unwrap_or_default();
            let added = new.as_ref().map_or(0, Vec::len) + CUT * outcome.item_count();
            let text = anatomy.only_adds_text() && outcome.only_adds_text();
            let measured = if text && unmeasured + added <= UNMEASURED + size / 8 {
                (size + added, unmeasured + added)
            } else {
                (size_of(doc), 0)
            };
            let depth = if depth > DEPTH { depth_of(doc) } else { depth };
            // A log with a hole, of which this filled a part: only the document knows where it ends.
            let known = outcome.skips().then(|| doc.transact().state_vector());
            if depth > DEPTH {
                Err(Refused::Harmful)
            } else {
                Ok((new, outcome.clients, known, measured, depth))
            }
        });
        match tried {
            Ok(Ok((new, clients, known, (size, unmeasured), depth))) => {
                (self.size, self.unmeasured, self.depth) = (size, unmeasured, depth);
                match known {
                    Some(known) => self.known = known,
                    None => clients.into_iter().for_each(|(client, (_, end))| {
                        self.known.set_max(ClientID::new(client), end);
                    }),
                }
                debug_assert_eq!(
                    Some(&self.known),
                    self.doc.as_ref().map(|doc| doc.transact().state_vector()).as_ref()
                );
                Ok(new)
            }
            Ok(Err(Refused::Malformed)) => Err(Refused::Malformed),
            Ok(Err(_)) | Err(Spoilt) => {
                self.give_up();
                Err(Refused::Harmful)
            }
        }
    }

    /// Encodes the whole document to know its size.
    fn measure(&mut self) -> Result<(), Spoilt> {
        if self.unmeasured > 0 {
            self.size = self.guarded(size_of)?;
            self.unmeasured = 0;
        }
        Ok(())
    }

    /// The state vector.
    pub(crate) fn known(&self) -> Result<&StateVector, Spoilt> {
        if self.is_spoilt() { Err(Spoilt) } else { Ok(&self.known) }
    }

    /// The state vector, encoded.
    pub(crate) fn state_vector(&self) -> Result<Vec<u8>, Spoilt> {
        self.known().map(Encode::encode_v1)
    }

    /// What somebody with this state lacks.
    pub(crate) fn diff(&mut self, theirs: &StateVector) -> Result<Vec<u8>, Spoilt> {
        self.guarded(|doc| doc.transact().encode_diff_v1(theirs))
    }

    /// Everything.
    pub(crate) fn state(&mut self) -> Result<Vec<u8>, Spoilt> {
        self.diff(&StateVector::default())
    }

    /// What the document says.
    pub(crate) fn document(&mut self) -> Result<Document, Spoilt> {
        self.guarded(crate::projection::document)
    }

    /// Runs `act` on the document; a panic spoils it.
    fn guarded<T>(&mut self, act: impl FnOnce(&Doc) -> T) -> Result<T, Spoilt> {
        let doc = self.doc.as_ref().ok_or(Spoilt)?;
        if let Ok(result) = catch_unwind(AssertUnwindSafe(|| act(doc))) {
            Ok(result)
        } else {
            self.give_up();
            Err(Spoilt)
        }
    }

    /// What panicked halfway may hold pointers to what is gone, so its memory is left alone, not freed.
    fn give_up(&mut self) {
        forget(self.doc.take());
    }
}

/// A fresh document as all of ours are: positions in UTF-16 units as in Yjs, and no tidying of marks, which
/// would be edits of the server that no log has.
pub(crate) fn new_doc() -> Doc {
    Doc::with_options(options(SERVER))
}

/// The server never writes into a room, so that all its copies may carry one client id.
const SERVER: u64 = 1;

pub(crate) fn options(client: u64) -> Options {
    Options {
        offset_kind: OffsetKind::Utf16,
        cleanup_formatting: false,
        ..Options::with_client_id(ClientID::new(client))
    }
}

/// Applies an update that was found to leave no gaps, and encodes what was new in it. Dropping a transaction
/// commits it, and a second panic while unwinding from the first would end the process: hence `ManuallyDrop`.
fn apply(doc: &Doc, update: Update) -> Result<Option<Vec<u8>>, Refused> {
    let mut txn = ManuallyDrop::new(doc.transact_mut());
    txn.apply_update(update).map_err(|_| Refused::Harmful)?;
    if txn.has_missing_updates() {
        return Err(Refused::Harmful);
    }
    let new = txn.encode_update_v1();
    txn.commit();
    drop(ManuallyDrop::into_inner(txn));
    // Two empty lists: no structs, no deletions.
    Ok((new != [0, 0]).then_some(new))
}

/// Bytes of the whole document, encoded.
fn size_of(doc: &Doc) -> usize {
    doc.transact().encode_state_as_update_v1(&StateVector::default()).len()
}

/// The depth of the deepest type that is not deleted, found without recursion.
fn depth_of(doc: &Doc) -> u32 {
    let txn = doc.transact();
    let mut deepest = 0;
    let mut stack: Vec<(Out, u32)> = txn.root_refs().map(|(_, root)| (root, 0)).collect();
    while let Some((out, depth)) = stack.pop() {
        deepest = deepest.max(depth);
        let Some(branch) = branch_of(&out) else { continue };
        // Read as a text, whatever it is: that yields types among strings; an array's iterator does not end on text.
        let children = TextRef::from(branch).diff(&txn, |_| ()).into_iter().map(|part| part.insert);
        stack.extend(children.filter(is_type).map(|child| (child, depth + 1)));
        stack.extend(MapRef::from(branch).iter(&txn).map(|(_, v)| v).filter(is_type).map(|v| (v, depth + 1)));
    }
    deepest
}

fn is_type(out: &Out) -> bool {
    branch_of(out).is_some()
}

fn branch_of(out: &Out) -> Option<BranchPtr> {
    Some(match out {
        Out::YText(shared) => pointer(shared),
        Out::YArray(shared) => pointer(shared),
        Out::YMap(shared) => pointer(shared),
        Out::YXmlElement(shared) => pointer(shared),
        Out::YXmlFragment(shared) => pointer(shared),
        Out::YXmlText(shared) => pointer(shared),
        Out::UndefinedRef(branch) => *branch,
        _ => return None,
    })
}

pub(crate) fn pointer(shared: &impl AsRef<Branch>) -> BranchPtr {
    BranchPtr::from(shared.as_ref())
}

/// Reads an encoded state vector; its counts and ids are not trusted.
pub(crate) fn read_state_vector(bytes: &[u8]) -> Result<StateVector, crate::lib0::Malformed> {
    let mut reader = Reader::new(bytes);
    (0..reader.count()?).map(|_| Ok((ClientID::new(client_id(&mut reader)?), reader.small()?))).collect()
}
