//! What of all findings is shown (domain.md 2.1): little, so that it is read.

use crate::reading::Finding;

/// Findings open at once in a paragraph.
const PARAGRAPH: usize = 3;
/// Findings that somebody who writes for the first time sees in a document.
const FIRST_TIME: usize = 5;

/// One finding a sentence, the strongest; the first of equals.
pub fn strongest<'a>(findings: &[Finding<'a>]) -> Vec<Finding<'a>> {
    let mut shown: Vec<Finding<'a>> = Vec::new();
    for finding in findings {
        match shown.last_mut() {
            Some(last) if last.sentence == finding.sentence => {
                if finding.strength > last.strength {
                    *last = finding.clone();
                }
            }
            _ => shown.push(finding.clone()),
        }
    }
    shown
}

/// What a document shows: one finding a sentence, some rules once, at most three a paragraph and, to somebody who writes for
/// the first time, five in all. The stronger ones stay; the order is the text's.
pub fn within_limits<'a>(findings: &[Finding<'a>], first_time: bool) -> Vec<Finding<'a>> {
    shown_and_beside(findings, first_time).0
}

/// What a document shows as [`within_limits`] says, and what a list beside it names: sentences beyond those of their paragraph.
pub fn shown_and_beside<'a>(
    findings: &[Finding<'a>],
    first_time: bool,
) -> (Vec<Finding<'a>>, Vec<Finding<'a>>) {
    let mut once: Vec<&str> = Vec::new();
    let mut shown = strongest(findings);
    shown.retain(|finding| {
        if !finding.rule.once {
            return true;
        }
        let again = once.contains(&finding.rule.id.as_str());
        once.push(&finding.rule.id);
        !again
    });
    let rank = |finding: &Finding<'a>| std::cmp::Reverse(finding.strength);
    let mut by_strength: Vec<usize> = (0..shown.len()).collect();
    by_strength.sort_by_key(|at| (rank(&shown[*at]), *at));
    let mut kept: Vec<usize> = Vec::new();
    let mut in_paragraph: std::collections::HashMap<usize, usize> = std::collections::HashMap::new();
    for at in by_strength {
        let count = in_paragraph.entry(shown[at].paragraph).or_default();
        if *count < PARAGRAPH && (!first_time || kept.len() < FIRST_TIME) {
            *count += 1;
            kept.push(at);
        }
    }
    kept.sort_unstable();
    let (mut open, mut beside) = (Vec::new(), Vec::new());
    for (at, finding) in shown.into_iter().enumerate() {
        if kept.binary_search(&at).is_ok() {
            open.push(finding);
        } else {
            beside.push(finding);
        }
    }
    (open, beside)
}
