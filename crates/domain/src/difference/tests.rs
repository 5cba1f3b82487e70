use super::*;
use crate::document::{Live, Marks};
use proptest::prelude::*;

fn paragraph(words: &str) -> Block {
    Block::Paragraph(if words.is_empty() { vec![] } else { vec![Inline::text(words)] })
}

fn document(paragraphs: &[&str]) -> Document {
    Document { blocks: paragraphs.iter().map(|words| paragraph(words)).collect() }
}

/// A difference in signs: `=` same, `+` added, `-` removed, `<` and `>` moved away and here, `~` changed.
fn signs(changes: &[Change]) -> String {
    let sign = |change: &Change| match change {
        Part::Same(_) => '=',
        Part::Added { moved: false, .. } => '+',
        Part::Added { moved: true, .. } => '>',
        Part::Removed { moved: false, .. } => '-',
        Part::Removed { moved: true, .. } => '<',
        Part::Changed(_) => '~',
    };
    changes.iter().map(sign).collect()
}

/// The words of a changed block: `[-gone-]` and `{+new+}`.
fn told(change: &Change) -> String {
    let Part::Changed(Inner::Words { runs, .. }) = change else { return format!("{change:?}") };
    runs.iter()
        .map(|run| {
            let words: String = run.content.iter().map(Inline::plain).collect();
            match run.kind {
                RunKind::Kept => words,
                RunKind::Removed => format!("[-{words}-]"),
                RunKind::Added => format!("{{+{words}+}}"),
            }
        })
        .collect()
}

#[test]
fn blocks_are_laid_beside_each_other() {
    let cases = [
        (&["one", "two"][..], &["one", "two"][..], "=="),
        (&["one"], &["one", "two"], "=+"),
        (&["one", "two"], &["two"], "-="),
        (&["the gates stayed shut", "b"], &["the gates stayed open", "b"], "~="),
        (&["quite other words"], &["nothing in common here"], "-+"),
        // One of two that changed places moved; the other stands where it stood.
        (&["one a", "two b", "three c"], &["three c", "one a", "two b"], ">==<"),
        // Empty paragraphs move nowhere.
        (&["", "a", "b"], &["a", "b", ""], "-==+"),
        (&[], &["a"], "+"),
        (&[], &[], ""),
    ];
    for (before, after, expected) in cases {
        assert_eq!(signs(&between(&document(before), &document(after))), expected, "{before:?} {after:?}");
    }
}

#[test]
fn words_are_compared_within_what_changed() {
    let cases = [
        (
            "The ticket gates stayed shut for two hours.",
            "The ticket gates stayed shut for three hours.",
            "The ticket gates stayed shut for [-two-]{+three+} hours.",
        ),
        // A lone blank between changed words changes with them.
        (
            "We saw the old red board fail today at noon.",
            "We saw the new green board fail today at noon.",
            "We saw the [-old red-]{+new green+} board fail today at noon.",
        ),
        ("改札が閉まった", "改札が開いた", "改札が[-閉まっ-]{+開い+}た"),
    ];
    for (before, after, expected) in cases {
        let runs = words::between(&[Inline::text(before)], &[Inline::text(after)]);
        let change = Part::Changed(Inner::Words { before: Shell::Paragraph, after: Shell::Paragraph, runs });
        assert_eq!(told(&change), expected);
    }
}

#[test]
fn lists_and_tables_change_within() {
    let list = |items: &[&str]| Block::List {
        kind: ListKind::Bullet,
        items: items
            .iter()
            .map(|words| ListItem { checked: false, blocks: vec![paragraph(words)] })
            .collect(),
    };
    let before = Document { blocks: vec![list(&["ring the harbour", "open the gates by hand"])] };
    let after = Document { blocks: vec![list(&["ring the harbour", "call Wren", "open the gates by key"])] };
    let changes = between(&before, &after);
    let [Part::Changed(Inner::List { items, .. })] = changes.as_slice() else { panic!("{changes:?}") };
    assert!(matches!(items.as_slice(), [Part::Same(_), Part::Added { .. }, Part::Changed(_)]), "{items:?}");
}

