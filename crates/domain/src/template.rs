//! Templates: which sections a post-mortem begins with. They are data; this is their shape and how a
//! document grows from one.

use crate::document::{Block, Document, Inline, Live};
use serde::{Deserialize, Serialize};

/// A template (file of `data/templates`, described by `data/schemas/template.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The name in the record and on the command line, for instance `incident-io`.
    pub key: String,
    /// Counts changes of the shipped file.
    pub version: u32,
    /// The name people read.
    pub name: String,
    /// What it is good for, in one sentence.
    pub purpose: String,
    /// Where the shape comes from.
    pub source: String,
    /// Its sections, in order.
    pub sections: Vec<Section>,
}

/// A section of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The name in the record, stable when people rename the heading.
    pub key: String,
    /// The heading.
    pub title: String,
    /// Questions that stand there until somebody answers; never filler.
    #[serde(default)]
    pub questions: Vec<String>,
    /// What the product shows there of its own accord: `facts`, `timeline` or `follow-ups`.
    #[serde(default)]
    pub live: Vec<String>,
}

/// A template file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Not JSON of the expected shape.
    #[error("The template cannot be read: {0}")]
    Unreadable(String),
    /// A live block that does not exist.
    #[error("Section “{section}” of template “{template}” shows “{live}”, which does not exist")]
    UnknownLive {
        /// The template.
        template: String,
        /// The section.
        section: String,
        /// What it asks for.
        live: String,
    },
    /// No section, or two of one key.
    #[error("Template “{0}” needs sections with keys of their own")]
    Sections(String),
}

impl Template {
    /// Reads and checks a template file.
    pub fn from_json(text: &str) -> Result<Self, TemplateError> {
        let template: Self =
            serde_json::from_str(text).map_err(|error| TemplateError::Unreadable(error.to_string()))?;
        let mut keys: Vec<&str> = template.sections.iter().map(|section| section.key.as_str()).collect();
        keys.sort_unstable();
        if keys.is_empty() || keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(TemplateError::Sections(template.key));
        }
        for section in &template.sections {
            if let Some(live) = section.live.iter().find(|live| Live::from_key(live).is_none()) {
                return Err(TemplateError::UnknownLive {
                    template: template.key.clone(),
                    section: section.key.clone(),
                    live: live.clone(),
                });
            }
        }
        Ok(template)
    }

    /// The document a post-mortem begins with: headings, live blocks, and questions where people think.
    pub fn begin(&self) -> Document {
        let blocks = self.sections.iter().flat_map(|section| {
            let heading = Block::Heading {
                level: 2,
                section: Some(section.key.clone()),
                content: vec![Inline::text(section.title.clone())],
            };
            let live = section.live.iter().filter_map(|key| Live::from_key(key)).map(Block::Live);
            let questions = section.questions.iter().map(|prompt| Block::Question { prompt: prompt.clone() });
            std::iter::once(heading).chain(live).chain(questions).chain([Block::Paragraph(vec![])])
        });
        Document { blocks: blocks.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"{"key":"small","version":1,"name":"Small","purpose":"A note.","source":"ours",
        "sections":[{"key":"summary","title":"Summary","questions":["What happened?"],"live":["facts"]}]}"#;

    #[test]
    fn a_document_begins_with_headings_live_blocks_and_questions() {
        let document = Template::from_json(SMALL).unwrap().begin();
        assert!(
            matches!(&document.blocks[0], Block::Heading { level: 2, section: Some(key), .. } if key == "summary")
        );
        assert_eq!(document.blocks[1], Block::Live(Live::Facts));
        assert_eq!(document.blocks[2], Block::Question { prompt: "What happened?".into() });
    }

    #[test]
    fn a_template_that_promises_too_much_is_refused() {
        let unknown = SMALL.replace("\"facts\"", "\"weather\"");
        assert!(matches!(Template::from_json(&unknown), Err(TemplateError::UnknownLive { .. })));
        let empty = r#"{"key":"k","version":1,"name":"n","purpose":"p","source":"s","sections":[]}"#;
        assert!(matches!(Template::from_json(empty), Err(TemplateError::Sections(_))));
        assert!(matches!(Template::from_json("{"), Err(TemplateError::Unreadable(_))));
        assert!(matches!(
            Template::from_json(&SMALL.replace("purpose", "porpoise")),
            Err(TemplateError::Unreadable(_))
        ));
    }
}
