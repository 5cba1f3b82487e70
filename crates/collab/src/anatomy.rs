//! What an update is made of, found without running it.
//!
//! `yrs` recurses over nested values and over nested types when they are deleted, and reserves what a count
//! asks for. A stack overflow ends the process and cannot be caught, so every update is walked here first:
//! without recursion beyond [`DEPTH`], without allocation by its word, and only forms that y-prosemirror
//! and text editors make are let through. The format is version 1 of Yjs updates.

use crate::lib0::{Malformed, Reader};
use std::collections::HashMap;
use yrs::StateVector;

/// How deep values and types may nest. A list in a list takes two.
pub(crate) const DEPTH: u32 = 120;

/// An update that was walked.
#[derive(Debug, Default)]
pub(crate) struct Anatomy {
    /// For each client whose structs it holds: the first clock, and the clock after the last.
    pub(crate) clients: HashMap<u64, (u32, u32)>,
    /// Ranges that must be known already: (client, clock after the last).
    skips: Vec<(u64, u32)>,
    /// Ids that are leant on.
    needs: Vec<Id>,
    /// What it deletes: (client, clock after the last).
    deletes: Vec<(u64, u32)>,
    /// By how much it may deepen the document, at most.
    pub(crate) deepens: u32,
    items: Vec<Item>,
    /// How many of its structs are something else than text in a sequence.
    others: usize,
}

type Id = (u64, u32);

/// What decides where an item hangs: it shares the parent of its neighbours, or names its parent.
#[derive(Debug)]
struct Item {
    client: u64,
    start: u32,
    end: u32,
    neighbours: [Option<Id>; 2],
    parent: Option<Id>,
    is_type: bool,
}

impl Anatomy {
    /// Walks an update.
    pub(crate) fn of(update: &[u8]) -> Result<Self, Malformed> {
        let mut anatomy = Self::default();
        let mut reader = Reader::new(update);
        for _ in 0..reader.count()? {
            anatomy.structs(&mut reader)?;
        }
        for _ in 0..reader.count()? {
            let client = client_id(&mut reader)?;
            for _ in 0..reader.count()? {
                let (clock, length) = (reader.small()?, reader.small()?);
                anatomy.deletes.push((client, clock.checked_add(length).ok_or(Malformed)?));
            }
        }
        anatomy.deepens = anatomy.depth()?;
        if reader.is_empty() { Ok(anatomy) } else { Err(Malformed) }
    }

    /// Whether it says nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.clients.is_empty() && self.deletes.is_empty()
    }

    /// Whether all it does is to add text in sequences: nothing is deleted, marked, nested or left out.
    pub(crate) fn only_adds_text(&self) -> bool {
        self.deletes.is_empty() && self.others == 0
    }

    /// Whether it leaves something out.
    pub(crate) fn skips(&self) -> bool {
        !self.skips.is_empty()
    }

    /// How many items it adds.
    pub(crate) fn item_count(&self) -> usize {
        self.items.len()
    }

    /// Whether it holds structs beyond what is known.
    pub(crate) fn adds_to(&self, known: &StateVector) -> bool {
        self.clients.iter().any(|(client, (_, end))| *end > clock_of(known, *client))
    }

    /// Whether something would be missing if it were applied to a document with this state.
    pub(crate) fn leaves_gaps(&self, known: &StateVector) -> bool {
        let known = |client: u64| clock_of(known, client);
        let reached = |client: u64| known(client).max(self.clients.get(&client).map_or(0, |range| range.1));
        self.clients.iter().any(|(client, (start, _))| *start > known(*client))
            || self.skips.iter().any(|(client, end)| *end > known(*client))
            || self.needs.iter().any(|(client, clock)| *clock >= reached(*client))
            || self.deletes.iter().any(|(client, end)| *end > reached(*client))
    }

    fn structs(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let count = reader.count()?;
        let client = client_id(reader)?;
        let start = reader.small()?;
        if self.clients.contains_key(&client) {
            return Err(Malformed);
        }
        let mut clock = start;
        for _ in 0..count {
            let length = self.structure(reader, client, clock)?;
            clock = clock.checked_add(length).ok_or(Malformed)?;
        }
        if count > 0 {
            self.clients.insert(client, (start, clock));
        }
        Ok(())
    }

    /// Walks one struct and answers its length in clocks, at least 1.
    fn structure(&mut self, reader: &mut Reader<'_>, client: u64, clock: u32) -> Result<u32, Malformed> {
        const SKIP: u8 = 10;
        let info = reader.byte()?;
        let kind = info & 0x1f;
        if info == 0 || info == SKIP {
            self.others += 1;
            let length = nonzero(reader.small()?)?;
            if info == SKIP {
                self.skips.push((client, clock.checked_add(length).ok_or(Malformed)?));
            }
            return Ok(length);
        }
        let left = if info & 0x80 != 0 { Some(self.need(reader)?) } else { None };
        let right = if info & 0x40 != 0 { Some(self.need(reader)?) } else { None };
        let mut parent = None;
        let in_map = info & 0x20 != 0;
        if left.is_none() && right.is_none() {
            match reader.number()? {
                1 => _ = reader.text()?,
                0 => parent = Some(self.need(reader)?),
                _ => return Err(Malformed),
            }
            if in_map {
                reader.text()?;
            }
        }
        let (length, is_type) = content(reader, kind)?;
        self.others += usize::from(kind != TEXT || in_map);
        if is_type && in_map {
            return Err(Malformed); // attributes are plain values
        }
        let end = clock.checked_add(length).ok_or(Malformed)?;
        self.items.push(Item { client, start: clock, end, neighbours: [left, right], parent, is_type });
        Ok(length)
    }

    /// How deep types nest within this update, at most [`DEPTH`]. Items may lean on later ones, of other
    /// clients, so this looks at all of them together; without recursion, for the depth is what is in doubt.
    fn depth(&mut self) -> Result<u32, Malformed> {
        let types = self.items.iter().filter(|item| item.is_type).count();
        if let Ok(types) = u32::try_from(types)
            && types <= DEPTH / 4
        {
            return Ok(types);
        }
        self.items.sort_unstable_by_key(|item| (item.client, item.start));
        let find = |(client, clock): Id| {
            let after = self.items.partition_point(|item| (item.client, item.start) <= (client, clock));
            let index = after.checked_sub(1)?;
            let item = &self.items[index];
            (item.client == client && clock < item.end).then_some(index)
        };
        // Depth of each item's parent; None while unknown.
        let mut depths: Vec<Option<u32>> = vec![None; self.items.len()];
        let mut entered = vec![false; self.items.len()];
        let mut stack = Vec::new();
        for first in 0..self.items.len() {
            stack.push(first);
            while let Some(&index) = stack.last() {
                if depths[index].is_some() {
                    stack.pop();
                    continue;
                }
                let item = &self.items[index];
                let beside = item.neighbours.iter().flatten().filter_map(|id| find(*id)).map(|i| (i, 0));
                let above = item.parent.iter().filter_map(|id| find(*id)).map(|i| (i, 1));
                let mut depth = 0;
                let mut waits = false;
                for (other, step) in beside.chain(above) {
                    match depths[other] {
                        Some(known) => depth = depth.max(known + step),
                        None if entered[other] => return Err(Malformed), // a circle
                        None => {
                            stack.push(other);
                            waits = true;
                            break;
                        }
                    }
                }
                entered[index] = true;
                if !waits {
                    if depth > DEPTH {
                        return Err(Malformed);
                    }
                    depths[index] = Some(depth);
                    stack.pop();
                }
            }
        }
        Ok(depths.into_iter().flatten().max().unwrap_or(0) + 1)
    }

    fn need(&mut self, reader: &mut Reader<'_>) -> Result<Id, Malformed> {
        let id = (client_id(reader)?, reader.small()?);
        self.needs.push(id);
        Ok(id)
    }
}

