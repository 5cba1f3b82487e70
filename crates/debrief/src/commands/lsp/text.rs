//! Positions as editors count them: lines from 0, characters in UTF-16 units.

use serde_json::{Value, json};
use std::ops::Range;

/// Where the lines of a text begin.
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Of a text.
    pub fn of(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The byte that a position means; positions beyond a line or the text mean its end.
    pub fn byte(&self, position: &Value) -> usize {
        let number = |name: &str| usize::try_from(position[name].as_u64().unwrap_or(0)).unwrap_or(usize::MAX);
        let Some(start) = self.starts.get(number("line")).copied() else { return self.text.len() };
        let line = self.text[start..].split('\n').next().unwrap_or_default();
        let asked = number("character");
        let mut units = 0;
        for (at, c) in line.char_indices() {
            if units >= asked {
                return start + at;
            }
            units += c.len_utf16();
        }
        start + line.len()
    }

    /// A stretch of bytes as a range of positions.
    pub fn range(&self, bytes: &Range<usize>) -> Value {
        json!({ "start": self.position(bytes.start), "end": self.position(bytes.end) })
    }

    fn position(&self, byte: usize) -> Value {
        let line = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let before = self.text.get(self.starts[line]..byte).unwrap_or_default();
        json!({ "line": line, "character": before.encode_utf16().count() })
    }
}

/// Applies a change: a range with new words, or the whole text anew.
pub fn apply(text: &mut String, change: &Value) {
    let new = change["text"].as_str().unwrap_or_default();
    if change["range"].is_null() {
        new.clone_into(text);
        return;
    }
    let (from, to) = {
        let lines = Lines::of(text);
        (lines.byte(&change["range"]["start"]), lines.byte(&change["range"]["end"]))
    };
    text.replace_range(from..to.max(from), new);
}
