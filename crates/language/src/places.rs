//! From bytes to lines and columns.

use std::ops::Range;

/// Finds lines and columns of a text; asked in rising order it is linear in the whole.
#[derive(Debug)]
pub struct Places<'a> {
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Places<'a> {
    /// For one text.
    pub fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, line_starts: std::iter::once(0).chain(ends).collect() }
    }

    /// Line and column of a byte, both from 1; columns count characters. In a line longer than 10 000 bytes they count
    /// bytes, so that no line is walked again and again.
    pub fn of(&self, byte: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = if byte - start > 10_000 {
            byte - start
        } else {
            self.text.get(start..byte).map_or(byte - start, |before| before.chars().count())
        };
        (line, column + 1)
    }

    /// Where the line itself stands, without blanks around it; at most `longest` bytes around `byte`.
    pub fn excerpt(&self, byte: usize, longest: usize) -> Range<usize> {
        let line = self.line_starts.partition_point(|start| *start <= byte);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let end = self.line_starts.get(line).copied().unwrap_or(self.text.len());
        let (mut from, mut to) = (start.max(byte.saturating_sub(longest / 2)), end.min(byte + longest / 2));
        while !self.text.is_char_boundary(from) {
            from -= 1;
        }
        while !self.text.is_char_boundary(to) {
            to -= 1;
        }
        let shown = &self.text[from..to];
        let from = from + shown.len() - shown.trim_start().len();
        from..from + shown.trim().len()
    }
}
