//! The running text of stories: `**bold**`, `*italic*`, `` `code` ``, `[label](https://…)`, `@key`. Nothing nests.

use super::format;
use domain::{
    PersonId,
    document::{Block, Cell, Document, Inline, ListItem, ListKind, Live, Marks},
    template::Template,
};
use std::collections::HashMap;

/// People by their key in the stories: id and name.
pub type People = HashMap<String, (PersonId, String)>;

/// The document of a story: the template's headings with the story's words below.
pub fn document(template: &Template, told: &format::Document, people: &People) -> Document {
    let sections = template.sections.iter().flat_map(|section| {
        let heading = Block::Heading {
            level: 2,
            section: Some(section.key.clone()),
            content: vec![Inline::text(section.title.clone())],
        };
        let told = told.sections.iter().filter(|told| told.key == section.key);
        let blocks = told.flat_map(|told| &told.blocks).filter_map(|one| block(one, people));
        std::iter::once(heading).chain(blocks)
    });
    Document { blocks: sections.collect() }
}

fn block(told: &format::Block, people: &People) -> Option<Block> {
    let paragraph = |words: &String| Block::Paragraph(text(words, people));
    let items = |words: &Vec<String>| {
        words.iter().map(|words| ListItem { checked: false, blocks: vec![paragraph(words)] }).collect()
    };
    Some(match told {
        format::Block::P(words) => paragraph(words),
        format::Block::H3(words) => Block::Heading { level: 3, section: None, content: text(words, people) },
        format::Block::Ul(words) => Block::List { kind: ListKind::Bullet, items: items(words) },
        format::Block::Ol(words) => Block::List { kind: ListKind::Ordered { start: 1 }, items: items(words) },
        format::Block::Tasks(tasks) => Block::List {
            kind: ListKind::Task,
            items: tasks
                .iter()
                .map(|task| ListItem { checked: task.done, blocks: vec![paragraph(&task.text)] })
                .collect(),
        },
        format::Block::Quote(words) => Block::Quote(vec![paragraph(words)]),
        format::Block::Code(code) => Block::Code { language: code.language.clone(), text: code.text.clone() },
        format::Block::Table(rows) => Block::Table(
            rows.iter()
                .enumerate()
                .map(|(place, row)| {
                    let cell = |words| Cell {
                        header: place == 0,
                        colspan: 1,
                        rowspan: 1,
                        blocks: vec![paragraph(words)],
                    };
                    row.iter().map(cell).collect()
                })
                .collect(),
        ),
        format::Block::Question(prompt) => Block::Question { prompt: prompt.clone() },
        format::Block::Live(live) => Block::Live(Live::from_key(live)?),
    })
}

/// Reads running text. A mark that does not end is taken as it stands.
fn text(words: &str, people: &People) -> Vec<Inline> {
    let mut content: Vec<Inline> = Vec::new();
    let mut plain = String::new();
    let mut rest = words;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let found = marked(rest).or_else(|| mention(rest, before, people));
        if let Some((inline, length)) = found {
            if !plain.is_empty() {
                content.push(Inline::text(std::mem::take(&mut plain)));
            }
            content.push(inline);
            rest = &rest[length..];
            before = ' ';
        } else {
            plain.push(c);
            before = c;
            rest = &rest[c.len_utf8()..];
        }
    }
    if !plain.is_empty() {
        content.push(Inline::text(plain));
    }
    content
}

/// Words between signs at the beginning of `rest`, and how many bytes they take.
fn marked(rest: &str) -> Option<(Inline, usize)> {
    let none = Marks::default;
    let signs = [
        ("**", Marks { bold: true, ..none() }),
        ("*", Marks { italic: true, ..none() }),
        ("`", Marks { code: true, ..none() }),
    ];
    for (sign, marks) in signs {
        if let Some(inner) = rest.strip_prefix(sign)
            && let Some(end) = inner.find(sign)
            && end > 0
        {
            return Some((Inline::Text { text: inner[..end].to_owned(), marks }, end + 2 * sign.len()));
        }
    }
    let inner = rest.strip_prefix('[')?;
    let (label, address) = inner.split_once("](")?;
    let (address, _) = address.split_once(')')?;
    if label.contains(['[', '\n']) || !address.starts_with("https://") {
        return None;
    }
    let marks = Marks { link: Some(address.to_owned()), ..Marks::default() };
    Some((Inline::Text { text: label.to_owned(), marks }, label.len() + address.len() + 4))
}

/// `@key` of somebody in the cast, not within a word or an address.
fn mention(rest: &str, before: char, people: &People) -> Option<(Inline, usize)> {
    let inner = rest.strip_prefix('@')?;
    if before.is_alphanumeric() || matches!(before, '/' | '`') {
        return None;
    }
    let key: String = inner.chars().take_while(char::is_ascii_lowercase).collect();
    let (id, name) = people.get(&key)?;
    Some((Inline::Person { id: Some(*id), label: name.clone() }, key.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Instant;

    #[test]
    fn marks_links_and_mentions_are_read_and_the_rest_stays() {
        let ada = PersonId::new(Instant::from_seconds(0), [1; 10]);
        let people = HashMap::from([("ada".to_owned(), (ada, "Ada Lind".to_owned()))]);
        let content =
            text("At **05:47** @ada ran `df -h` ([log](https://x.example/a)), 2 * 3, a@ada.", &people);
        assert_eq!(content.len(), 9);
        assert_eq!(
            content.iter().map(Inline::plain).collect::<String>(),
            "At 05:47 Ada Lind ran df -h (log), 2 * 3, a@ada."
        );
        assert!(content.contains(&Inline::Person { id: Some(ada), label: "Ada Lind".into() }));
    }
}
