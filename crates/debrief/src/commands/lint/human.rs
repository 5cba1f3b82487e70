//! Findings for people: the sentence, the question, why; one a sentence, the strongest (domain.md 2.1).

use super::Checked;
use language::{Places, strongest};
use std::fmt::Write as _;

/// How much of a line is shown, in bytes.
const SHOWN: usize = 160;

/// All findings of all files, and how many there are.
pub fn write(checked: &[Checked<'_>]) -> String {
    let mut out = String::new();
    let mut sentences = 0;
    for file in checked {
        let places = Places::new(&file.text);
        for finding in strongest(&file.findings) {
            sentences += 1;
            let (line, column) = places.of(finding.range.start);
            // Writing into a string cannot fail.
            let _ = writeln!(out, "{}:{line}:{column}: {} {}", file.name, finding.strength, finding.rule.id);
            let excerpt = places.excerpt(finding.range.start, SHOWN);
            let _ = writeln!(out, "    {}", &file.text[excerpt.clone()]);
            // The words may go on in the next line, or beyond what is shown of a long one.
            if let Some(words) = file.text.get(finding.range.start..finding.range.end.min(excerpt.end)) {
                let before = &file.text[excerpt.start..finding.range.start];
                // A tab stays one, so that the line stands under its words however wide that is.
                let before: String = before.chars().map(|c| if c == '\t' { c } else { ' ' }).collect();
                let _ = writeln!(out, "    {before}{}", "~".repeat(words.chars().count()));
            }
            let _ = writeln!(out, "  {}", finding.rule.question);
            let _ = writeln!(out, "  {} ({})\n", finding.rule.why, finding.rule.source);
        }
    }
    let files = match checked.len() {
        1 => "one file".to_owned(),
        many => format!("{many} files"),
    };
    let _ = match sentences {
        0 => writeln!(out, "Nothing to ask about in {files}."),
        1 => writeln!(out, "One sentence to look at again in {files}."),
        many => writeln!(out, "{many} sentences to look at again in {files}."),
    };
    out
}