fn clock_of(known: &StateVector, client: u64) -> u32 {
    known.get(&yrs::ClientID::new(client))
}

/// Yjs ids have 53 bits; `yrs` would take a longer one for another.
pub(crate) fn client_id(reader: &mut Reader<'_>) -> Result<u64, Malformed> {
    let id = reader.number()?;
    if id < 1 << 53 { Ok(id) } else { Err(Malformed) }
}

fn nonzero(length: u32) -> Result<u32, Malformed> {
    if length == 0 { Err(Malformed) } else { Ok(length) }
}

/// The kind of an item that is text.
const TEXT: u8 = 4;

/// Walks the content of an item: its length in clocks, and whether it is a type that can hold others.
fn content(reader: &mut Reader<'_>, kind: u8) -> Result<(u32, bool), Malformed> {
    match kind {
        // Deleted.
        1 => Ok((nonzero(reader.small()?)?, false)),
        // Binary.
        3 => reader.bytes().map(|_| (1, false)),
        // A string counts UTF-16 units.
        TEXT => {
            let units = reader.text()?.encode_utf16().count();
            Ok((nonzero(u32::try_from(units).map_err(|_| Malformed)?)?, false))
        }
        // An embed, as JSON.
        5 => {
            json(reader)?;
            Ok((1, false))
        }
        // A format: key and JSON.
        6 => {
            reader.text()?;
            json(reader)?;
            Ok((1, false))
        }
        // A type: array, map, text, element with its name, fragment, or text of XML.
        7 => {
            match reader.byte()? {
                3 => _ = reader.text()?,
                0 | 1 | 2 | 4 | 6 => {}
                _ => return Err(Malformed),
            }
            Ok((1, true))
        }
        // Plain values.
        8 => {
            let count = reader.count()?;
            for _ in 0..count {
                value(reader, 0)?;
            }
            Ok((nonzero(u32::try_from(count).map_err(|_| Malformed)?)?, false))
        }
        // JSON of old Yjs, which yrs reads differently; documents within documents; anything unknown.
        _ => Err(Malformed),
    }
}

/// JSON in a string. Its depth is bounded by serde_json.
fn json(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    let text = reader.text()?;
    serde_json::from_str::<serde::de::IgnoredAny>(text).map(|_| ()).map_err(|_| Malformed)
}

/// A value in lib0's "any" encoding.
fn value(reader: &mut Reader<'_>, depth: u32) -> Result<(), Malformed> {
    if depth > DEPTH {
        return Err(Malformed);
    }
    match reader.byte()? {
        120 | 121 | 126 | 127 => {}
        122 | 123 => _ = reader.take(8)?,
        124 => _ = reader.take(4)?,
        // A signed number: the lengths agree with unsigned ones, yrs checks the rest.
        125 => _ = reader.number()?,
        119 => _ = reader.text()?,
        116 => _ = reader.bytes()?,
        117 => {
            for _ in 0..reader.count()? {
                value(reader, depth + 1)?;
            }
        }
        118 => {
            for _ in 0..reader.count()? {
                reader.text()?;
                value(reader, depth + 1)?;
            }
        }
        _ => return Err(Malformed),
    }
    Ok(())
}
