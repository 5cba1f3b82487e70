//! Whatever comes in, the aid answers, in time that follows the length of the text.
#![expect(clippy::unwrap_used, reason = "the shipped rules are known to fit together")]

use language::{Aid, Context};
use proptest::prelude::*;
use std::sync::LazyLock;

static AID: LazyLock<Aid> = LazyLock::new(|| Aid::english().unwrap());

fn bounds_hold(text: &str) -> bool {
    AID.read(text, &Context::default()).iter().all(|finding| {
        text.get(finding.range.clone()).is_some_and(|words| !words.is_empty())
            && finding.sentence.start <= finding.range.start
            && finding.range.end <= finding.sentence.end
            && text.get(finding.sentence.clone()).is_some()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,400}") {
        prop_assert!(bounds_hold(&text));
    }

    #[test]
    fn any_row_of_telling_words_is_read(words in prop::collection::vec(
        prop::sample::select(vec![
            "the", "engineer", "failed", "to", "should", "have", "not", "checked", "been", "by", "who", "and", ",", ".", "\"",
            "if", "only", "had", "we", "root", "cause", "was", "human", "error", "(", ")", "**", "`", "[", "](", "> ", "\n", "\n\n",
            "- ", "| ", "# ", "’s", "n't", "@dana", "accidentally", "of", "wrong", "instead", "!!", "…", "é", "🦀", "\\", "\u{200d}",
        ]), 0..120)) {
        let text = words.join(" ");
        prop_assert!(bounds_hold(&text));
        prop_assert!(bounds_hold(&words.concat()));
    }
}

/// Each would take minutes or run out of memory if anything were quadratic; none of them is timed.
#[test]
fn ten_megabytes_of_anything_come_to_an_end() {
    const SIZE: usize = 10_000_000;
    let seeds = [
        "the engineer should have ",
        "a",
        "if ",
        "\"",
        "[",
        "](",
        "**a ",
        "> ",
        "`",
        "root cause of ",
        "who failed and ",
        "| a ",
        "…",
        "a.b/c:d@e_",
        "(",
    ];
    // In unoptimised builds a tenth shows the same.
    let size = if cfg!(debug_assertions) { SIZE / 20 } else { SIZE };
    for seed in seeds {
        let text = seed.repeat(size / seed.len());
        assert!(bounds_hold(&text), "{seed}");
    }
}

#[test]
fn other_languages_get_silence() {
    for text in [
        "Der Techniker hätte das Zertifikat erneuern sollen, es war ein menschlicher Fehler.",
        "L'erreur humaine est la cause de l'incident et nous aurions dû vérifier.",
        "El error humano fue la causa y no se comprobó la copia.",
        "人为错误导致了这次事故。",
    ] {
        assert!(AID.read(text, &Context::default()).is_empty(), "{text}");
    }
}

#[test]
fn other_peoples_words_are_left_alone() {
    for text in [
        "> The on-call failed to escalate.",
        "```\nThe on-call failed to escalate.\n```",
        "    The on-call failed to escalate.",
        "She said “the on-call failed to escalate” and left.",
        "<p>The on-call failed to escalate.</p>",
        "[Improve the alerting](https://tracker.example/12)",
    ] {
        assert!(AID.read(text, &Context::default()).is_empty(), "{text}");
    }
}
