//! What is different between two versions of a document, as an HTML fragment to be read: `<ins>` and `<del>`
//! where words came and went, and what stayed the same folded away.

use crate::html::{escape, inlines, write_block};
use domain::{
    difference::{CellInner, Change, Inner, ItemInner, Part, Run, RunKind, Shell},
    document::{Block, Cell, ListItem, ListKind, Live},
};
use std::fmt::Write as _;

/// From so many blocks on, what stayed the same is folded.
const FOLD: usize = 3;

/// The changes in the order of reading. Live blocks are named, for what they show is not part of a version.
pub fn html(changes: &[Change]) -> String {
    let mut out = String::new();
    let mut start = 0;
    while start < changes.len() {
        let stretch = changes[start..].iter().map_while(same).collect::<Vec<_>>();
        if stretch.is_empty() {
            write_change(&mut out, &changes[start]);
            start += 1;
        } else {
            let end = start + stretch.len();
            unchanged(&mut out, &stretch, start > 0, end < changes.len());
            start = end;
        }
    }
    out
}

fn same(change: &Change) -> Option<&Block> {
    match change {
        Part::Same(block) => Some(block),
        _ => None,
    }
}

/// What stayed the same: the block next to a change and the heading above it stay in sight.
fn unchanged(out: &mut String, blocks: &[&Block], changed_above: bool, changed_below: bool) {
    let from = usize::from(changed_above).min(blocks.len());
    let to = blocks.len().saturating_sub(usize::from(changed_below)).max(from);
    let middle = &blocks[from..to];
    let heading = middle.iter().rposition(|block| matches!(block, Block::Heading { .. }));
    plain(out, &blocks[..from]);
    match heading.filter(|_| changed_below) {
        Some(place) => {
            fold(out, &middle[..place]);
            plain(out, &middle[place..=place]);
            fold(out, &middle[place + 1..]);
        }
        None => fold(out, middle),
    }
    plain(out, &blocks[to..]);
}

fn fold(out: &mut String, blocks: &[&Block]) {
    if blocks.len() < FOLD {
        plain(out, blocks);
        return;
    }
    let _ = writeln!(
        out,
        "<details class=\"unchanged\"><summary>{} paragraphs unchanged</summary>",
        blocks.len()
    );
    plain(out, blocks);
    out.push_str("</details>\n");
}

fn plain(out: &mut String, blocks: &[&Block]) {
    blocks.iter().for_each(|block| write_block(out, block, &mut live));
}

/// A live block by its name.
pub fn live(live: Live) -> String {
    let words = match live {
        Live::Facts => "The facts stand here",
        Live::Timeline => "The timeline stands here",
        Live::FollowUps => "Ideas and follow-ups stand here",
    };
    format!("<p class=\"stands\">{words}</p>\n")
}

fn write_change(out: &mut String, change: &Change) {
    match change {
        Part::Same(block) => write_block(out, block, &mut live),
        Part::Added { whole, moved } => {
            let note = if *moved { "<p class=\"change-note\">Moved here</p>\n" } else { "" };
            let _ = writeln!(out, "<div class=\"came\">{note}<ins>");
            write_block(out, whole, &mut live);
            out.push_str("</ins></div>\n");
        }
        Part::Removed { whole: _, moved: true } => {
            out.push_str("<p class=\"change-note\">Something stood here and moved</p>\n");
        }
        Part::Removed { whole, moved: false } => {
            out.push_str("<div class=\"went\"><del>\n");
            write_block(out, whole, &mut live);
            out.push_str("</del></div>\n");
        }
        Part::Changed(inner) => {
            out.push_str("<div class=\"changed\">\n");
            write_inner(out, inner);
            out.push_str("</div>\n");
        }
    }
}

fn write_inner(out: &mut String, inner: &Inner) {
    match inner {
        Inner::Words { before, after, runs } => write_words(out, before, after, runs),
        Inner::List { after, items, .. } => write_list(out, *after, items),
        Inner::Quote(blocks) => {
            out.push_str("<blockquote>\n");
            blocks.iter().for_each(|change| write_change(out, change));
            out.push_str("</blockquote>\n");
        }
        Inner::Table(rows) => write_table(out, rows),
    }
}

