//! A document that begins as blocks says the same blocks when it is read back.

use crate::{begin, project};
use domain::{
    EventId, Instant, PersonId,
    document::{Block, Cell, Document, Inline, ListItem, ListKind, Live, Marks},
    template::Template,
};
use proptest::prelude::*;

fn marks() -> impl Strategy<Value = Marks> {
    let link = prop_oneof![Just(None), Just(Some("https://example.org/a?b=c".to_owned()))];
    (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), link)
        .prop_map(|(bold, italic, strike, code, link)| Marks { bold, italic, strike, code, link })
}

fn inline() -> impl Strategy<Value = Inline> {
    prop_oneof![
        6 => ("[a-z 🦀é漢\n]{1,12}", marks()).prop_map(|(text, marks)| Inline::Text { text, marks }),
        1 => Just(Inline::Break),
        1 => (any::<[u8; 10]>(), "[A-Z][a-z]{0,5}").prop_map(|(random, label)| Inline::Person {
            id: Some(PersonId::new(Instant::from_micros(1_000_000), random)), label }),
        1 => ("[a-z ]{0,9}").prop_map(|label| Inline::Event { id: None, label }),
        1 => (any::<[u8; 10]>(), "[a-z ]{0,9}").prop_map(|(random, label)| Inline::Event {
            id: Some(EventId::new(Instant::from_micros(1_000_000), random)), label }),
    ]
}

/// Neighbours with the same marks are one text, in what is written as in what is read.
fn inlines() -> impl Strategy<Value = Vec<Inline>> {
    prop::collection::vec(inline(), 0..6).prop_map(|content| {
        let mut result: Vec<Inline> = Vec::new();
        for inline in content {
            match (result.last_mut(), inline) {
                (Some(Inline::Text { text, marks }), Inline::Text { text: more, marks: same })
                    if *marks == same =>
                {
                    text.push_str(&more);
                }
                (_, inline) => result.push(inline),
            }
        }
        result
    })
}

fn block() -> impl Strategy<Value = Block> {
    let leaf = prop_oneof![
        4 => inlines().prop_map(Block::Paragraph),
        2 => (1..=6_u8, prop::option::of("[a-z-]{1,8}"), inlines())
            .prop_map(|(level, section, content)| Block::Heading { level, section, content }),
        1 => (prop::option::of("[a-z]{1,5}"), "[a-z {}\n🦀]{0,20}")
            .prop_map(|(language, text)| Block::Code { language, text }),
        1 => Just(Block::Rule),
        1 => "[A-Za-z ?]{0,20}".prop_map(|prompt| Block::Question { prompt }),
        1 => prop::sample::select(&Live::ALL[..]).prop_map(Block::Live),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let blocks = || prop::collection::vec(inner.clone(), 0..3);
        let kind = prop_oneof![
            Just(ListKind::Bullet),
            Just(ListKind::Task),
            any::<i32>().prop_map(|start| ListKind::Ordered { start: start.into() }),
        ];
        let items = prop::collection::vec((any::<bool>(), blocks()), 1..4);
        let cell = (any::<bool>(), 1..4_u32, 1..4_u32, blocks())
            .prop_map(|(header, colspan, rowspan, blocks)| Cell { header, colspan, rowspan, blocks });
        prop_oneof![
            (kind, items).prop_map(|(kind, items)| Block::List {
                kind,
                items: items
                    .into_iter()
                    .map(|(ticked, blocks)| ListItem { checked: ticked && kind == ListKind::Task, blocks })
                    .collect(),
            }),
            blocks().prop_map(Block::Quote),
            prop::collection::vec(prop::collection::vec(cell, 1..3), 1..3).prop_map(Block::Table),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_survive_the_shared_document(blocks in prop::collection::vec(block(), 0..6), client in 1..1_u64 << 53) {
        let document = Document { blocks };
        let update = begin(&document, client);
        prop_assert_eq!(project(&[update]), Ok(document));
    }

    #[test]
    fn nothing_a_log_could_hold_makes_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = project(&[bytes]);
    }
}

#[test]
fn a_template_becomes_a_document() {
    let json = r#"{"key":"k","version":1,"name":"n","purpose":"p","source":"ours","sections":[
        {"key":"summary","title":"Summary","questions":["What happened?"],"live":["facts"]},
        {"key":"next","title":"What comes next","live":["follow-ups"]}]}"#;
    let document = Template::from_json(json).unwrap().begin();
    assert_eq!(project(&[begin(&document, 7)]), Ok(document));
}

#[test]
fn an_empty_document_is_a_document() {
    assert_eq!(project::<Vec<u8>>(&[]), Ok(Document::default()));
}
