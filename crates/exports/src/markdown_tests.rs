use super::*;
use crate::Questions;
use domain::{
    Instant,
    document::Document,
    timeline::{EventKind, KeyInstant, Precision},
};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

fn article(blocks: Vec<Block>) -> Article {
    Article {
        title: "Tickets *refused*".into(),
        kicker: String::new(),
        facts: vec![("Severity".into(), "2 of 4".into())],
        document: Document { blocks },
        timeline: vec![Moment {
            at: Instant::from_seconds(1_794_635_220),
            precision: Precision::Minute,
            kind: EventKind::Report,
            title: "Care asks | in the channel".into(),
            detail: "Third call now".into(),
            actor: Some("Sunniva".into()),
            team: Some("Care".into()),
            instants: vec![KeyInstant::Detected],
            sources: vec!["Slack, #gates".into()],
            attached: vec![],
        }],
        follow_ups: vec![],
        questions: Questions::LeftOut,
    }
}

fn says(text: &str) -> Block {
    Block::Paragraph(vec![Inline::text(text)])
}

fn heading(text: &str) -> Block {
    Block::Heading { level: 2, section: None, content: vec![Inline::text(text)] }
}

#[test]
fn readers_get_no_questions_and_no_empty_sections() {
    let blocks = vec![
        heading("Summary"),
        says("It ended."),
        heading("Risks"),
        Block::Question { prompt: "What is still there?".into() },
        Block::Paragraph(vec![]),
    ];
    let reader = write(&article(blocks.clone()));
    assert_eq!(reader, "# Tickets \\*refused\\*\n\n## Summary\n\nIt ended.\n");
    let draft = write(&Article { questions: Questions::Shown, ..article(blocks) });
    assert!(draft.ends_with("## Risks\n\n> *What is still there?*\n"), "{draft}");
}

#[test]
fn the_timeline_is_a_table_by_day_with_sources_and_key_instants() {
    let text = write(&article(vec![heading("Timeline"), Block::Live(Live::Timeline)]));
    assert!(text.contains("**Saturday 14 November 2026** (UTC)"), "{text}");
    assert!(
        text.contains("| 05:47 | Care asks \\| in the channel **[Detected]**<br>Third call now | Sunniva, Care | Slack, #gates |"),
        "{text}"
    );
}

#[test]
fn what_was_attached_is_named_so_that_a_copy_can_be_checked() {
    let mut with = article(vec![heading("Timeline"), Block::Live(Live::Timeline)]);
    with.timeline[0].attached = vec![
        Attached::File {
            name: "a|b.png".into(),
            bytes: 14_400,
            sum: "ab12".into(),
            picture: Some(("image/png".into(), b"PNG".to_vec())),
        },
        Attached::Link { title: "Status".into(), url: "https://status.larkfare.example/1".into() },
        Attached::Query { place: "Metrics".into(), text: "rate(a[5m]) | b".into(), url: None },
        Attached::Link { title: "Odd".into(), url: "javascript:alert(1)".into() },
    ];
    let text = write(&with);
    let told = "<br>File: a\\|b.png, 14 KB, SHA-256 `ab12`<br>Link: [Status](<https://status.larkfare.example/1>)\
                <br>Metrics: `rate(a[5m]) \\| b`<br>Link: Odd | Sunniva, Care";
    assert!(text.contains(told), "{text}");
    let page = crate::html::write(&with);
    assert!(page.contains("<img src=\"data:image/png;base64,UE5H\" alt=\"a|b.png\">"), "{page}");
    assert!(
        page.contains("SHA-256 <code>ab12</code>")
            && page.contains("<pre><code>rate(a[5m]) | b</code></pre>")
    );
    assert!(!page.contains("javascript:"));
}

#[test]
fn lists_tables_code_and_quotes_keep_their_shape() {
    let item = |text: &str, checked| ListItem { checked, blocks: vec![says(text)] };
    let cell = |text: &str, header| Cell { header, colspan: 1, rowspan: 1, blocks: vec![says(text)] };
    let blocks = vec![
        Block::List { kind: ListKind::Task, items: vec![item("rested", true), item("open", false)] },
        Block::List { kind: ListKind::Ordered { start: 3 }, items: vec![item("third", false)] },
        Block::Table(vec![
            vec![cell("a|b", true), cell("c", true)],
            vec![cell("1", false), cell("2", false)],
        ]),
        Block::Code { language: Some("sql".into()), text: "select '```';\n".into() },
        Block::Quote(vec![says("first"), says("second")]),
    ];
    let text = write(&article(blocks));
    for part in [
        "- [x] rested\n- [ ] open",
        "3. third",
        "| a\\|b | c |\n| --- | --- |\n| 1 | 2 |",
        "````sql\nselect '```';\n````",
        "> first\n>\n> second",
    ] {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }
}

#[test]
fn links_that_do_harm_lose_their_address_and_keep_their_words() {
    let marks = Marks { link: Some("javascript:alert(1)".into()), ..Marks::default() };
    let text = write(&article(vec![Block::Paragraph(vec![Inline::Text { text: "here".into(), marks }])]));
    assert!(text.ends_with("\n\nhere\n"), "{text}");
}

/// The words of a Markdown text as a reader's program sees them.
fn read_back(markdown: &str) -> (String, Vec<String>) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let (mut words, mut shapes) = (String::new(), Vec::new());
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            Event::SoftBreak | Event::HardBreak => words.push(' '),
            Event::Start(Tag::Paragraph) => shapes.push("paragraph".to_owned()),
            Event::Start(tag) => shapes.push(format!("{tag:?}").chars().take(12).collect()),
            Event::Html(html) | Event::InlineHtml(html) => shapes.push(format!("html {html}")),
            _ => {}
        }
    }
    (words, shapes)
}

proptest! {
    /// Whatever somebody types into a paragraph is read back as one paragraph of the same words.
    #[test]
    fn a_paragraph_stays_a_paragraph(text in "[ -~äß–“]{1,60}") {
        prop_assume!(!text.trim().is_empty());
        let whole = write(&Article { title: "T".into(), ..article(vec![says(&text)]) });
        let markdown = whole.strip_prefix("# T\n\n").unwrap();
        let (words, shapes) = read_back(markdown);
        prop_assert_eq!(&shapes, &["paragraph"], "{}", markdown);
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(squeeze(&words), squeeze(&text), "{}", markdown);
    }

    #[test]
    fn no_text_panics_and_none_leaves_the_table(text in ".{0,80}") {
        let cell = Cell { header: true, colspan: 1, rowspan: 1, blocks: vec![says(&text)] };
        let written = write(&article(vec![Block::Table(vec![vec![cell.clone()], vec![cell]])]));
        prop_assert!(written.starts_with("# "));
    }
}
