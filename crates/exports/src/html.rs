//! HTML: the document as a fragment for the reading view, and the whole article as one file that needs
//! nothing else (no script, no outside file), so that it can be kept, mailed and printed.

use crate::{
    Article, Attached, Moment,
    article::{size, told},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::document::{Block, Cell, Inline, ListItem, ListKind, Live, Marks, safe_link};
use std::fmt::Write as _;

const STYLE: &str = include_str!("html.css");

/// The article as one HTML file.
pub fn write(article: &Article) -> String {
    let title = escape(&article.title);
    let kicker = match article.kicker.as_str() {
        "" => String::new(),
        kicker => format!("<p class=\"kicker\">{}</p>\n", escape(kicker)),
    };
    let mut live = |live: Live| write_live(article, live);
    let body = blocks(&told(article), &mut live);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{kicker}<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// The document as an HTML fragment, without questions and empty sections; `live` renders live blocks (its
/// answer is trusted HTML). Headings of level 2 get the ids `section-1`, `section-2`, ….
pub fn body(article: &Article, live: &mut dyn FnMut(Live) -> String) -> String {
    blocks(&told(article), live)
}

/// The headings of level 2 that [`body`] writes, in order: id and words.
pub fn contents(article: &Article) -> Vec<(String, String)> {
    let headings = told(article).into_iter().filter_map(|block| match block {
        Block::Heading { level: 2, content, .. } => {
            Some(content.iter().map(Inline::plain).collect::<String>())
        }
        _ => None,
    });
    headings.enumerate().map(|(place, words)| (format!("section-{}", place + 1), words)).collect()
}

fn blocks(blocks: &[&Block], live: &mut dyn FnMut(Live) -> String) -> String {
    let mut out = String::new();
    let mut section = 0;
    for block in blocks {
        if let Block::Heading { level: 2, content, .. } = block {
            section += 1;
            let _ = writeln!(out, "<h2 id=\"section-{section}\">{}</h2>", inlines(content));
        } else {
            write_block(&mut out, block, live);
        }
    }
    out
}

pub(crate) fn write_block(out: &mut String, block: &Block, live: &mut dyn FnMut(Live) -> String) {
    let _ = match block {
        Block::Heading { level, content, .. } => {
            let level = (*level).clamp(2, 6);
            writeln!(out, "<h{level}>{}</h{level}>", inlines(content))
        }
        Block::Paragraph(content) => writeln!(out, "<p>{}</p>", inlines(content)),
        Block::List { kind, items } => {
            list(out, *kind, items, live);
            Ok(())
        }
        Block::Quote(inner) => {
            out.push_str("<blockquote>\n");
            inner.iter().for_each(|block| write_block(out, block, live));
            writeln!(out, "</blockquote>")
        }
        Block::Code { text, .. } => writeln!(out, "<pre><code>{}</code></pre>", escape(text)),
        Block::Table(rows) => {
            table(out, rows, live);
            Ok(())
        }
        Block::Rule => writeln!(out, "<hr>"),
        Block::Question { prompt } => writeln!(out, "<p class=\"question\">{}</p>", escape(prompt)),
        Block::Live(which) => {
            out.push_str(&live(*which));
            Ok(())
        }
    };
}

fn list(out: &mut String, kind: ListKind, items: &[ListItem], live: &mut dyn FnMut(Live) -> String) {
    let (open, close) = match kind {
        ListKind::Bullet => ("<ul>\n".to_owned(), "</ul>\n"),
        ListKind::Task => ("<ul class=\"tasks\">\n".to_owned(), "</ul>\n"),
        ListKind::Ordered { start: 1 } => ("<ol>\n".to_owned(), "</ol>\n"),
        ListKind::Ordered { start } => (format!("<ol start=\"{start}\">\n"), "</ol>\n"),
    };
    out.push_str(&open);
    for item in items {
        out.push_str("<li>");
        if kind == ListKind::Task {
            let (state, words) = if item.checked { (" checked", "Done") } else { ("", "Not done") };
            let _ = write!(out, "<input type=\"checkbox\" disabled{state} aria-label=\"{words}\"> ");
        }
        match item.blocks.as_slice() {
            [Block::Paragraph(content)] => out.push_str(&inlines(content)),
            inner => inner.iter().for_each(|block| write_block(out, block, live)),
        }
        out.push_str("</li>\n");
    }
    out.push_str(close);
}

fn table(out: &mut String, rows: &[Vec<Cell>], live: &mut dyn FnMut(Live) -> String) {
    out.push_str("<div class=\"table\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table>\n");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let tag = if cell.header { "th" } else { "td" };
            let _ = write!(out, "<{tag}");
            for (name, span) in [("colspan", cell.colspan), ("rowspan", cell.rowspan)] {
                if (2..=1000).contains(&span) {
                    let _ = write!(out, " {name}=\"{span}\"");
                }
            }
            out.push('>');
            match cell.blocks.as_slice() {
                [Block::Paragraph(content)] => out.push_str(&inlines(content)),
                inner => inner.iter().for_each(|block| write_block(out, block, live)),
            }
            let _ = write!(out, "</{tag}>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n");
}

/// Live blocks of a file that stands alone.
fn write_live(article: &Article, live: Live) -> String {
    let mut out = String::new();
    match live {
        Live::Facts => {
            out.push_str("<dl class=\"facts\">\n");
            for (label, value) in &article.facts {
                let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escape(label), escape(value));
            }
            out.push_str("</dl>\n");
        }
        Live::Timeline => {
            let mut day = String::new();
            for moment in &article.timeline {
                if moment.day() != day {
                    if !day.is_empty() {
                        out.push_str("</ol>\n");
                    }
                    day = moment.day();
                    let _ = write!(out, "<p class=\"day\"><b>{day}</b>, UTC</p>\n<ol class=\"timeline\">\n");
                }
                write_moment(&mut out, moment);
            }
            if !day.is_empty() {
                out.push_str("</ol>\n");
            }
        }
        Live::FollowUps => {
            out.push_str("<ul class=\"follow-ups\">\n");
            for one in &article.follow_ups {
                let _ = writeln!(
                    out,
                    "<li>{} <span class=\"second\">{}; {}</span></li>",
                    escape(&one.text),
                    escape(&one.intent),
                    escape(&one.state)
                );
            }
            out.push_str("</ul>\n");
        }
    }
    out
}

fn write_moment(out: &mut String, moment: &Moment) {
    let _ = write!(
        out,
        "<li><time datetime=\"{}\">{}</time><div><b>{}</b>",
        moment.at,
        escape(&moment.clock()),
        escape(&moment.title)
    );
    for instant in &moment.instants {
        let _ = write!(out, " <span class=\"instant\">{}</span>", instant.label());
    }
    if !moment.detail.trim().is_empty() {
        let _ = write!(out, "<p>{}</p>", escape(moment.detail.trim()).replace('\n', "<br>"));
    }
    let sources = if moment.sources.is_empty() {
        "claimed, no evidence yet".to_owned()
    } else {
        moment.sources.join(", ")
    };
    let who = moment.who();
    let line = if who.is_empty() { sources } else { format!("{who} · {sources}") };
    let _ = writeln!(out, "<p class=\"second\">{}</p>", escape(&line));
    moment.attached.iter().for_each(|attached| write_attached(out, attached));
    out.push_str("</div></li>\n");
}

/// Pictures stand in the file itself; whoever has only the file can check the others by name and sum.
fn write_attached(out: &mut String, attached: &Attached) {
    let link = |url: &str, words: &str| match safe_link(url) {
        Some(url) => {
            format!("<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{}</a>", escape(url), escape(words))
        }
        None => escape(words),
    };
    let _ = match attached {
        Attached::File { name, bytes, sum, picture } => {
            let name = escape(name);
            let picture = picture.as_ref().map_or_else(String::new, |(media, body)| {
                let body = STANDARD.encode(body);
                format!("<img src=\"data:{};base64,{body}\" alt=\"{name}\">", escape(media))
            });
            let about = format!("{name}, {}, SHA-256 <code>{}</code>", size(*bytes), escape(sum));
            writeln!(out, "<figure>{picture}<figcaption class=\"second\">{about}</figcaption></figure>")
        }
        Attached::Link { title, url } => writeln!(out, "<p class=\"second\">{}</p>", link(url, title)),
        Attached::Query { place, text, url } => {
            let place = url.as_deref().map_or_else(|| escape(place), |url| link(url, place));
            writeln!(out, "<p class=\"second\">{place}</p><pre><code>{}</code></pre>", escape(text))
        }
    };
}

pub(crate) fn inlines(content: &[Inline]) -> String {
    content.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> String {
    match inline {
        Inline::Text { text, marks } => marked(text, marks),
        Inline::Break => "<br>\n".to_owned(),
        Inline::Person { label, .. } => format!("<span class=\"mention\">@{}</span>", escape(label)),
        Inline::Event { id: Some(id), label } => {
            format!("<a class=\"mention\" href=\"#event-{id}\">{}</a>", escape(label))
        }
        Inline::Event { id: None, label } => format!("<span class=\"mention\">{}</span>", escape(label)),
    }
}

fn marked(text: &str, marks: &Marks) -> String {
    let mut words = escape(text);
    for (set, tag) in
        [(marks.code, "code"), (marks.strike, "s"), (marks.italic, "em"), (marks.bold, "strong")]
    {
        if set {
            words = format!("<{tag}>{words}</{tag}>");
        }
    }
    match marks.link.as_deref().and_then(safe_link) {
        Some(address) => {
            format!("<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{words}</a>", escape(address))
        }
        None => words,
    }
}

/// Text for element content and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Questions;
    use domain::document::Document;
    use proptest::prelude::*;

    fn article(blocks: Vec<Block>) -> Article {
        Article {
            title: "<script>alert(1)</script>".into(),
            kicker: "INC-12".into(),
            facts: vec![("A<b>".into(), "\"x\" & y".into())],
            document: Document { blocks },
            timeline: vec![],
            follow_ups: vec![],
            questions: Questions::LeftOut,
        }
    }

    #[test]
    fn nothing_that_people_wrote_becomes_markup() {
        let hostile = "<img src=x onerror=alert(1)>\" ' &";
        let link = Marks { link: Some("javascript:alert(1)".into()), ..Marks::default() };
        let blocks = vec![
            Block::Heading { level: 2, section: None, content: vec![Inline::text(hostile)] },
            Block::Paragraph(vec![Inline::Text { text: hostile.into(), marks: link }]),
            Block::Code { language: Some("\"><script>".into()), text: hostile.into() },
            Block::Live(Live::Facts),
        ];
        let html = write(&article(blocks));
        for markup in ["<img", "<script", "javascript:", "A<b>"] {
            assert!(!html.contains(markup), "{markup}\n{html}");
        }
    }

    #[test]
    fn contents_name_the_sections_that_are_told() {
        let heading =
            |words: &str| Block::Heading { level: 2, section: None, content: vec![Inline::text(words)] };
        let told =
            article(vec![heading("Empty"), heading("Told"), Block::Paragraph(vec![Inline::text("x")])]);
        assert_eq!(contents(&told), [("section-1".to_owned(), "Told".to_owned())]);
        assert!(body(&told, &mut |_| String::new()).starts_with("<h2 id=\"section-1\">Told</h2>"));
    }

    proptest! {
        #[test]
        fn text_comes_back_as_it_was(text in "\\PC{0,60}") {
            let back = escape(&text)
                .replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
            prop_assert_eq!(back, text);
        }
    }
}
