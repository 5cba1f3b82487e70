//! The first update of a new document.

use crate::{projection::FRAGMENT, replica::options};
use domain::document::{Block, Document, Inline, ListItem, ListKind, Marks};
use std::sync::Arc;
use yrs::{
    Any, Doc, ReadTxn, StateVector, Text, Transact, TransactionMut, Xml, XmlElementPrelim, XmlElementRef,
    XmlFragment, XmlTextPrelim, types::Attrs,
};

/// One Yjs update (version 1) that makes `document` in the structure y-prosemirror expects. `client_id` is
/// the author as Yjs knows it: random, below 2^53 (higher bits are dropped), never used again.
pub fn begin(document: &Document, client_id: u64) -> Vec<u8> {
    let doc = Doc::with_options(options(client_id & ((1 << 53) - 1)));
    let fragment = doc.get_or_insert_xml_fragment(FRAGMENT);
    let mut txn = doc.transact_mut();
    for (at, block) in (0..).zip(&document.blocks) {
        write_at(&mut txn, &fragment, at, block);
    }
    drop(txn);
    doc.transact().encode_state_as_update_v1(&StateVector::default())
}

fn element(txn: &mut TransactionMut<'_>, parent: &impl XmlFragment, name: &str) -> XmlElementRef {
    parent.push_back(txn, XmlElementPrelim::empty(name))
}

fn element_at(txn: &mut TransactionMut<'_>, parent: &impl XmlFragment, at: u32, name: &str) -> XmlElementRef {
    parent.insert(txn, at, XmlElementPrelim::empty(name))
}

fn set(txn: &mut TransactionMut<'_>, element: &XmlElementRef, name: &str, value: impl Into<Any>) {
    element.insert_attribute(txn, name, value.into());
}

fn write(txn: &mut TransactionMut<'_>, parent: &impl XmlFragment, block: &Block) {
    let end = parent.len(txn);
    write_at(txn, parent, end, block);
}

/// Writes a block as child number `at` of `parent`.
pub(crate) fn write_at(txn: &mut TransactionMut<'_>, parent: &impl XmlFragment, at: u32, block: &Block) {
    match block {
        Block::Heading { level, section, content } => {
            let heading = element_at(txn, parent, at, "heading");
            set(txn, &heading, "level", i64::from(*level));
            if let Some(section) = section {
                set(txn, &heading, "section", section.as_str());
            }
            inlines(txn, &heading, content);
        }
        Block::Paragraph(content) => {
            let paragraph = element_at(txn, parent, at, "paragraph");
            inlines(txn, &paragraph, content);
        }
        Block::List { kind, items } => list(txn, parent, at, *kind, items),
        Block::Quote(blocks) => {
            let quote = element_at(txn, parent, at, "blockquote");
            for block in blocks {
                write(txn, &quote, block);
            }
        }
        Block::Code { language, text } => {
            let code = element_at(txn, parent, at, "codeBlock");
            if let Some(language) = language {
                set(txn, &code, "language", language.as_str());
            }
            inlines(txn, &code, &[Inline::text(text.as_str())]);
        }
        Block::Table(rows) => {
            let table = element_at(txn, parent, at, "table");
            for cells in rows {
                let row = element(txn, &table, "tableRow");
                for cell in cells {
                    let name = if cell.header { "tableHeader" } else { "tableCell" };
                    let element = element(txn, &row, name);
                    set(txn, &element, "colspan", i64::from(cell.colspan));
                    set(txn, &element, "rowspan", i64::from(cell.rowspan));
                    for block in &cell.blocks {
                        write(txn, &element, block);
                    }
                }
            }
        }
        Block::Rule => _ = element_at(txn, parent, at, "horizontalRule"),
        Block::Question { prompt } => {
            let question = element_at(txn, parent, at, "question");
            set(txn, &question, "prompt", prompt.as_str());
        }
        Block::Live(live) => {
            let block = element_at(txn, parent, at, "liveBlock");
            set(txn, &block, "block", live.key());
        }
    }
}

fn list(
    txn: &mut TransactionMut<'_>,
    parent: &impl XmlFragment,
    at: u32,
    kind: ListKind,
    items: &[ListItem],
) {
    let (name, item_name) = match kind {
        ListKind::Bullet => ("bulletList", "listItem"),
        ListKind::Ordered { .. } => ("orderedList", "listItem"),
        ListKind::Task => ("taskList", "taskItem"),
    };
    let list = element_at(txn, parent, at, name);
    if let ListKind::Ordered { start } = kind {
        set(txn, &list, "start", start);
    }
    for item in items {
        let element = element(txn, &list, item_name);
        if kind == ListKind::Task {
            set(txn, &element, "checked", item.checked);
        }
        for block in &item.blocks {
            write(txn, &element, block);
        }
    }
}

/// Text between atoms goes into one text each, as y-prosemirror writes it.
fn inlines(txn: &mut TransactionMut<'_>, parent: &XmlElementRef, content: &[Inline]) {
    let mut text = None;
    for inline in content {
        let (name, id, label) = match inline {
            Inline::Text { text: words, marks } => {
                if !words.is_empty() {
                    let text = text.get_or_insert_with(|| parent.push_back(txn, XmlTextPrelim::new("")));
                    let end = text.len(txn);
                    text.insert_with_attributes(txn, end, words, attributes(marks));
                }
                continue;
            }
            Inline::Break => ("hardBreak", None, None),
            Inline::Person { id, label } => ("personMention", id.map(|id| id.to_string()), Some(label)),
            Inline::Event { id, label } => ("eventMention", id.map(|id| id.to_string()), Some(label)),
        };
        text = None;
        let atom = element(txn, parent, name);
        if let Some(id) = id {
            set(txn, &atom, "id", id);
        }
        if let Some(label) = label {
            set(txn, &atom, "label", label.as_str());
        }
    }
}

fn attributes(marks: &Marks) -> Attrs {
    // A mark without attributes is an empty object in y-prosemirror.
    let plain = || Any::Map(Arc::default());
    let set =
        [("bold", marks.bold), ("italic", marks.italic), ("strike", marks.strike), ("code", marks.code)];
    let mut attributes: Attrs =
        set.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name.into(), plain())).collect();
    if let Some(href) = &marks.link {
        let link = [("href".to_owned(), Any::from(href.as_str()))];
        attributes.insert("link".into(), Any::Map(Arc::new(link.into())));
    }
    attributes
}