fn write_words(out: &mut String, before: &Shell, after: &Shell, runs: &[Run]) {
    let is = |shell: &Shell| match shell {
        Shell::Paragraph => "a paragraph",
        Shell::Heading { .. } => "a heading",
        Shell::Code { .. } => "code",
    };
    if is(before) != is(after) {
        let _ = writeln!(out, "<p class=\"change-note\">It was {}</p>", is(before));
    } else if before != after {
        out.push_str("<p class=\"change-note\">It was set in another way</p>\n");
    }
    let words: String = runs
        .iter()
        .map(|run| {
            let code = matches!(after, Shell::Code { .. });
            let words = if code {
                run.content.iter().map(|inline| escape(inline.plain())).collect()
            } else {
                inlines(&run.content)
            };
            match run.kind {
                RunKind::Kept => words,
                RunKind::Removed => format!("<del>{words}</del>"),
                RunKind::Added => format!("<ins>{words}</ins>"),
            }
        })
        .collect();
    let _ = match after {
        Shell::Paragraph => writeln!(out, "<p>{words}</p>"),
        Shell::Heading { level, .. } => {
            let level = (*level).clamp(2, 6);
            writeln!(out, "<h{level}>{words}</h{level}>")
        }
        Shell::Code { .. } => writeln!(out, "<pre><code>{words}</code></pre>"),
    };
}

/// The element that says what became of a part.
const fn tag<T, C>(part: &Part<T, C>) -> Option<&'static str> {
    match part {
        Part::Same(_) | Part::Changed(_) => None,
        Part::Added { .. } => Some("ins"),
        Part::Removed { .. } => Some("del"),
    }
}

const fn moved<T, C>(part: &Part<T, C>) -> bool {
    matches!(part, Part::Added { moved: true, .. } | Part::Removed { moved: true, .. })
}

fn within(out: &mut String, tag: Option<&str>, moved: bool, write: impl FnOnce(&mut String)) {
    if let Some(tag) = tag {
        let _ = write!(out, "<{tag}>");
    }
    if moved {
        out.push_str("<span class=\"change-note\">Moved</span> ");
    }
    write(out);
    if let Some(tag) = tag {
        let _ = write!(out, "</{tag}>");
    }
}

fn write_list(out: &mut String, kind: ListKind, items: &[Part<ListItem, ItemInner>]) {
    let (open, close) = match kind {
        ListKind::Bullet => ("<ul>\n".to_owned(), "</ul>\n"),
        ListKind::Task => ("<ul class=\"tasks\">\n".to_owned(), "</ul>\n"),
        ListKind::Ordered { start } => (format!("<ol start=\"{start}\">\n"), "</ol>\n"),
    };
    out.push_str(&open);
    for item in items {
        out.push_str("<li>");
        match item {
            Part::Same(whole) | Part::Added { whole, .. } | Part::Removed { whole, .. } => {
                within(out, tag(item), moved(item), |out| {
                    if kind == ListKind::Task {
                        let _ = write!(out, "{}: ", done(whole.checked));
                    }
                    write_blocks(out, &whole.blocks);
                });
            }
            Part::Changed(inner) => {
                let (before, after) = inner.checked;
                if before != after {
                    let _ = write!(out, "<del>{}</del> <ins>{}</ins>: ", done(before), done(after));
                } else if kind == ListKind::Task {
                    let _ = write!(out, "{}: ", done(after));
                }
                inner.blocks.iter().for_each(|change| write_change(out, change));
            }
        }
        out.push_str("</li>\n");
    }
    out.push_str(close);
}

const fn done(checked: bool) -> &'static str {
    if checked { "Done" } else { "Not done" }
}

fn write_blocks(out: &mut String, blocks: &[Block]) {
    match blocks {
        [Block::Paragraph(content)] => out.push_str(&inlines(content)),
        blocks => blocks.iter().for_each(|block| write_block(out, block, &mut live)),
    }
}

