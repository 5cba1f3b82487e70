//! Saying once what a title and a detail both say: many titles are the first words of the detail.

/// Words of a detail that a title can take in whole, in characters.
const SHORT: usize = 240;

/// Title and detail without what would be read twice.
pub(crate) fn apart(title: &str, detail: &str) -> (String, String) {
    let (title, detail) = (title.trim(), detail.trim());
    let bare = title.trim_end_matches(['…', '.', ' ']);
    let begins = plain(detail).starts_with(&plain(bare)) && !bare.is_empty();
    let one_line = !detail.contains('\n');
    if detail.is_empty() || (begins && one_line && detail.chars().count() <= SHORT) {
        // The detail is the title's sentence in full.
        let whole = if detail.is_empty() { title } else { detail };
        return (whole.to_owned(), String::new());
    }
    let lines: Vec<&str> = detail.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let rest: Vec<&str> = lines.iter().copied().filter(|line| plain(line) != plain(bare)).collect();
    let labels = rest.len() > 1 && rest.iter().all(|line| line.chars().count() < 48 && line.contains(": "));
    let detail = if labels { rest.join(" · ") } else { rest.join("\n") };
    (title.to_owned(), detail)
}

fn plain(text: &str) -> String {
    text.to_lowercase().trim_end_matches(['…', '.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_twice_and_nothing_is_lost() {
        let table = [
            (("Care asks", ""), ("Care asks", "")),
            (
                ("on it. masters of the 07:30…", "on it. masters of the 07:30 agree"),
                ("on it. masters of the 07:30 agree", ""),
            ),
            (
                ("Evictions", "Evictions\nseverity: info\npaging: no"),
                ("Evictions", "severity: info · paging: no"),
            ),
            (
                ("Decision: b", "yes. Decision: b, for an hour"),
                ("Decision: b", "yes. Decision: b, for an hour"),
            ),
            (
                ("A title", "First line\nSecond line of words"),
                ("A title", "First line\nSecond line of words"),
            ),
        ];
        for ((title, detail), (says, more)) in table {
            assert_eq!(apart(title, detail), (says.to_owned(), more.to_owned()));
        }
    }
}
