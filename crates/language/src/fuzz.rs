//! Entry points for fuzzing: arbitrary bytes in, no panic out, and every finding lies in the text it is about.

use crate::{Aid, Context, Written};
use std::sync::OnceLock;

/// Prose that own rules are tried on.
const PROSE: &str =
    "The on-call failed to escalate. Nobody checked *why* the war room was slow, so we will be careful.";

/// `bytes` as a text that somebody wrote, once as Markdown and once as plain lines.
///
/// # Panics
/// When a finding lies outside of its text, its sentence or its paragraph.
pub fn prose(bytes: &[u8]) {
    static AID: OnceLock<Aid> = OnceLock::new();
    #[expect(clippy::expect_used, reason = "the tests hold the shipped rules to fit together")]
    let aid = AID.get_or_init(|| Aid::english().expect("the shipped rules fit together"));
    let text = String::from_utf8_lossy(bytes);
    for markdown in [true, false] {
        let context = Context { markdown, no_follow_up: true, partial_impact: true, ..Context::default() };
        hold(aid, &text, &context);
    }
    let _ = aid.explain(&text);
}

/// `bytes` as a file of rules in either notation; what can be read is put to use.
///
/// # Panics
/// When a finding lies outside of its text, its sentence or its paragraph.
pub fn rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for written in [Written::Yaml(&text), Written::Toml(&text)] {
        // Putting the shipped rules together takes a while, and most of what chance writes is no file of rules.
        if written.rules().is_ok()
            && let Ok(aid) = Aid::with(&[written])
        {
            hold(&aid, PROSE, &Context::default());
        }
    }
}

fn hold(aid: &Aid, text: &str, context: &Context) {
    for finding in aid.read(text, context) {
        let (words, sentence) = (text.get(finding.range.clone()), text.get(finding.sentence.clone()));
        assert!(words.is_some() && sentence.is_some(), "a finding lies outside of its text");
        let within =
            finding.sentence.start <= finding.range.start && finding.range.end <= finding.sentence.end;
        assert!(
            within && finding.paragraph <= finding.sentence.start,
            "a finding lies outside of its sentence"
        );
    }
}
