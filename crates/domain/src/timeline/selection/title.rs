//! One short line made from the words of the source, never rewritten.

/// The longest title a rule makes, in characters.
const LONGEST: usize = 120;

/// The whole text if it is short and one line, else its `sentence`, else its beginning, cut between words.
pub fn of(text: &str, sentence: Option<usize>) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "(no text)".to_owned();
    }
    if !text.contains('\n') && text.chars().count() <= LONGEST {
        return one_line(text);
    }
    let chosen = sentence.and_then(|at| sentences(text).nth(at)).map(str::trim).filter(|it| !it.is_empty());
    let first = || text.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or(text);
    let chosen = chosen.unwrap_or_else(first);
    if chosen.chars().count() <= LONGEST {
        return one_line(chosen);
    }
    let opening = sentences(chosen).next().map(str::trim).unwrap_or(chosen);
    if sentence.is_none() && (20..=LONGEST).contains(&opening.chars().count()) {
        return one_line(opening);
    }
    let end = chosen.char_indices().nth(LONGEST - 1).map_or(chosen.len(), |(at, _)| at);
    let cut = chosen.get(..end).unwrap_or(chosen);
    let cut = cut
        .rfind(char::is_whitespace)
        .filter(|at| *at > LONGEST / 2)
        .and_then(|at| cut.get(..at))
        .unwrap_or(cut);
    format!("{}…", one_line(cut.trim_end_matches([',', ';', ':', ' '])))
}

/// The sentences of a text: ended by a line break, or by `.`, `!`, `?` before a blank.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let end = bytes.iter().enumerate().position(|(at, it)| ends_sentence(bytes, at, *it));
        let (sentence, after) = rest.split_at(end.map_or(rest.len(), |at| at + 1));
        rest = after;
        Some(sentence)
    })
}

/// Whether the byte at `at` is the last of a sentence. All marks are ASCII, so slices stay whole.
pub fn ends_sentence(bytes: &[u8], at: usize, byte: u8) -> bool {
    let blank_follows = || bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace);
    byte == b'\n' || (matches!(byte, b'.' | b'!' | b'?') && blank_follows())
}

/// A text on one line, cut if it is long.
pub fn line(text: &str) -> String {
    of(&one_line(text), None)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
