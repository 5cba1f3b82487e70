//! The words of one block in two versions.

use super::{Side, align::common};
use crate::document::{Inline, Marks};

/// Words that share one fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Which.
    pub kind: RunKind,
    /// The words with their marks, never empty.
    pub content: Vec<Inline>,
}

/// What became of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// Both versions have them.
    Kept,
    /// Only the earlier one has them.
    Removed,
    /// Only the later one has them.
    Added,
}

/// What became of the words of `before` on the way to `after`. Words set differently count as others.
pub(super) fn between(before: &[Inline], after: &[Inline]) -> Vec<Run> {
    let (before, after) = (tokens(before), tokens(after));
    let mut anchors = common(&before, &after);
    drop_lonely_gaps(&before, &mut anchors);
    let mut runs = Runs::default();
    let (mut b, mut a) = (0, 0);
    for (next_b, next_a) in anchors.into_iter().chain([(before.len(), after.len())]) {
        before[b..next_b].iter().for_each(|token| runs.add(RunKind::Removed, token));
        after[a..next_a].iter().for_each(|token| runs.add(RunKind::Added, token));
        if let Some(token) = before.get(next_b) {
            runs.add(RunKind::Kept, token);
        }
        (b, a) = (next_b + 1, next_a + 1);
    }
    runs.0
}

/// A blank or a comma that alone survived between changed words makes both sentences hard to read, so it
/// changes with them.
fn drop_lonely_gaps(before: &[Inline], anchors: &mut Vec<(usize, usize)>) {
    let follows = |one: (usize, usize), next: (usize, usize)| one.0 + 1 == next.0 && one.1 + 1 == next.1;
    let all = anchors.clone();
    let mut start = 0;
    let mut kept = Vec::with_capacity(all.len());
    while start < all.len() {
        let mut end = start + 1;
        while end < all.len() && follows(all[end - 1], all[end]) {
            end += 1;
        }
        let stretch = &all[start..end];
        let inside = start > 0 && end < all.len();
        let words = stretch.iter().any(|(b, _)| match &before[*b] {
            Inline::Text { text, .. } => text.chars().any(char::is_alphanumeric),
            _ => true,
        });
        if words || !inside {
            kept.extend_from_slice(stretch);
        }
        start = end;
    }
    *anchors = kept;
}

/// Runs as they grow: between kept words, all that went stands before all that came.
#[derive(Default)]
struct Runs(Vec<Run>);

impl Runs {
    fn add(&mut self, kind: RunKind, token: &Inline) {
        let last = self.0.len().checked_sub(1);
        let place = match (kind, last.map(|last| (last, self.0[last].kind))) {
            (_, Some((last, same))) if same == kind => last,
            // Something went after something came: it joins what went before that.
            (RunKind::Removed, Some((last, RunKind::Added))) => {
                if last > 0 && self.0[last - 1].kind == RunKind::Removed {
                    last - 1
                } else {
                    self.0.insert(last, Run { kind, content: Vec::new() });
                    last
                }
            }
            _ => {
                self.0.push(Run { kind, content: Vec::new() });
                self.0.len() - 1
            }
        };
        push(&mut self.0[place].content, token);
    }
}

/// One side's words.
pub(super) fn side(runs: &[Run], side: Side) -> Vec<Inline> {
    let other = if side == Side::Before { RunKind::Added } else { RunKind::Removed };
    let mut content = Vec::new();
    for run in runs.iter().filter(|run| run.kind != other) {
        run.content.iter().for_each(|inline| push(&mut content, inline));
    }
    content
}

fn push(content: &mut Vec<Inline>, inline: &Inline) {
    match (content.last_mut(), inline) {
        (Some(Inline::Text { text, marks }), Inline::Text { text: more, marks: same }) if marks == same => {
            text.push_str(more);
        }
        _ => content.push(inline.clone()),
    }
}

/// What a character belongs to.
#[derive(PartialEq, Eq)]
enum Class {
    Blank,
    Word,
    /// Stands for itself: punctuation, and letters of scripts that set no blanks between words.
    Single,
}

fn class(c: char) -> Class {
    let without_blanks =
        matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}');
    if c.is_whitespace() {
        Class::Blank
    } else if without_blanks || c.is_ascii_punctuation() || matches!(c, '\u{2010}'..='\u{203e}') {
        Class::Single
    } else {
        Class::Word
    }
}

/// Words, blanks and marks of punctuation, each with how it is set.
fn tokens(content: &[Inline]) -> Vec<Inline> {
    let mut tokens = Vec::new();
    for inline in content {
        match inline {
            Inline::Text { text, marks } => cut(text, marks, &mut tokens),
            atom => tokens.push(atom.clone()),
        }
    }
    tokens
}

fn cut(text: &str, marks: &Marks, tokens: &mut Vec<Inline>) {
    let mut start = 0;
    let mut last: Option<Class> = None;
    for (place, c) in text.char_indices() {
        let class = class(c);
        let goes_on = last.as_ref().is_none_or(|last| *last == class && class != Class::Single);
        if !goes_on {
            tokens.push(Inline::Text { text: text[start..place].to_owned(), marks: marks.clone() });
            start = place;
        }
        last = Some(class);
    }
    if start < text.len() {
        tokens.push(Inline::Text { text: text[start..].to_owned(), marks: marks.clone() });
    }
}
