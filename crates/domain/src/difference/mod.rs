//! What is different between two versions of a document, in the order of reading.
//!
//! Blocks are laid beside each other, inside lists, quotes and tables too; where two say nearly the same, their
//! words are compared. What left one place and stands unchanged in another is told as moved.

mod align;
mod words;

pub use align::common;
pub use words::{Run, RunKind};

use crate::document::{Block, Cell, Document, Inline, ListItem, ListKind};
use align::{Piece, compare};

/// One place in two versions: the same, only in one of them, or changed within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<T, C> {
    /// Both say this.
    Same(T),
    /// Only the later one says this here.
    Added {
        /// What it says.
        whole: T,
        /// Whether the earlier one says it elsewhere.
        moved: bool,
    },
    /// Only the earlier one says this here.
    Removed {
        /// What it said.
        whole: T,
        /// Whether the later one says it elsewhere.
        moved: bool,
    },
    /// Both say something like this.
    Changed(C),
}

/// A block in two versions.
pub type Change = Part<Block, Inner>;

/// What changed within a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inner {
    /// The words of a paragraph, heading or piece of code, or only what it is.
    Words {
        /// What it was.
        before: Shell,
        /// What it is.
        after: Shell,
        /// Its words, in order.
        runs: Vec<Run>,
    },
    /// A list.
    List {
        /// How it was marked.
        before: ListKind,
        /// How it is marked.
        after: ListKind,
        /// Its items.
        items: Vec<Part<ListItem, ItemInner>>,
    },
    /// A quotation.
    Quote(Vec<Change>),
    /// A table, row by row.
    Table(Vec<Part<Vec<Cell>, Vec<CellInner>>>),
}

/// What changed within an item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemInner {
    /// Whether its box was ticked and is ticked.
    pub checked: (bool, bool),
    /// Its blocks.
    pub blocks: Vec<Change>,
}

/// What changed within a cell. The rest of a row whose cells were neither added nor removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellInner {
    /// The cell as it was, without its blocks.
    pub before: Cell,
    /// The cell as it is, without its blocks.
    pub after: Cell,
    /// Its blocks.
    pub blocks: Vec<Change>,
}

/// A block of words without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shell {
    /// A paragraph.
    Paragraph,
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// The key of the template's section.
        section: Option<String>,
    },
    /// Text kept as it is.
    Code {
        /// The language, if it was chosen.
        language: Option<String>,
    },
}

impl Shell {
    /// The block with these words.
    pub fn filled(&self, content: Vec<Inline>) -> Block {
        match self {
            Self::Paragraph => Block::Paragraph(content),
            Self::Heading { level, section } => {
                Block::Heading { level: *level, section: section.clone(), content }
            }
            Self::Code { language } => {
                let text = content.iter().map(Inline::plain).collect();
                Block::Code { language: language.clone(), text }
            }
        }
    }

    /// A block of words taken apart; `None` for other blocks.
    fn of(block: &Block) -> Option<(Self, Vec<Inline>)> {
        Some(match block {
            Block::Paragraph(content) => (Self::Paragraph, content.clone()),
            Block::Heading { level, section, content } => {
                (Self::Heading { level: *level, section: section.clone() }, content.clone())
            }
            Block::Code { language, text } => {
                let content = if text.is_empty() { vec![] } else { vec![Inline::text(text.as_str())] };
                (Self::Code { language: language.clone() }, content)
            }
            _ => return None,
        })
    }
}

/// What is different between `before` and `after`. Neighbouring texts with the same marks count as one, as
/// `collab` reads them.
pub fn between(before: &Document, after: &Document) -> Vec<Change> {
    compare(&before.blocks, &after.blocks)
}

/// Whether nothing is different.
pub fn is_none(changes: &[Change]) -> bool {
    changes.iter().all(|change| matches!(change, Part::Same(_)))
}

/// Which of the two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The earlier one.
    Before,
    /// The later one.
    After,
}

/// One of the two documents that were compared, put together again.
pub fn side(changes: &[Change], side: Side) -> Document {
    Document { blocks: blocks_of(changes, side) }
}

fn one_side<T: Clone, C>(parts: &[Part<T, C>], side: Side, inner: impl Fn(&C) -> T) -> Vec<T> {
    let of = |part: &Part<T, C>| match part {
        Part::Same(whole) => Some(whole.clone()),
        Part::Added { whole, .. } => (side == Side::After).then(|| whole.clone()),
        Part::Removed { whole, .. } => (side == Side::Before).then(|| whole.clone()),
        Part::Changed(changed) => Some(inner(changed)),
    };
    parts.iter().filter_map(of).collect()
}

