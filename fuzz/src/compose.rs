//! Any bytes as a document, so that exports and projection meet every sort of block in every place.

use domain::document::{Block, Cell, Document, Inline, ListItem, ListKind, Live, Marks};

const DEEPEST: u8 = 4;

/// The document that these bytes order.
pub(crate) fn document(bytes: &[u8]) -> Document {
    let mut composer = Composer { bytes };
    let mut blocks = Vec::new();
    while !composer.bytes.is_empty() {
        blocks.push(composer.block(0));
    }
    Document { blocks }
}

struct Composer<'a> {
    bytes: &'a [u8],
}

impl Composer<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *first
    }

    fn text(&mut self) -> String {
        let length = usize::from(self.byte() % 48).min(self.bytes.len());
        let (text, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    fn inlines(&mut self) -> Vec<Inline> {
        (0..self.byte() % 5).map(|_| self.inline()).collect()
    }

    fn inline(&mut self) -> Inline {
        match self.byte() % 8 {
            0 => Inline::Break,
            1 => Inline::Person { id: None, label: self.text() },
            2 => Inline::Event { id: None, label: self.text() },
            _ => {
                let marks = self.byte();
                let is = |bit: u8| marks & (1 << bit) != 0;
                let link =
                    is(4).then(|| if is(5) { format!("https://{}", self.text()) } else { self.text() });
                let marks = Marks { bold: is(0), italic: is(1), strike: is(2), code: is(3), link };
                Inline::Text { text: self.text(), marks }
            }
        }
    }

    fn blocks(&mut self, depth: u8) -> Vec<Block> {
        if depth >= DEEPEST {
            Vec::new()
        } else {
            (0..self.byte() % 4).map(|_| self.block(depth + 1)).collect()
        }
    }

    fn block(&mut self, depth: u8) -> Block {
        match self.byte() % 10 {
            0 => Block::Heading {
                level: 1 + self.byte() % 6,
                section: (self.byte() % 2 == 0).then(|| self.text()),
                content: self.inlines(),
            },
            1 => self.list(depth),
            2 => Block::Quote(self.blocks(depth)),
            3 => Block::Code { language: (self.byte() % 2 == 0).then(|| self.text()), text: self.text() },
            4 => Block::Table((0..self.byte() % 4).map(|_| self.row(depth)).collect()),
            5 => Block::Rule,
            6 => Block::Question { prompt: self.text() },
            7 => Block::Live(Live::ALL[usize::from(self.byte()) % Live::ALL.len()]),
            _ => Block::Paragraph(self.inlines()),
        }
    }

    fn list(&mut self, depth: u8) -> Block {
        let kind = match self.byte() % 3 {
            0 => ListKind::Bullet,
            1 => ListKind::Ordered { start: u32::from(self.byte()).into() },
            _ => ListKind::Task,
        };
        let item = |composer: &mut Self| ListItem {
            checked: composer.byte() % 2 == 0,
            blocks: composer.blocks(depth),
        };
        Block::List { kind, items: (0..self.byte() % 4).map(|_| item(self)).collect() }
    }

    fn row(&mut self, depth: u8) -> Vec<Cell> {
        let cell = |composer: &mut Self| Cell {
            header: composer.byte() % 2 == 0,
            colspan: 1 + u32::from(composer.byte() % 3),
            rowspan: 1 + u32::from(composer.byte() % 3),
            blocks: composer.blocks(depth),
        };
        (0..self.byte() % 4).map(|_| cell(self)).collect()
    }
}
