//! Words that were taken out stand nowhere in what comes out.

use super::*;
use crate::{begin, project};
use domain::document::{Block, Document, Inline, ListItem, ListKind};

const CANARY: &str = "Bob was careless again.";

fn paragraph(words: &str) -> Block {
    Block::Paragraph(vec![Inline::text(words)])
}

fn said(state: &[u8]) -> Document {
    project(&[state]).unwrap()
}

fn holds(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

/// One update in which `client` writes `words` at `index` of the paragraph number `at`.
fn typed(state: &[u8], client: u64, at: u32, index: u32, words: &str) -> Vec<u8> {
    edited(state, client, at, |txn, text| text.insert(txn, index, words))
}

fn edited(
    state: &[u8],
    client: u64,
    at: u32,
    edit: impl FnOnce(&mut TransactionMut<'_>, &XmlTextRef),
) -> Vec<u8> {
    let doc = Doc::with_options(crate::replica::options(client));
    let fragment = doc.get_or_insert_xml_fragment(FRAGMENT);
    doc.transact_mut().apply_update(Update::decode_v1(state).unwrap()).unwrap();
    let before = doc.transact().state_vector();
    let mut txn = doc.transact_mut();
    let Some(XmlOut::Element(paragraph)) = fragment.get(&txn, at) else { panic!("a paragraph") };
    let Some(XmlOut::Text(text)) = paragraph.get(&txn, 0) else { panic!("a text") };
    edit(&mut txn, &text);
    drop(txn);
    doc.transact().encode_diff_v1(&before)
}

fn all(_: &Place) -> bool {
    true
}

#[test]
fn the_words_go_and_the_rest_stays() {
    let document = Document {
        blocks: vec![
            paragraph(&format!("The gate stood open. {CANARY} Nobody was told.")),
            paragraph("Another line."),
        ],
    };
    let state = begin(&document, 7);
    let out = without(&[&state], "Bob was  careless\nagain.", &BTreeSet::new(), all).unwrap();
    assert_eq!(out.taken, 1);
    assert!(!holds(&out.state, "careless"));
    let left = vec![paragraph("The gate stood open. Nobody was told."), paragraph("Another line.")];
    assert_eq!(said(&out.state).blocks, left);
}

#[test]
fn no_word_is_cut_and_nothing_goes_that_is_not_there() {
    let state = begin(&Document { blocks: vec![paragraph("Bobby was late. Bob was late.")] }, 7);
    let found = places_of(&[&state], "Bob was late").unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].by, BTreeMap::from([(7, 10)]));
    assert_eq!(found[0].traces.first(), Some(&(7, 18)));
    for nothing in ["", "  ", "Bob is late", "obby was"] {
        assert!(places_of(&[&state], nothing).unwrap().is_empty(), "{nothing}");
        let out = without(&[&state], nothing, &BTreeSet::new(), all).unwrap();
        assert_eq!((out.taken, said(&out.state)), (0, said(&state)));
    }
}

#[test]
fn an_emptied_line_goes_with_what_holds_only_it() {
    let item = |words| ListItem { checked: false, blocks: vec![paragraph(words)] };
    let list = |items| Block::List { kind: ListKind::Bullet, items };
    let document = Document {
        blocks: vec![
            paragraph(CANARY),
            list(vec![item("One"), item(CANARY), item("Two")]),
            list(vec![item(CANARY)]),
            Block::Quote(vec![paragraph(CANARY)]),
            Block::Heading { level: 2, section: None, content: vec![Inline::text(CANARY)] },
            Block::Question { prompt: format!("Why? {CANARY}") },
            paragraph("Last"),
        ],
    };
    let out = without(&[begin(&document, 7)], CANARY, &BTreeSet::new(), all).unwrap();
    let left = vec![
        list(vec![item("One"), item("Two")]),
        Block::Heading { level: 2, section: None, content: vec![] },
        paragraph("Last"),
    ];
    assert_eq!((out.taken, said(&out.state).blocks), (6, left));
    assert!(!holds(&out.state, "careless"));
}