fn blocks_of(changes: &[Change], side: Side) -> Vec<Block> {
    let pick =
        |before: &Shell, after: &Shell| if side == Side::Before { before.clone() } else { after.clone() };
    one_side(changes, side, |inner| match inner {
        Inner::Words { before, after, runs } => pick(before, after).filled(words::side(runs, side)),
        Inner::List { before, after, items } => Block::List {
            kind: if side == Side::Before { *before } else { *after },
            items: one_side(items, side, |item| ListItem {
                checked: if side == Side::Before { item.checked.0 } else { item.checked.1 },
                blocks: blocks_of(&item.blocks, side),
            }),
        },
        Inner::Quote(blocks) => Block::Quote(blocks_of(blocks, side)),
        Inner::Table(rows) => Block::Table(one_side(rows, side, |cells| {
            let cell = |cell: &CellInner| {
                let shell = if side == Side::Before { &cell.before } else { &cell.after };
                Cell { blocks: blocks_of(&cell.blocks, side), ..shell.clone() }
            };
            cells.iter().map(cell).collect()
        })),
    })
}

impl Piece for Block {
    type Inner = Inner;

    fn each_text(&self, tell: &mut dyn FnMut(&str)) {
        match self {
            Self::Paragraph(content) | Self::Heading { content, .. } => {
                content.iter().for_each(|inline| tell(inline.plain()));
            }
            Self::List { items, .. } => items.iter().for_each(|item| item.each_text(tell)),
            Self::Quote(blocks) => blocks.iter().for_each(|block| block.each_text(tell)),
            Self::Code { text, .. } => tell(text),
            Self::Table(rows) => rows.iter().for_each(|row| row.each_text(tell)),
            Self::Question { prompt } => tell(prompt),
            Self::Live(live) => tell(live.key()),
            Self::Rule => {}
        }
    }

    fn fits(&self, after: &Self) -> bool {
        let kind = |block: &Self| match block {
            Self::Paragraph(_) | Self::Heading { .. } => 1,
            Self::Code { .. } => 2,
            Self::Quote(_) => 3,
            Self::Table(_) => 4,
            Self::List { .. } => 5,
            Self::Rule | Self::Question { .. } | Self::Live(_) => 0,
        };
        kind(self) > 0 && kind(self) == kind(after)
    }

    fn within(&self, after: &Self) -> Option<Inner> {
        Some(match (self, after) {
            (Self::List { kind, items }, Self::List { kind: kind_after, items: items_after }) => {
                Inner::List { before: *kind, after: *kind_after, items: compare(items, items_after) }
            }
            (Self::Quote(before), Self::Quote(after)) => Inner::Quote(compare(before, after)),
            (Self::Table(before), Self::Table(after)) => Inner::Table(compare(before, after)),
            _ => {
                let ((before, words), (after, words_after)) = (Shell::of(self)?, Shell::of(after)?);
                Inner::Words { before, after, runs: words::between(&words, &words_after) }
            }
        })
    }
}

impl Piece for ListItem {
    type Inner = ItemInner;

    fn each_text(&self, tell: &mut dyn FnMut(&str)) {
        self.blocks.iter().for_each(|block| block.each_text(tell));
    }

    fn fits(&self, _: &Self) -> bool {
        true
    }

    fn within(&self, after: &Self) -> Option<ItemInner> {
        Some(ItemInner {
            checked: (self.checked, after.checked),
            blocks: compare(&self.blocks, &after.blocks),
        })
    }
}

impl Piece for Vec<Cell> {
    type Inner = Vec<CellInner>;

    fn each_text(&self, tell: &mut dyn FnMut(&str)) {
        self.iter().flat_map(|cell| &cell.blocks).for_each(|block| block.each_text(tell));
    }

    fn fits(&self, after: &Self) -> bool {
        self.len() == after.len()
    }

    fn within(&self, after: &Self) -> Option<Vec<CellInner>> {
        let shell = |cell: &Cell| Cell { blocks: Vec::new(), ..*cell };
        let pairs = self.iter().zip(after);
        let cells = pairs.map(|(before, after)| CellInner {
            before: shell(before),
            after: shell(after),
            blocks: compare(&before.blocks, &after.blocks),
        });
        Some(cells.collect())
    }
}

#[cfg(test)]
mod tests;
