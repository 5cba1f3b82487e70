//! What people type into fields: blanks around it go, lengths are bounded, nothing unprintable gets in.

use crate::{Error, Result};

/// One line of 1 to `max` characters.
pub(crate) fn line(field: &'static str, text: &str, max: usize) -> Result<String> {
    match optional_line(field, text, max)? {
        Some(line) => Ok(line),
        None => Err(Error::invalid(field, "A few words are needed here.")),
    }
}

/// One line of at most `max` characters; `None` when it is empty.
pub(crate) fn optional_line(field: &'static str, text: &str, max: usize) -> Result<Option<String>> {
    let line = text.trim();
    if line.chars().count() > max {
        return Err(Error::invalid(field, format!("This is longer than {max} characters.")));
    }
    if line.chars().any(char::is_control) {
        return Err(Error::invalid(field, "This holds characters that do not fit on a line."));
    }
    Ok((!line.is_empty()).then(|| line.to_owned()))
}

/// Text of several lines, at most `max` characters; may be empty.
pub(crate) fn prose(field: &'static str, text: &str, max: usize) -> Result<String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().count() > max {
        return Err(Error::invalid(field, format!("This is longer than {max} characters.")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Error::invalid(field, "This holds characters that cannot be shown."));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_bounded() {
        assert_eq!(line("title", "  Éclair ", 6).unwrap(), "Éclair");
        for wrong in ["", "   ", "a\nb", "a\u{0}", "seven77"] {
            assert!(line("title", wrong, 6).is_err(), "{wrong:?}");
        }
        assert_eq!(optional_line("team", " ", 6).unwrap(), None);
    }

    #[test]
    fn prose_keeps_its_lines() {
        assert_eq!(prose("detail", "a\r\n\tb\n", 10).unwrap(), "a\n\tb");
        assert!(prose("detail", "a\u{0}", 10).is_err());
        assert!(prose("detail", "12345678901", 10).is_err());
    }
}