#[test]
fn words_over_marks_mentions_and_lines_are_found() {
    let bold = domain::document::Marks { bold: true, ..Default::default() };
    let content = vec![
        Inline::text("Then "),
        Inline::Person { id: None, label: "Bob".into() },
        Inline::text(" was "),
        Inline::Text { text: "careless".into(), marks: bold },
        Inline::Break,
        Inline::text("again. And 🚢 sailed."),
    ];
    let state = begin(&Document { blocks: vec![Block::Paragraph(content)] }, 7);
    let out = without(&[&state], CANARY, &BTreeSet::new(), all).unwrap();
    assert_eq!(said(&out.state).blocks, vec![paragraph("Then And 🚢 sailed.")]);
    let two = begin(&Document { blocks: vec![paragraph("One line."), paragraph("Two lines. Three.")] }, 7);
    let out = without(&[&two], "One line. Two lines.", &BTreeSet::new(), all).unwrap();
    assert_eq!(said(&out.state).blocks, vec![paragraph("Three.")]);
}

#[test]
fn who_wrote_what_stays_known_and_decides() {
    let first = begin(&Document { blocks: vec![paragraph("Start. "), paragraph("Start. ")] }, 7);
    let second = typed(&first, 8, 0, 7, CANARY);
    let third = typed(&crate::merged(&[&first, &second]).unwrap(), 9, 1, 7, CANARY);
    let updates = [first, second, third];
    let places = places_of(&updates, CANARY).unwrap();
    let whose: Vec<u64> = places.iter().flat_map(|place| place.by.keys().copied()).collect();
    assert_eq!(whose, [8, 9]);
    let of_eight = |place: &Place| place.by.contains_key(&8);
    let out = without(&updates, CANARY, &BTreeSet::new(), of_eight).unwrap();
    assert_eq!(out.taken, 1);
    assert_eq!(places_of(&[&out.state], CANARY).unwrap().len(), 1, "what another wrote stays");
    assert_eq!(places_of(&[&out.state], "Start.").unwrap()[0].by, BTreeMap::from([(7, 6)]));
}

#[test]
fn an_earlier_wording_goes_by_its_traces() {
    let first = begin(&Document { blocks: vec![paragraph("Before. Bob is a fool, really. After.")] }, 7);
    // “is a fool, really” becomes “was careless again”; the words around it are those of before.
    let second = edited(&first, 8, 0, |txn, text| {
        text.remove_range(txn, 12, 17);
        text.insert(txn, 12, "was careless again");
    });
    let now = [first.clone(), second];
    let traces: BTreeSet<(u64, u32)> =
        places_of(&now, CANARY).unwrap().into_iter().flat_map(|place| place.traces).collect();
    assert!(traces.len() > 20);
    let then = without(&[&first], CANARY, &traces, all).unwrap();
    assert_eq!(said(&then.state).blocks, vec![paragraph("Before. After.")]);
    assert!(!holds(&then.state, "fool"));
    let out = without(&now, CANARY, &traces, all).unwrap();
    assert_eq!(out.taken, 1, "the same stretch by words and by traces is one");
    assert!(!holds(&out.state, "fool") && !holds(&out.state, "careless"), "nor what was deleted before");
}

#[test]
fn a_copy_that_goes_on_merges_and_brings_nothing_back() {
    let first = begin(&Document { blocks: vec![paragraph(&format!("Kept. {CANARY}"))] }, 7);
    let out = without(&[&first], CANARY, &BTreeSet::new(), all).unwrap();
    let later = typed(&out.state, 8, 0, 5, " More.");
    assert_eq!(said(&crate::merged(&[&out.state, &later]).unwrap()).blocks, vec![paragraph("Kept. More.")]);
    // What an old copy would send is known already.
    let both = crate::merged(&[&out.state, &first]).unwrap();
    assert!(!holds(&both, "careless"));
}

#[test]
fn what_cannot_be_read_is_refused() {
    assert_eq!(places_of(&[b"nonsense"], "a b"), Err(Unreadable));
    assert_eq!(without(&[b"nonsense"], "a b", &BTreeSet::new(), all), Err(Unreadable));
}
