//! From Markdown to blocks of prose: what is checked, where it stands in the source, and on which surface.
//!
//! Quotations, code, HTML and headings are left out: they are other people's words, or not prose (domain.md 2.1).

use crate::surface::Surface;
use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// What a piece of a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// Prose.
    Text,
    /// The title of something linked, which somebody else may have chosen.
    Linked,
    /// Code, an address, a formula: a thing with a name.
    Code,
    /// An end of line that ends no sentence.
    Space,
    /// An end of line that somebody insisted on.
    Break,
}

/// A stretch of the source.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Bytes of the source.
    pub range: Range<usize>,
    /// What it is.
    pub kind: PieceKind,
}

/// A paragraph, list item or cell.
#[derive(Debug, Default)]
pub struct Block {
    /// Its prose in order.
    pub pieces: Vec<Piece>,
    /// Where it lives, as far as headings say.
    pub surface: Surface,
}

/// Hands every block of a Markdown text to `take`, one at a time, so that memory follows the longest block only.
pub fn each_of_markdown(source: &str, mut take: impl FnMut(&Block)) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut block = Block::default();
    let mut sections = Sections::default();
    let mut silent = 0_usize;
    // The links that are open, and whether each stands for its address alone.
    let mut links: Vec<bool> = Vec::new();
    let mut heading: Option<(HeadingLevel, String)> = None;
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        if let Event::Text(_) | Event::Code(_) = event
            && let Some((_, text)) = &mut heading
        {
            if text.len() < 400 {
                text.push_str(&source[range]);
            }
            continue;
        }
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                flush(&mut block, &mut take);
                heading = Some((level, String::new()));
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, text)) = heading.take() {
                    sections.enter(level, &text);
                    block.surface = sections.surface();
                }
            }
            Event::Start(Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::MetadataBlock(_)) => {
                flush(&mut block, &mut take);
                silent += 1;
            }
            Event::End(
                TagEnd::BlockQuote(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_),
            ) => {
                silent = silent.saturating_sub(1);
            }
            Event::Start(Tag::Image { .. }) => {
                push(&mut block, range, PieceKind::Code, silent);
                silent += 1;
            }
            Event::End(TagEnd::Image) => silent = silent.saturating_sub(1),
            Event::Start(Tag::Link { link_type, .. }) => {
                let address = matches!(link_type, LinkType::Autolink | LinkType::Email);
                if address {
                    push(&mut block, range, PieceKind::Code, silent);
                    silent += 1;
                }
                links.push(address);
            }
            Event::End(TagEnd::Link) => {
                let address = links.pop() == Some(true);
                silent = silent.saturating_sub(usize::from(address));
            }
            Event::Start(
                Tag::Paragraph
                | Tag::List(_)
                | Tag::Item
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::TableCell,
            )
            | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::List(_) | TagEnd::TableCell)
            | Event::Rule => flush(&mut block, &mut take),
            Event::Text(_) => {
                let kind = if links.is_empty() { PieceKind::Text } else { PieceKind::Linked };
                push(&mut block, range, kind, silent);
            }
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {
                push(&mut block, range, PieceKind::Code, silent);
            }
            Event::SoftBreak => push(&mut block, range, PieceKind::Space, silent),
            Event::HardBreak => push(&mut block, range, PieceKind::Break, silent),
            _ => {}
        }
    }
    flush(&mut block, &mut take);
}

/// Hands the lines of a text that is not Markdown to `take`; an empty line ends a block.
pub fn each_of_plain(source: &str, mut take: impl FnMut(&Block)) {
    let mut block = Block::default();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        if line.trim().is_empty() {
            flush(&mut block, &mut take);
        } else {
            block.pieces.push(Piece { range, kind: PieceKind::Text });
        }
    }
    flush(&mut block, &mut take);
}

fn push(block: &mut Block, range: Range<usize>, kind: PieceKind, silent: usize) {
    if silent == 0 {
        block.pieces.push(Piece { range, kind });
    }
}

fn flush(block: &mut Block, take: &mut impl FnMut(&Block)) {
    if !block.pieces.is_empty() {
        take(block);
        block.pieces.clear();
    }
}

/// The headings that the text stands under; a heading that says nothing leaves its parent's word standing.
#[derive(Default)]
struct Sections(Vec<(HeadingLevel, Option<Surface>)>);

impl Sections {
    fn enter(&mut self, level: HeadingLevel, heading: &str) {
        self.0.retain(|(above, _)| *above < level);
        // The first heading of a document is its title and speaks of no section.
        let surface =
            if level == HeadingLevel::H1 && self.0.is_empty() { None } else { Surface::of_heading(heading) };
        self.0.push((level, surface));
    }

    fn surface(&self) -> Surface {
        self.0.iter().rev().find_map(|(_, surface)| *surface).unwrap_or_default()
    }
}