fn write_table(out: &mut String, rows: &[Part<Vec<Cell>, Vec<CellInner>>]) {
    out.push_str("<div class=\"table\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table>\n");
    for row in rows {
        out.push_str("<tr>");
        match row {
            Part::Same(cells) | Part::Added { whole: cells, .. } | Part::Removed { whole: cells, .. } => {
                for (place, cell) in cells.iter().enumerate() {
                    write_cell(out, cell, |out| {
                        within(out, tag(row), moved(row) && place == 0, |out| {
                            write_blocks(out, &cell.blocks)
                        });
                    });
                }
            }
            Part::Changed(cells) => {
                for cell in cells {
                    write_cell(out, &cell.after, |out| {
                        cell.blocks.iter().for_each(|change| write_change(out, change));
                    });
                }
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n");
}

fn write_cell(out: &mut String, cell: &Cell, write: impl FnOnce(&mut String)) {
    let tag = if cell.header { "th" } else { "td" };
    let _ = write!(out, "<{tag}");
    for (name, span) in [("colspan", cell.colspan), ("rowspan", cell.rowspan)] {
        if (2..=1000).contains(&span) {
            let _ = write!(out, " {name}=\"{span}\"");
        }
    }
    out.push('>');
    write(out);
    let _ = write!(out, "</{tag}>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        difference::between,
        document::{Document, Inline},
    };

    fn paragraph(words: &str) -> Block {
        Block::Paragraph(vec![Inline::text(words)])
    }

    fn told(before: Vec<Block>, after: Vec<Block>) -> String {
        html(&between(&Document { blocks: before }, &Document { blocks: after }))
    }

    #[test]
    fn words_that_came_and_went_are_marked_in_their_place() {
        let html = told(
            vec![paragraph("The gates stayed shut for two hours."), paragraph("Nobody rang.")],
            vec![paragraph("The gates stayed shut for three hours."), paragraph("Wren called at noon.")],
        );
        assert!(html.contains("for <del>two</del><ins>three</ins> hours"), "{html}");
        assert!(html.contains("<div class=\"went\"><del>\n<p>Nobody rang.</p>"), "{html}");
        assert!(html.contains("<ins>\n<p>Wren called at noon.</p>"), "{html}");
    }

    #[test]
    fn what_stayed_the_same_is_folded_but_for_its_heading_and_neighbours() {
        let heading = Block::Heading { level: 2, section: None, content: vec![Inline::text("Impact")] };
        let mut before: Vec<Block> = (0..6).map(|n| paragraph(&format!("Same {n}"))).collect();
        before.insert(4, heading);
        let mut after = before.clone();
        after.push(paragraph("New."));
        let html = told(before.clone(), after);
        assert!(html.contains("<summary>4 paragraphs unchanged</summary>"), "{html}");
        assert!(html.contains("</details>\n<h2>Impact</h2>\n<p>Same 4</p>\n<p>Same 5</p>"), "{html}");
        assert!(!told(before.clone(), before).contains("<ins>"));
    }

    #[test]
    fn moved_blocks_are_told_as_moved() {
        let blocks = ["one a", "two b", "three c"].map(paragraph);
        let [one, two, three] = blocks;
        let html = told(vec![one.clone(), two.clone(), three.clone()], vec![three, one, two]);
        assert!(html.contains("Moved here") && html.contains("stood here and moved"), "{html}");
    }

    #[test]
    fn nothing_that_people_wrote_becomes_markup() {
        let hostile = "<img src=x onerror=alert(1)>\" ' &";
        let code = |words: &str| Block::Code { language: None, text: words.into() };
        let html = told(
            vec![paragraph(&format!("{hostile} a b c")), code(&format!("{hostile} one"))],
            vec![paragraph(&format!("{hostile} a b d")), code(&format!("{hostile} two")), paragraph(hostile)],
        );
        assert!(!html.contains("<img"), "{html}");
    }
}
