//! A finding as programs get it: the documented shape of `debrief lint --format json` and of the API.

use crate::{
    places::Places,
    reading::Finding,
    rules::{Family, Step, Strength},
};
use serde::Serialize;

/// A finding with everything that explains it.
#[derive(Debug, Clone, Serialize)]
pub struct Record<'a> {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The words.
    pub text: &'a str,
    /// Which rule.
    pub rule: &'a str,
    /// Where it is filed.
    pub family: Family,
    /// How much it asks for.
    pub strength: Strength,
    /// Where the text lives.
    pub surface: &'static str,
    /// What the writer is asked.
    pub question: &'a str,
    /// One line about why.
    pub why: &'a str,
    /// Where that is known from.
    pub source: &'a str,
    /// Steps that it offers.
    pub actions: &'a [Step],
    /// Stays the same while the words of the sentence do.
    pub sentence: String,
}

impl<'a> Record<'a> {
    /// Of a finding in `text`; asked in the order of the text this is linear in the whole.
    pub fn of(finding: &Finding<'a>, text: &'a str, places: &Places<'_>) -> Self {
        let (line, column) = places.of(finding.range.start);
        Self {
            line,
            column,
            start: finding.range.start,
            end: finding.range.end,
            text: text.get(finding.range.clone()).unwrap_or_default(),
            rule: &finding.rule.id,
            family: finding.family,
            strength: finding.strength,
            surface: finding.surface.name(),
            question: &finding.rule.question,
            why: &finding.rule.why,
            source: &finding.rule.source,
            actions: &finding.rule.steps,
            sentence: finding.sentence_name(),
        }
    }
}
