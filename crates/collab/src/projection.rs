//! From a Yjs document to the blocks of `domain`.
//!
//! The structure is y-prosemirror's: a fragment `default` of elements named as ProseMirror's nodes, with texts
//! whose attributes are marks. What this does not know gives way to its content, so that text is never lost
//! because a newer editor wrote it.

use crate::replica::Replica;
use domain::document::{Block, Cell, Document, Inline, ListItem, ListKind, Live, Marks, safe_link};
use yrs::{
    Any, Doc, GetString, Out, ReadTxn, Text, Transact, Xml, XmlElementRef, XmlFragment, XmlFragmentRef,
    XmlOut, XmlTextRef, types::Attrs,
};

/// The fragment that holds the document.
pub(crate) const FRAGMENT: &str = "default";

/// Deeper blocks are left out; the trial of updates lets nothing deeper in.
const DEPTH: usize = crate::anatomy::DEPTH as usize + 8;

/// Updates that do not make a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored document cannot be read")]
pub struct Unreadable;

/// What the document of these updates says. Unknown elements give way to their content; nothing panics.
pub fn project<U: AsRef<[u8]>>(updates: &[U]) -> Result<Document, Unreadable> {
    Replica::load(updates, usize::MAX).and_then(|mut replica| replica.document()).map_err(|_| Unreadable)
}

/// What a document says.
pub(crate) fn document(doc: &Doc) -> Document {
    let fragment = doc.get_or_insert_xml_fragment(FRAGMENT);
    let txn = doc.transact();
    let reader = Reader { txn: &txn };
    Document { blocks: reader.blocks(fragment.children(&txn), 0) }
}

/// What each child of the document's fragment says by itself: usually one block.
pub(crate) fn children(txn: &impl ReadTxn, fragment: &XmlFragmentRef) -> Vec<Vec<Block>> {
    let reader = Reader { txn };
    fragment.children(txn).map(|child| reader.blocks(std::iter::once(child), 0)).collect()
}

/// What an element says by itself, if it is one that does.
pub(crate) fn atom_words(txn: &impl ReadTxn, element: &XmlElementRef) -> Option<String> {
    let reader = Reader { txn };
    match reader.name(element) {
        "hardBreak" => Some("\n".to_owned()),
        "personMention" | "eventMention" => Some(reader.string(element, "label").unwrap_or_default()),
        "question" => Some(reader.string(element, "prompt").unwrap_or_default()),
        _ => None,
    }
}

struct Reader<'t, T> {
    txn: &'t T,
}

