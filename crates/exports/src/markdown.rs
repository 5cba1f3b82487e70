//! CommonMark with the tables and task lists of GitHub: what people wrote stays what they wrote, whatever
//! characters they used.

use crate::{
    Article, Attached, Moment,
    article::{size, told},
};
use domain::document::{Block, Cell, Inline, ListItem, ListKind, Live, Marks, safe_link};

/// The article as Markdown, ending in one line end.
pub fn write(article: &Article) -> String {
    let mut parts = vec![format!("# {}", one_line(&escape(&article.title)))];
    if !article.kicker.is_empty() {
        parts.push(one_line(&escape(&article.kicker)));
    }
    parts.extend(
        told(article).into_iter().map(|block| write_block(article, block)).filter(|part| !part.is_empty()),
    );
    let mut text = parts.join("\n\n");
    text.push('\n');
    text
}

fn write_block(article: &Article, block: &Block) -> String {
    match block {
        Block::Heading { level, content, .. } => {
            let hashes = "#".repeat(usize::from(*level).clamp(1, 6));
            format!("{hashes} {}", one_line(&inlines(content)))
        }
        Block::Paragraph(content) => guard_line_starts(&inlines(content)),
        Block::List { kind, items } => list(article, *kind, items),
        Block::Quote(blocks) => prefixed("> ", &blocks_of(article, blocks)),
        Block::Code { language, text } => code(language.as_deref(), text),
        Block::Table(rows) => table(article, rows),
        Block::Rule => "---".to_owned(),
        Block::Question { prompt } => format!("> *{}*", one_line(&escape(prompt.trim()))),
        Block::Live(Live::Facts) => facts(article),
        Block::Live(Live::Timeline) => timeline(&article.timeline),
        Block::Live(Live::FollowUps) => follow_ups(article),
    }
}

