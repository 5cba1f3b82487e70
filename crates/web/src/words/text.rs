//! Counting in words, and cutting without breaking.

/// “1 incident”, “11 incidents”.
pub(crate) fn count(number: i64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number)) }
}

/// 10807 as 10,807.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("−{out}") } else { out }
}

/// The first `most` characters, ended at a word where that is near.
pub(crate) fn opening(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    let end = cut.rfind(char::is_whitespace).filter(|end| *end > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([',', ';', ':', '.', ' ']))
}

/// “Ada”, “Ada and Rafe”, “Ada, Rafe and Imani”, “Ada, Rafe, Imani and 4 more”.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] if names.len() <= 4 => format!("{} and {last}", first.join(", ")),
        many => format!("{} and {} more", many[..3].join(", "), many.len() - 3),
    }
}

/// Minutes to read so many words, at 220 a minute.
pub(crate) fn reading_minutes(words: usize) -> usize {
    words.div_ceil(220).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_openings() {
        assert_eq!(count(1, "incident", "incidents"), "1 incident");
        assert_eq!(count(10_807, "piece", "pieces"), "10,807 pieces");
        assert_eq!(opening("The gates that had not heard of the new key", 20), "The gates that had…");
        assert_eq!(opening("éééé", 2), "éé…");
        assert_eq!(listed(&["Ada", "Rafe", "Imani"]), "Ada, Rafe and Imani");
        assert_eq!(reading_minutes(0), 1);
    }
}