impl<T: ReadTxn> Reader<'_, T> {
    fn blocks(&self, nodes: impl Iterator<Item = XmlOut>, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        if depth > DEPTH {
            return blocks;
        }
        for node in nodes {
            match node {
                XmlOut::Element(element) => self.block(&element, depth, &mut blocks),
                // Text where blocks are expected.
                XmlOut::Text(text) => {
                    let content = self.text(&text);
                    if !content.is_empty() {
                        blocks.push(Block::Paragraph(content));
                    }
                }
                XmlOut::Fragment(fragment) => {
                    blocks.extend(self.blocks(fragment.children(self.txn), depth + 1));
                }
            }
        }
        blocks
    }

    fn block(&self, element: &XmlElementRef, depth: usize, blocks: &mut Vec<Block>) {
        let children = || self.blocks(element.children(self.txn), depth + 1);
        let items = |task| self.items(element, task, depth + 1);
        blocks.push(match self.name(element) {
            "paragraph" => Block::Paragraph(self.inlines(element)),
            "heading" => Block::Heading {
                level: self.number(element, "level").clamp(1, 6) as u8,
                section: self.string(element, "section").filter(|key| !key.is_empty()),
                content: self.inlines(element),
            },
            "bulletList" => Block::List { kind: ListKind::Bullet, items: items(false) },
            "orderedList" => Block::List {
                kind: ListKind::Ordered {
                    start: self.attribute(element, "start").map_or(1, |v| integer(&v)),
                },
                items: items(false),
            },
            "taskList" => Block::List { kind: ListKind::Task, items: items(true) },
            "blockquote" => Block::Quote(children()),
            "codeBlock" => Block::Code {
                language: self.string(element, "language").filter(|language| !language.is_empty()),
                text: self.inlines(element).iter().map(Inline::plain).collect(),
            },
            "table" => Block::Table(self.rows(element, depth + 1)),
            "horizontalRule" => Block::Rule,
            "question" => Block::Question { prompt: self.string(element, "prompt").unwrap_or_default() },
            "liveBlock" => match self.string(element, "block").and_then(|key| Live::from_key(&key)) {
                Some(live) => Block::Live(live),
                None => return,
            },
            // An inline atom or something unknown among blocks: keep what it says.
            _ => {
                blocks.extend(children());
                return;
            }
        });
    }

    fn items(&self, list: &XmlElementRef, task: bool, depth: usize) -> Vec<ListItem> {
        let mut items = Vec::new();
        for child in list.children(self.txn) {
            let XmlOut::Element(element) = child else { continue };
            let blocks = if matches!(self.name(&element), "listItem" | "taskItem") {
                self.blocks(element.children(self.txn), depth + 1)
            } else {
                let mut blocks = Vec::new();
                self.block(&element, depth + 1, &mut blocks);
                blocks
            };
            items.push(ListItem { checked: task && self.flag(&element, "checked"), blocks });
        }
        items
    }

    fn rows(&self, table: &XmlElementRef, depth: usize) -> Vec<Vec<Cell>> {
        let elements = |parent: &XmlElementRef| {
            parent.children(self.txn).filter_map(XmlOut::into_xml_element).collect::<Vec<_>>()
        };
        elements(table)
            .iter()
            .map(|row| {
                elements(row)
                    .iter()
                    .map(|cell| Cell {
                        header: self.name(cell) == "tableHeader",
                        colspan: self.span(cell, "colspan"),
                        rowspan: self.span(cell, "rowspan"),
                        blocks: self.blocks(cell.children(self.txn), depth + 2),
                    })
                    .collect()
            })
            .collect()
    }

    fn span(&self, cell: &XmlElementRef, name: &str) -> u32 {
        // A page would grow with it; no table of a post-mortem is wider.
        self.number(cell, name).clamp(1, 1000) as u32
    }

    fn inlines(&self, element: &XmlElementRef) -> Vec<Inline> {
        let mut content = Vec::new();
        for child in element.children(self.txn) {
            match child {
                XmlOut::Text(text) => content.extend(self.text(&text)),
                XmlOut::Element(atom) => self.atom(&atom, &mut content),
                XmlOut::Fragment(_) => {}
            }
        }
        joined(content)
    }

    fn atom(&self, atom: &XmlElementRef, content: &mut Vec<Inline>) {
        let id = || self.string(atom, "id");
        let label = || self.string(atom, "label").unwrap_or_default();
        content.push(match self.name(atom) {
            "hardBreak" => Inline::Break,
            "personMention" => Inline::Person { id: id().and_then(|id| id.parse().ok()), label: label() },
            "eventMention" => Inline::Event { id: id().and_then(|id| id.parse().ok()), label: label() },
            _ => {
                for child in atom.children(self.txn) {
                    if let XmlOut::Text(text) = child {
                        content.extend(self.text(&text));
                    }
                }
                return;
            }
        });
    }

    fn text(&self, text: &XmlTextRef) -> Vec<Inline> {
        let mut content = Vec::new();
        for part in text.diff(self.txn, yrs::types::text::YChange::identity) {
            let text = match part.insert {
                Out::Any(Any::String(text)) => text.to_string(),
                Out::YXmlElement(element) => {
                    self.atom(&element, &mut content);
                    continue;
                }
                Out::YXmlText(inner) => inner.get_string(self.txn),
                _ => continue,
            };
            let marks = part.attributes.as_deref().map(marks).unwrap_or_default();
            content.push(Inline::Text { text, marks });
        }
        joined(content)
    }

    fn name<'a>(&self, element: &'a XmlElementRef) -> &'a str {
        element.try_tag().map_or("", |tag| tag)
    }

    fn attribute(&self, element: &XmlElementRef, name: &str) -> Option<Any> {
        match element.get_attribute(self.txn, name)? {
            Out::Any(Any::Null | Any::Undefined) => None,
            Out::Any(value) => Some(value),
            _ => None,
        }
    }

    fn string(&self, element: &XmlElementRef, name: &str) -> Option<String> {
        match self.attribute(element, name)? {
            Any::String(text) => Some(text.to_string()),
            _ => None,
        }
    }

    fn flag(&self, element: &XmlElementRef, name: &str) -> bool {
        match self.attribute(element, name) {
            Some(Any::Bool(flag)) => flag,
            Some(Any::String(text)) => &*text == "true",
            _ => false,
        }
    }

    fn number(&self, element: &XmlElementRef, name: &str) -> i64 {
        self.attribute(element, name).as_ref().map_or(0, integer)
    }
}

/// Editors write numbers as numbers or as texts; both count.
fn integer(value: &Any) -> i64 {
    match value {
        Any::Number(yrs::Number::Int(number)) => *number,
        Any::Number(yrs::Number::Float(number)) => *number as i64,
        Any::String(text) => text.parse().unwrap_or(0),
        _ => 0,
    }
}

fn marks(attributes: &Attrs) -> Marks {
    let mut marks = Marks::default();
    for (name, value) in attributes {
        if matches!(value, Any::Null | Any::Undefined) {
            continue;
        }
        // y-prosemirror adds `--` and a hash to marks that may overlap themselves.
        match name.split_once("--").map_or(&**name, |(name, _)| name) {
            "bold" => marks.bold = true,
            "italic" => marks.italic = true,
            "strike" => marks.strike = true,
            "code" => marks.code = true,
            "link" => {
                if let Any::Map(link) = value
                    && let Some(Any::String(href)) = link.get("href")
                {
                    marks.link = safe_link(href).map(str::to_owned);
                }
            }
            _ => {}
        }
    }
    marks
}

/// Neighbouring texts with the same marks become one, empty ones none.
fn joined(content: Vec<Inline>) -> Vec<Inline> {
    let mut result: Vec<Inline> = Vec::with_capacity(content.len());
    for inline in content {
        match (result.last_mut(), inline) {
            (_, Inline::Text { text, .. }) if text.is_empty() => {}
            (Some(Inline::Text { text, marks }), Inline::Text { text: more, marks: same })
                if *marks == same =>
            {
                text.push_str(&more);
            }
            (_, inline) => result.push(inline),
        }
    }
    result
}
