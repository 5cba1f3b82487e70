//! Taking words out of a document so that nothing of it holds them any more (PER-02).
//!
//! The history goes on: what stays keeps its place and its author. Only the text that leaves is given up for
//! good, and with it everything that was ever deleted: the state that comes out says how long it was and not
//! what it said. Copies elsewhere must be dropped by whoever keeps them; a new epoch does that.

use crate::{
    Unreadable,
    projection::{FRAGMENT, atom_words},
    replica::{new_doc, pointer},
};
use domain::passage::occurrences;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem::forget,
    panic::{AssertUnwindSafe, catch_unwind},
};
use yrs::{
    Any, Assoc, Doc, GetString, ID, IndexedSequence, Out, ReadTxn, StateVector, StickyIndex, Text, Transact,
    TransactionMut, Update, XmlElementRef, XmlFragment, XmlFragmentRef, XmlOut, XmlTextRef,
    branch::BranchPtr, updates::decoder::Decode,
};

/// A stretch of a document that says the words that were looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How many characters each Yjs client wrote, blanks not counted.
    pub by: BTreeMap<u64, usize>,
    /// The characters themselves, as Yjs knows them: client and clock.
    pub traces: Vec<(u64, u32)>,
}

/// What a document is without some words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Without {
    /// The whole document as one update (version 1), which holds nothing that was deleted from it.
    pub state: Vec<u8>,
    /// How many stretches were taken out; with 0 only what had been deleted before is gone.
    pub taken: usize,
}

/// Where the document of these updates says `words`, however they are broken into lines and marks; whole words
/// only. Nothing if `words` is blank.
pub fn places_of<U: AsRef<[u8]>>(updates: &[U], words: &str) -> Result<Vec<Place>, Unreadable> {
    on(updates, |doc| {
        let fragment = doc.get_or_insert_xml_fragment(FRAGMENT);
        let txn = doc.transact();
        let flat = Flat::of(&txn, &fragment);
        flat.matches(words).into_iter().map(|range| flat.place(&txn, range)).collect()
    })
}

/// The document without the stretches that say `words` and that `whose` agrees to, and without what stands
/// between the first and the last of `traces` in each paragraph: an earlier wording of the same words.
pub fn without<U: AsRef<[u8]>>(
    updates: &[U],
    words: &str,
    traces: &BTreeSet<(u64, u32)>,
    whose: impl Fn(&Place) -> bool,
) -> Result<Without, Unreadable> {
    on(updates, |doc| {
        let fragment = doc.get_or_insert_xml_fragment(FRAGMENT);
        let mut txn = doc.transact_mut();
        let flat = Flat::of(&txn, &fragment);
        let mut gone: BTreeSet<usize> = BTreeSet::new();
        let mut taken = 0;
        for range in flat.matches(words) {
            if whose(&flat.place(&txn, range.clone())) {
                taken += 1;
                gone.extend(flat.with_blanks(range));
            }
        }
        for range in flat.earlier(&txn, traces) {
            if !range.clone().all(|at| gone.contains(&at)) {
                taken += 1;
                gone.extend(flat.with_blanks(range));
            }
        }
        flat.remove(&mut txn, &gone);
        drop(txn);
        // Deleted content was let go of by the commit; what is encoded only counts it.
        Without { state: doc.transact().encode_state_as_update_v1(&StateVector::default()), taken }
    })
}

/// Runs `act` on the document of these updates; what panics is unreadable.
fn on<U: AsRef<[u8]>, T>(updates: &[U], act: impl FnOnce(&Doc) -> T) -> Result<T, Unreadable> {
    let state = crate::merged(updates)?;
    let doc = new_doc();
    let done = catch_unwind(AssertUnwindSafe(|| {
        let update = Update::decode_v1(&state).map_err(|_| Unreadable)?;
        doc.transact_mut().apply_update(update).map_err(|_| Unreadable)?;
        Ok(act(&doc))
    }));
    done.unwrap_or_else(|_| {
        // It may hold pointers to what is gone, so its memory is left alone, not freed.
        forget(doc);
        Err(Unreadable)
    })
}

/// Where a character stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// In a text, from a position, over so many UTF-16 units.
    Text { text: usize, index: u32, units: u32 },
    /// Part of what an element says: a mention, a line break, a question.
    Element(usize),
    /// Between two paragraphs.
    Gap,
}

/// The whole document in reading order, a character after the other.
struct Flat {
    root: XmlFragmentRef,
    /// Each character with its place and its paragraph.
    units: Vec<(char, At, usize)>,
    texts: Vec<XmlTextRef>,
    /// Elements that say something by themselves, each with what it stands in.
    elements: Vec<(XmlElementRef, Parent)>,
    /// Paragraphs with what they stand in, from the inside out.
    paragraphs: Vec<Vec<XmlElementRef>>,
}

#[derive(Clone)]
enum Parent {
    Fragment(XmlFragmentRef),
    Element(XmlElementRef),
}