fn blocks_of(article: &Article, blocks: &[Block]) -> String {
    let parts = blocks.iter().map(|block| write_block(article, block)).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

fn list(article: &Article, kind: ListKind, items: &[ListItem]) -> String {
    let lines = items.iter().enumerate().map(|(place, item)| {
        let marker = match kind {
            ListKind::Bullet => "- ".to_owned(),
            ListKind::Task => "- ".to_owned(),
            ListKind::Ordered { start } => {
                // CommonMark allows nine digits.
                format!("{}. ", start.saturating_add(i64::try_from(place).unwrap_or(0)).clamp(0, 999_999_999))
            }
        };
        let body = blocks_of(article, &item.blocks);
        let indented = prefixed(&" ".repeat(marker.len()), &body);
        let ticked = match kind {
            ListKind::Task if item.checked => "[x] ",
            ListKind::Task => "[ ] ",
            _ => "",
        };
        format!("{marker}{ticked}{}", indented.trim_start_matches(' '))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A fence longer than any run of backticks inside, so that the text cannot end it.
fn code(language: Option<&str>, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let language: String = language
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_alphanumeric() || "+-#._".contains(*c))
        .take(40)
        .collect();
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

fn table(article: &Article, rows: &[Vec<Cell>]) -> String {
    let width =
        rows.iter().map(|row| row.iter().map(|cell| cell.colspan.max(1) as usize).sum()).max().unwrap_or(0);
    if width == 0 {
        return String::new();
    }
    let line = |row: &[Cell]| {
        let mut cells: Vec<String> = Vec::with_capacity(width);
        for cell in row {
            cells.push(in_cell(&blocks_of(article, &cell.blocks)));
            cells.extend((1..cell.colspan.max(1)).map(|_| String::new()));
        }
        cells.resize(width, String::new());
        format!("| {} |", cells.join(" | "))
    };
    let mut lines: Vec<String> = Vec::with_capacity(rows.len() + 2);
    // Markdown tables begin with a header; a table without one gets an empty one.
    let headed = rows.first().is_some_and(|row| row.iter().any(|cell| cell.header));
    if !headed {
        lines.push(line(&[]));
    }
    for (place, row) in rows.iter().enumerate() {
        lines.push(line(row));
        if headed && place == 0 {
            lines.push(rule(width));
        }
    }
    if !headed {
        lines.insert(1, rule(width));
    }
    lines.join("\n")
}

fn rule(width: usize) -> String {
    format!("|{}", " --- |".repeat(width))
}

/// Text within a cell: one line; the bar is already escaped, line ends become breaks.
fn in_cell(text: &str) -> String {
    text.replace("\\\n", "<br>").replace('\n', "<br>")
}

fn facts(article: &Article) -> String {
    let rows = article
        .facts
        .iter()
        .map(|(label, value)| format!("| {} | {} |", one_line(&escape(label)), one_line(&escape(value))));
    let head = ["| | |".to_owned(), rule(2)];
    head.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

fn timeline(moments: &[Moment]) -> String {
    let mut lines = Vec::new();
    let mut day = String::new();
    for moment in moments {
        if moment.day() != day {
            day = moment.day();
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(format!("**{day}** (UTC)"));
            lines.push(String::new());
            lines.push("| Time | What | Who | Source |".to_owned());
            lines.push(rule(4));
        }
        let marks: String =
            moment.instants.iter().map(|instant| format!(" **[{}]**", instant.label())).collect();
        let detail = match moment.detail.trim() {
            "" => String::new(),
            detail => format!("<br>{}", in_cell(&escape(detail))),
        };
        let attached: String = moment.attached.iter().map(|it| format!("<br>{}", one_attached(it))).collect();
        let sources = match moment.sources.is_empty() {
            true => "claimed".to_owned(),
            false => one_line(&escape(&moment.sources.join(", "))),
        };
        lines.push(format!(
            "| {} | {}{marks}{detail}{attached} | {} | {sources} |",
            moment.clock(),
            one_line(&escape(&moment.title)),
            one_line(&escape(&moment.who())),
        ));
    }
    lines.join("\n")
}

/// What was attached, in a cell: files by name and sum, so that a copy can be checked; queries word by word.
fn one_attached(attached: &Attached) -> String {
    let link = |url: &str, words: &str| match safe_link(url) {
        Some(url) => {
            format!("[{words}](<{}>)", url.replace('<', "%3C").replace('>', "%3E").replace('\\', "%5C"))
        }
        None => words.to_owned(),
    };
    match attached {
        Attached::File { name, bytes, sum, .. } => {
            format!("File: {}, {}, SHA-256 `{sum}`", one_line(&escape(name)), size(*bytes))
        }
        Attached::Link { title, url } => {
            format!("Link: {}", link(&url.replace('|', "%7C"), &one_line(&escape(title))))
        }
        Attached::Query { place, text, url } => {
            let place = one_line(&escape(place));
            let place =
                url.as_deref().map_or_else(|| place.clone(), |url| link(&url.replace('|', "%7C"), &place));
            format!("{place}: {}", code_span(text))
        }
    }
}

fn follow_ups(article: &Article) -> String {
    let lines = article.follow_ups.iter().map(|one| {
        let tick = if one.done { 'x' } else { ' ' };
        let (text, intent, state) = (escape(&one.text), escape(&one.intent), escape(&one.state));
        format!("- [{tick}] {} ({}; {})", one_line(&text), one_line(&intent), one_line(&state))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn inlines(content: &[Inline]) -> String {
    content.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> String {
    match inline {
        Inline::Text { text, marks } => marked(text, marks),
        Inline::Break => "\\\n".to_owned(),
        Inline::Person { label, .. } => format!("@{}", escape(label)),
        Inline::Event { label, .. } => format!("*{}*", escape(label)),
    }
}

/// Marks enclose words, never the blanks around them: `** bold **` would not be bold.
fn marked(text: &str, marks: &Marks) -> String {
    let core = text.trim_matches(|c: char| c.is_whitespace());
    if core.is_empty() {
        return text.replace('\n', " ");
    }
    let lead = &text[..text.len() - text.trim_start().len()];
    let tail = &text[text.trim_end().len()..];
    let mut words = if marks.code { code_span(core) } else { escape(core) };
    for (set, sign) in [(marks.strike, "~~"), (marks.italic, "*"), (marks.bold, "**")] {
        if set {
            words = format!("{sign}{words}{sign}");
        }
    }
    if let Some(address) = marks.link.as_deref().and_then(safe_link) {
        words =
            format!("[{words}](<{}>)", address.replace('<', "%3C").replace('>', "%3E").replace('\\', "%5C"));
    }
    let blanks = |text: &str| if text.is_empty() { "" } else { " " };
    format!("{}{words}{}", blanks(lead), blanks(tail))
}

fn code_span(text: &str) -> String {
    let text = text.replace('\n', " ").replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// Takes their meaning from the characters that have one in Markdown. Control characters are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' => escaped.push('\n'),
            '\t' => escaped.push(' '),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// No line may begin as a heading, list, rule or indented code by accident.
fn guard_line_starts(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let line = line.trim_start();
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let numbered = digits > 0 && matches!(line.as_bytes().get(digits), Some(b'.' | b')'));
        if numbered {
            format!("{}\\{}", &line[..digits], &line[digits..])
        } else if line.starts_with(['#', '-', '+', '=']) {
            format!("\\{line}")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn one_line(text: &str) -> String {
    text.replace("\\\n", " ").replace('\n', " ")
}

fn prefixed(prefix: &str, text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { prefix.trim_end().to_owned() } else { format!("{prefix}{line}") })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