#[test]
fn large_documents_without_anything_in_common_are_compared_all_the_same() {
    let side = |word: &str| {
        let words = (0..20_000).map(|n| format!("{word}{n}")).collect::<Vec<_>>().join(" ");
        let mut blocks: Vec<Block> = (0..5_000).map(|n| paragraph(&format!("{word} {n}"))).collect();
        blocks.push(paragraph(&format!("the same beginning of a very long paragraph {words}")));
        Document { blocks }
    };
    let (before, after) = (side("gate"), side("board"));
    let changes = between(&before, &after);
    assert_eq!((super::side(&changes, Side::Before), super::side(&changes, Side::After)), (before, after));
}

fn marks() -> impl Strategy<Value = Marks> {
    (any::<bool>(), any::<bool>()).prop_map(|(bold, code)| Marks { bold, code, ..Marks::default() })
}

/// Running text as `collab` reads it: neighbours with the same marks are one.
fn inlines() -> impl Strategy<Value = Vec<Inline>> {
    let text = ("[ab ,.é改]{1,8}", marks()).prop_map(|(text, marks)| Inline::Text { text, marks });
    let atom = prop_oneof![
        Just(Inline::Break),
        Just(Inline::Person { id: None, label: "Wren".into() }),
        Just(Inline::Event { id: None, label: "a b".into() })
    ];
    proptest::collection::vec(prop_oneof![4 => text, 1 => atom], 0..4).prop_map(|content| {
        let mut joined: Vec<Inline> = Vec::new();
        for inline in content {
            match (joined.last_mut(), inline) {
                (Some(Inline::Text { text, marks }), Inline::Text { text: more, marks: same })
                    if *marks == same =>
                {
                    text.push_str(&more);
                }
                (_, inline) => joined.push(inline),
            }
        }
        joined
    })
}

fn block() -> impl Strategy<Value = Block> {
    let leaf = prop_oneof![
        6 => inlines().prop_map(Block::Paragraph),
        2 => (1_u8..4, inlines()).prop_map(|(level, content)| Block::Heading { level, section: None, content }),
        1 => "[ab\n]{0,8}".prop_map(|text| Block::Code { language: None, text }),
        1 => Just(Block::Rule),
        1 => Just(Block::Question { prompt: "a b?".into() }),
        1 => Just(Block::Live(Live::Timeline)),
    ];
    leaf.prop_recursive(2, 24, 4, |inner| {
        let blocks = proptest::collection::vec(inner, 0..3);
        let kind =
            prop_oneof![Just(ListKind::Bullet), Just(ListKind::Task), Just(ListKind::Ordered { start: 3 })];
        let item = (any::<bool>(), blocks.clone()).prop_map(|(checked, blocks)| ListItem { checked, blocks });
        let cell = (any::<bool>(), 1_u32..3, blocks.clone()).prop_map(|(header, colspan, blocks)| Cell {
            header,
            colspan,
            rowspan: 1,
            blocks,
        });
        let rows = proptest::collection::vec(proptest::collection::vec(cell, 1..3), 1..3);
        prop_oneof![
            (kind, proptest::collection::vec(item, 0..4))
                .prop_map(|(kind, items)| Block::List { kind, items }),
            blocks.prop_map(Block::Quote),
            rows.prop_map(Block::Table),
        ]
    })
}

fn documents() -> impl Strategy<Value = (Document, Document)> {
    let some = || proptest::collection::vec(block(), 0..8);
    // The second one keeps some of the first one's blocks, in an order of its own.
    (some(), some(), any::<u64>()).prop_map(|(before, mut after, seed)| {
        for (n, block) in before.iter().enumerate().filter(|(n, _)| seed >> n & 1 == 1) {
            let place = (seed as usize >> 8).wrapping_mul(n + 7) % (after.len() + 1);
            after.insert(place, block.clone());
        }
        (Document { blocks: before }, Document { blocks: after })
    })
}

proptest! {
    #[test]
    fn both_documents_come_back_from_their_difference((before, after) in documents()) {
        let changes = between(&before, &after);
        prop_assert_eq!(side(&changes, Side::Before), before.clone());
        prop_assert_eq!(side(&changes, Side::After), after.clone());
        prop_assert_eq!(is_none(&changes), before == after);
        prop_assert!(is_none(&between(&before, &before)));
    }

    #[test]
    fn what_both_have_in_common_is_in_both(before in proptest::collection::vec(0_u8..4, 0..20), after in proptest::collection::vec(0_u8..4, 0..20)) {
        let pairs = common(&before, &after);
        prop_assert!(pairs.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
        prop_assert!(pairs.iter().all(|(b, a)| before[*b] == after[*a]));
    }
}