impl Flat {
    fn of(txn: &impl ReadTxn, fragment: &XmlFragmentRef) -> Self {
        let mut flat = Self {
            root: fragment.clone(),
            units: Vec::new(),
            texts: Vec::new(),
            elements: Vec::new(),
            paragraphs: Vec::new(),
        };
        for child in fragment.children(txn) {
            flat.read(txn, child, &Parent::Fragment(fragment.clone()), &[]);
        }
        flat
    }

    fn read(&mut self, txn: &impl ReadTxn, node: XmlOut, parent: &Parent, above: &[XmlElementRef]) {
        match node {
            XmlOut::Text(text) => {
                if above.is_empty() {
                    self.begin(&[]);
                }
                self.text(txn, text);
            }
            XmlOut::Element(element) => {
                let said = atom_words(txn, &element);
                let is_line = element.children(txn).any(|child| match child {
                    XmlOut::Text(_) => true,
                    XmlOut::Element(inside) => atom_words(txn, &inside).is_some(),
                    XmlOut::Fragment(_) => false,
                });
                let mut chain = vec![element.clone()];
                chain.extend_from_slice(above);
                if let Some(said) = said {
                    if matches!(parent, Parent::Fragment(_)) {
                        self.begin(&[]);
                    }
                    let number = self.elements.len();
                    self.elements.push((element, parent.clone()));
                    let paragraph = self.paragraphs.len() - 1;
                    self.units.extend(said.chars().map(|c| (c, At::Element(number), paragraph)));
                } else {
                    if is_line {
                        self.begin(&chain);
                    }
                    let parent = Parent::Element(element.clone());
                    let children: Vec<XmlOut> = element.children(txn).collect();
                    for child in children {
                        self.read(txn, child, &parent, &chain);
                    }
                }
            }
            XmlOut::Fragment(inner) => {
                let children: Vec<XmlOut> = inner.children(txn).collect();
                for child in children {
                    self.read(txn, child, &Parent::Fragment(inner.clone()), above);
                }
            }
        }
    }

    fn begin(&mut self, chain: &[XmlElementRef]) {
        let paragraph = self.paragraphs.len();
        self.units.push(('\n', At::Gap, paragraph));
        self.paragraphs.push(chain.to_vec());
    }

    fn text(&mut self, txn: &impl ReadTxn, text: XmlTextRef) {
        let (number, paragraph) = (self.texts.len(), self.paragraphs.len() - 1);
        let mut index = 0;
        for part in text.diff(txn, yrs::types::text::YChange::identity) {
            match part.insert {
                Out::Any(Any::String(words)) => {
                    for c in words.chars() {
                        let units = c.len_utf16() as u32;
                        self.units.push((c, At::Text { text: number, index, units }, paragraph));
                        index += units;
                    }
                }
                // A type within a text takes one position, whatever it says.
                other => {
                    let words = match other {
                        Out::YXmlElement(element) => atom_words(txn, &element).unwrap_or_default(),
                        Out::YXmlText(inner) => inner.get_string(txn),
                        _ => String::new(),
                    };
                    let at = At::Text { text: number, index, units: 1 };
                    self.units.extend(words.chars().map(|c| (c, at, paragraph)));
                    index += 1;
                }
            }
        }
        self.texts.push(text);
    }

    /// Stretches that say `words`.
    fn matches(&self, words: &str) -> Vec<std::ops::Range<usize>> {
        let text: Vec<char> = self.units.iter().map(|(c, ..)| *c).collect();
        occurrences(&text, words)
    }

    fn place(&self, txn: &impl ReadTxn, range: std::ops::Range<usize>) -> Place {
        let (mut by, mut traces) = (BTreeMap::new(), Vec::new());
        for (c, at, _) in &self.units[range] {
            let At::Text { text, index, units } = at else { continue };
            for index in *index..*index + units {
                let Some(id) = id_at(txn, &self.texts[*text], index) else { continue };
                traces.push((id.client.get(), id.clock));
                if !c.is_whitespace() {
                    *by.entry(id.client.get()).or_insert(0) += 1;
                }
            }
        }
        Place { by, traces }
    }

    /// In each paragraph, what stands between the first and the last of these characters.
    fn earlier(&self, txn: &impl ReadTxn, traces: &BTreeSet<(u64, u32)>) -> Vec<std::ops::Range<usize>> {
        let texts: BTreeMap<usize, usize> =
            self.texts.iter().enumerate().map(|(n, text)| (address(pointer(text)), n)).collect();
        let mut standing: BTreeMap<(usize, u32), usize> = BTreeMap::new();
        for (unit, (_, at, _)) in self.units.iter().enumerate() {
            if let At::Text { text, index, units } = at {
                standing.extend((*index..*index + units).map(|index| ((*text, index), unit)));
            }
        }
        let mut spans: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (client, clock) in traces {
            let id = ID::new(yrs::ClientID::new(*client), *clock);
            let Some(offset) = StickyIndex::from_id(id, Assoc::After).get_offset(txn) else { continue };
            let Some(text) = texts.get(&address(offset.branch)) else { continue };
            // What was deleted then points to what follows it.
            if id_at(txn, &self.texts[*text], offset.index) != Some(id) {
                continue;
            }
            let Some(unit) = standing.get(&(*text, offset.index)) else { continue };
            let span = spans.entry(self.units[*unit].2).or_insert((*unit, *unit));
            *span = (span.0.min(*unit), span.1.max(*unit));
        }
        spans.into_values().map(|(first, last)| first..last + 1).collect()
    }

