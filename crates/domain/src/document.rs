//! What a shared document says: the blocks it projects to, free of any editor or format.
//!
//! The editor's schema, the projection in `collab` and every export speak this vocabulary. Objects such as
//! timeline events and follow-ups are referred to, never copied (DOC-06).

use crate::{EventId, PersonId};

/// A document, in order of reading.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Document {
    /// Its blocks.
    pub blocks: Vec<Block>,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Block {
    /// A heading of level 1 to 6. Sections of a template begin with level 2.
    Heading {
        /// 1 to 6.
        level: u8,
        /// The key of the template's section, kept when people rename the heading.
        section: Option<String>,
        /// The words.
        content: Vec<Inline>,
    },
    /// A paragraph; may be empty.
    Paragraph(Vec<Inline>),
    /// A list.
    List {
        /// Bulleted, numbered or with boxes to tick.
        kind: ListKind,
        /// Its items.
        items: Vec<ListItem>,
    },
    /// Somebody's words.
    Quote(Vec<Block>),
    /// Text kept as it is.
    Code {
        /// The language, if it was chosen.
        language: Option<String>,
        /// The text, with its line ends.
        text: String,
    },
    /// A table.
    Table(Vec<Vec<Cell>>),
    /// A line between two parts.
    Rule,
    /// A question of the template that waits for an answer. Readers do not see it.
    Question {
        /// The question.
        prompt: String,
    },
    /// A place where an object of the record is shown as it is now.
    Live(Live),
}

/// How a list is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// With bullets.
    Bullet,
    /// With numbers from `start`.
    Ordered {
        /// The first number.
        start: i64,
    },
    /// With boxes to tick.
    Task,
}

/// One item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ListItem {
    /// Whether the box is ticked, in a list of tasks.
    pub checked: bool,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cell {
    /// Whether it heads its row or column.
    pub header: bool,
    /// How many columns it takes, at least 1.
    pub colspan: u32,
    /// How many rows it takes, at least 1.
    pub rowspan: u32,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// What a live block shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Live {
    /// Header facts: date, severity, durations, participants.
    Facts,
    /// The timeline.
    Timeline,
    /// Ideas and follow-ups.
    FollowUps,
}

impl Live {
    /// Every live block.
    pub const ALL: [Self; 3] = [Self::Facts, Self::Timeline, Self::FollowUps];

    /// The name in the document and in addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Timeline => "timeline",
            Self::FollowUps => "follow-ups",
        }
    }

    /// The live block of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|live| live.key() == key)
    }
}

/// A piece of running text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Inline {
    /// Words with their marks.
    Text {
        /// The words.
        text: String,
        /// How they are set.
        marks: Marks,
    },
    /// A line end within a paragraph.
    Break,
    /// A person, by reference and by the name at the time of writing.
    Person {
        /// Who; `None` when the reference cannot be read any more.
        id: Option<PersonId>,
        /// The name as written.
        label: String,
    },
    /// An event of the timeline, by reference and by its words at the time of writing.
    Event {
        /// Which; `None` when the reference cannot be read any more.
        id: Option<EventId>,
        /// Its words as written.
        label: String,
    },
}

impl Inline {
    /// Unmarked words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), marks: Marks::default() }
    }

    /// The words without marks.
    pub fn plain(&self) -> &str {
        match self {
            Self::Text { text, .. } => text,
            Self::Break => "\n",
            Self::Person { label, .. } | Self::Event { label, .. } => label,
        }
    }
}

/// How words are set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[expect(clippy::struct_excessive_bools, reason = "marks are independent of one another")]
pub struct Marks {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Struck through.
    pub strike: bool,
    /// As code.
    pub code: bool,
    /// Where the words lead: only http, https and mailto addresses pass [`safe_link`].
    pub link: Option<String>,
}

/// The address if it may stand in a link: http, https or mailto, without control characters.
///
/// Everything else (`javascript:`, `data:`, `file:` …) gives `None`, so that no document can carry it out.
pub fn safe_link(address: &str) -> Option<&str> {
    let address = address.trim();
    let scheme_end = address.find(':')?;
    let scheme = &address[..scheme_end];
    let known = ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (known && !address.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(address)
}

impl Document {
    /// The sections that begin with a heading of level 2: the heading's words and the blocks below it.
    /// What stands before the first such heading is not part of any section.
    pub fn sections(&self) -> Vec<(String, &[Block])> {
        let starts: Vec<usize> = (0..self.blocks.len())
            .filter(|i| matches!(self.blocks[*i], Block::Heading { level: 2, .. }))
            .collect();
        starts
            .iter()
            .enumerate()
            .map(|(n, &start)| {
                let end = starts.get(n + 1).copied().unwrap_or(self.blocks.len());
                let title = match &self.blocks[start] {
                    Block::Heading { content, .. } => content.iter().map(Inline::plain).collect(),
                    _ => String::new(),
                };
                (title, &self.blocks[start + 1..end])
            })
            .collect()
    }
}

impl Block {
    /// Whether a reader would see anything here.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Paragraph(content) | Self::Heading { content, .. } => {
                content.iter().all(|inline| inline.plain().trim().is_empty())
            }
            Self::List { items, .. } => items.iter().all(|item| item.blocks.iter().all(Self::is_blank)),
            Self::Quote(blocks) => blocks.iter().all(Self::is_blank),
            Self::Code { text, .. } => text.trim().is_empty(),
            Self::Table(rows) => rows.iter().flatten().all(|cell| cell.blocks.iter().all(Self::is_blank)),
            Self::Question { .. } => true,
            Self::Rule | Self::Live(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_do_no_harm_may_be_links() {
        for good in ["https://example.org/a?b=c#d", "HTTP://example.org", "mailto:ada@example.org"] {
            assert_eq!(safe_link(good), Some(good));
        }
        for bad in
            ["javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "//example.org", "a b:c", ""]
        {
            assert_eq!(safe_link(bad), None, "{bad}");
        }
    }

    #[test]
    fn sections_begin_at_level_two() {
        let heading =
            |text: &str| Block::Heading { level: 2, section: None, content: vec![Inline::text(text)] };
        let document = Document {
            blocks: vec![
                Block::Paragraph(vec![Inline::text("before")]),
                heading("Summary"),
                Block::Question { prompt: "What happened?".into() },
                heading("Risks"),
            ],
        };
        let sections = document.sections();
        assert_eq!(
            sections.iter().map(|(title, blocks)| (title.as_str(), blocks.len())).collect::<Vec<_>>(),
            [("Summary", 1), ("Risks", 0)]
        );
        assert!(sections[0].1[0].is_blank());
    }
}
