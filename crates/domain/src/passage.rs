//! Words that can leave for good, and where they stand in a text (PER-02).

use crate::{person::NotAccepted, sealed};
use std::ops::Range;

/// Words from this many on are no accident where they stand a second time: they were taken over from whoever wrote
/// them first.
pub const QUOTED: usize = 5;

/// Words that can leave for good: at least two of them, so that nobody takes every “the” out of a text.
pub fn passage(text: &str) -> Result<&str, NotAccepted> {
    if text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count() == 1 {
        return Err(NotAccepted("Choose at least two words, so that it is clear which place is meant."));
    }
    sealed::words(text)
}

/// Stretches of a text that say `words`, in its characters: blanks of any sort and length count as one, and no word
/// is cut. None for words that are blank.
pub fn occurrences(text: &[char], words: &str) -> Vec<Range<usize>> {
    let wanted: Vec<char> = words.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    let mut read: Vec<(char, usize)> = Vec::with_capacity(text.len());
    for (at, c) in text.iter().enumerate() {
        if !c.is_whitespace() {
            read.push((*c, at));
        } else if read.last().is_some_and(|(before, _)| *before != ' ') {
            read.push((' ', at));
        }
    }
    let (Some(first), Some(last)) = (wanted.first().copied(), wanted.last().copied()) else {
        return Vec::new();
    };
    let inside = |edge: char, beside: Option<&(char, usize)>| {
        edge.is_alphanumeric() && beside.is_some_and(|(c, _)| c.is_alphanumeric())
    };
    let (mut found, mut at) = (Vec::new(), 0);
    while at + wanted.len() <= read.len() {
        let here = &read[at..at + wanted.len()];
        let cut = inside(first, at.checked_sub(1).and_then(|before| read.get(before)))
            || inside(last, read.get(at + wanted.len()));
        if !cut && here.iter().map(|(c, _)| *c).eq(wanted.iter().copied()) {
            found.push(here[0].1..here[here.len() - 1].1 + 1);
            at += wanted.len();
        } else {
            at += 1;
        }
    }
    found
}

/// A text without the words, and without a blank that nothing needs any more; `None` if they do not stand in it.
pub fn without(text: &str, words: &str) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let found = occurrences(&chars, words);
    for Range { start, mut end } in found.iter().rev().cloned() {
        let begins = start == 0 || chars[start - 1].is_whitespace();
        if begins && chars.get(end).is_some_and(|c| c.is_whitespace()) {
            end += 1;
        }
        chars.drain(start..end);
    }
    (!found.is_empty()).then(|| chars.into_iter().collect::<String>().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_leave_a_text_that_reads_on() {
        for (text, words, left) in [
            ("One. Bob was late. Two.", "Bob was late.", Some("One. Two.")),
            ("Bob was\n  late.", "Bob was late.", Some("")),
            ("Bob was late", "Bob was", Some("late")),
            ("a b a b", "a b", Some("")),
            ("Bobby was late", "Bob was", None),
            ("Bob was late", "was lat", None),
            ("", "a b", None),
            ("a b", " ", None),
        ] {
            assert_eq!(without(text, words).as_deref(), left, "{text}: {words}");
        }
    }

    #[test]
    fn a_passage_is_some_words() {
        assert_eq!(passage(" Bob failed. "), Ok("Bob failed."));
        assert!(["the", "the —", ""].into_iter().all(|text| passage(text).is_err()));
    }
}