    /// The stretch, with a blank beside it that nothing would need without it.
    fn with_blanks(&self, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let blank = |at: usize| self.units.get(at).filter(|(c, ..)| c.is_whitespace());
        let begins = range.start == 0 || blank(range.start - 1).is_some();
        let goes = |at: usize| blank(at).is_some_and(|(_, place, _)| *place != At::Gap);
        if begins && goes(range.end) {
            return range.start..range.end + 1;
        }
        let ends = self.units.get(range.end).is_none_or(|(_, place, _)| *place == At::Gap);
        if ends && range.start > 0 && goes(range.start - 1) {
            return range.start - 1..range.end;
        }
        range
    }

    fn remove(&self, txn: &mut TransactionMut<'_>, gone: &BTreeSet<usize>) {
        let mut touched: BTreeSet<usize> = BTreeSet::new();
        let mut positions: BTreeSet<(usize, u32)> = BTreeSet::new();
        let mut elements: BTreeSet<usize> = BTreeSet::new();
        for unit in gone {
            let (_, at, paragraph) = self.units[*unit];
            touched.insert(paragraph);
            match at {
                At::Text { text, index, units } => {
                    positions.extend((index..index + units).map(|index| (text, index)));
                }
                At::Element(number) => _ = elements.insert(number),
                At::Gap => _ = touched.remove(&paragraph),
            }
        }
        // From the end, so that what is still to go stays where it was.
        let mut runs: Vec<(usize, u32, u32)> = Vec::new();
        for (text, index) in positions {
            match runs.last_mut() {
                Some((same, start, length)) if *same == text && *start + *length == index => *length += 1,
                _ => runs.push((text, index, 1)),
            }
        }
        for (text, start, length) in runs.into_iter().rev() {
            self.texts[text].remove_range(txn, start, length);
        }
        for number in elements {
            let (element, parent) = &self.elements[number];
            take_out(txn, parent, element);
        }
        for paragraph in touched.into_iter().rev() {
            self.close(txn, paragraph);
        }
    }

    /// Lets go of a paragraph that says nothing any more, and of what holds nothing but it.
    fn close(&self, txn: &mut TransactionMut<'_>, paragraph: usize) {
        let chain = &self.paragraphs[paragraph];
        let Some(line) = chain.first() else { return };
        let says = line.children(txn).any(|child| match child {
            XmlOut::Text(text) => !text.get_string(txn).trim().is_empty(),
            XmlOut::Element(_) | XmlOut::Fragment(_) => true,
        });
        if says {
            return;
        }
        for (at, element) in chain.iter().enumerate() {
            if is(element, &["tableCell", "tableHeader", "heading"]) {
                return;
            }
            match chain.get(at + 1) {
                // A cell keeps its line.
                Some(around) if around.len(txn) == 1 && is(around, &["tableCell", "tableHeader"]) => return,
                Some(around) if around.len(txn) == 1 => {}
                Some(around) => return take_out(txn, &Parent::Element(around.clone()), element),
                None => return take_out(txn, &Parent::Fragment(self.root.clone()), element),
            }
        }
    }
}

fn is(element: &XmlElementRef, names: &[&str]) -> bool {
    element.try_tag().is_some_and(|tag| names.contains(&&**tag))
}

fn take_out(txn: &mut TransactionMut<'_>, parent: &Parent, element: &XmlElementRef) {
    fn position(txn: &impl ReadTxn, parent: &impl XmlFragment, element: &XmlElementRef) -> Option<u32> {
        let is_it = |child: XmlOut| matches!(child, XmlOut::Element(it) if pointer(&it) == pointer(element));
        (0..).zip(parent.children(txn)).find_map(|(at, child)| is_it(child).then_some(at))
    }
    match parent {
        Parent::Fragment(fragment) => {
            if let Some(at) = position(txn, fragment, element) {
                fragment.remove_range(txn, at, 1);
            }
        }
        Parent::Element(around) => {
            if let Some(at) = position(txn, around, element) {
                around.remove_range(txn, at, 1);
            }
        }
    }
}

fn id_at(txn: &impl ReadTxn, text: &XmlTextRef, index: u32) -> Option<ID> {
    text.sticky_index(txn, index, Assoc::After)?.id().copied()
}

/// Tells branches apart; it is never followed.
fn address(branch: BranchPtr) -> usize {
    std::ptr::from_ref(&*branch).addr()
}

#[cfg(test)]
#[path = "withdraw_tests.rs"]
mod tests;
