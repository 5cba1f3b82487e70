//! A document as JSON: one object per block, named as in the editor's schema.

use domain::document::{Block, Cell, Document, Inline, ListItem, ListKind, Marks};
use serde_json::{Value, json};

/// The blocks of a document.
pub(super) fn document(document: &Document) -> Value {
    blocks(&document.blocks)
}

fn blocks(all: &[Block]) -> Value {
    all.iter().map(block).collect()
}

fn block(block: &Block) -> Value {
    match block {
        Block::Heading { level, section, content } => {
            json!({"type": "heading", "level": level, "section": section, "content": inlines(content)})
        }
        Block::Paragraph(content) => json!({"type": "paragraph", "content": inlines(content)}),
        Block::List { kind, items } => list(*kind, items),
        Block::Quote(inner) => json!({"type": "blockquote", "blocks": blocks(inner)}),
        Block::Code { language, text } => json!({"type": "codeBlock", "language": language, "text": text}),
        Block::Table(rows) => {
            json!({"type": "table", "rows": rows.iter().map(|row| cells(row)).collect::<Value>()})
        }
        Block::Rule => json!({"type": "horizontalRule"}),
        Block::Question { prompt } => json!({"type": "question", "prompt": prompt}),
        Block::Live(live) => json!({"type": "liveBlock", "block": live.key()}),
    }
}

fn list(kind: ListKind, items: &[ListItem]) -> Value {
    let plain = || items.iter().map(|item| json!({"blocks": blocks(&item.blocks)})).collect::<Value>();
    match kind {
        ListKind::Bullet => json!({"type": "bulletList", "items": plain()}),
        ListKind::Ordered { start } => json!({"type": "orderedList", "start": start, "items": plain()}),
        ListKind::Task => {
            let items: Value = items
                .iter()
                .map(|item| json!({"checked": item.checked, "blocks": blocks(&item.blocks)}))
                .collect();
            json!({"type": "taskList", "items": items})
        }
    }
}

fn cells(row: &[Cell]) -> Value {
    row.iter()
        .map(|cell| {
            json!({
                "header": cell.header, "colspan": cell.colspan, "rowspan": cell.rowspan,
                "blocks": blocks(&cell.blocks),
            })
        })
        .collect()
}

fn inlines(content: &[Inline]) -> Value {
    content.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> Value {
    match inline {
        Inline::Text { text, marks } => {
            let mut value = json!({"type": "text", "text": text});
            let names = names(marks);
            if !names.is_empty() {
                value["marks"] = names.into();
            }
            if let Some(link) = &marks.link {
                value["link"] = link.as_str().into();
            }
            value
        }
        Inline::Break => json!({"type": "hardBreak"}),
        Inline::Person { id, label } => json!({"type": "personMention", "id": id, "label": label}),
        Inline::Event { id, label } => json!({"type": "eventMention", "id": id, "label": label}),
    }
}

fn names(marks: &Marks) -> Vec<&'static str> {
    let all =
        [(marks.bold, "bold"), (marks.italic, "italic"), (marks.strike, "strike"), (marks.code, "code")];
    all.into_iter().filter_map(|(set, name)| set.then_some(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_named_as_in_the_editor() {
        let bold = Marks { bold: true, link: Some("https://example.org".into()), ..Marks::default() };
        let text = Inline::Text { text: "key".into(), marks: bold };
        let given = Document {
            blocks: vec![
                Block::Heading {
                    level: 2,
                    section: Some("summary".into()),
                    content: vec![Inline::text("Summary")],
                },
                Block::List {
                    kind: ListKind::Task,
                    items: vec![ListItem { checked: true, blocks: vec![Block::Paragraph(vec![text])] }],
                },
                Block::Live(domain::document::Live::Timeline),
            ],
        };
        let expected = json!([
            {"type": "heading", "level": 2, "section": "summary", "content": [{"type": "text", "text": "Summary"}]},
            {"type": "taskList", "items": [{"checked": true, "blocks": [{"type": "paragraph", "content": [
                {"type": "text", "text": "key", "marks": ["bold"], "link": "https://example.org"}
            ]}]}]},
            {"type": "liveBlock", "block": "timeline"},
        ]);
        assert_eq!(document(&given), expected);
    }
}
