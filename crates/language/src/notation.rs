//! How a file of rules is written: in YAML, or in TOML as own rules of a workspace were at first.
//!
//! Own rules come from whoever keeps the installation, and may have been copied from anywhere. So a file is small, flat and
//! says each thing once: no anchors and aliases, no tags, no second document, no key twice.

use crate::rules::{RuleError, RuleFile};
use serde::Deserialize;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

/// How long a file of rules may be, in bytes; the longest that is shipped has 22,000.
const LONGEST_FILE: usize = 256 * 1024;
/// How deep lists and mappings lie in each other. A phrase of a pattern of a rule is in the sixth.
const DEEPEST: usize = 8;
/// How many keys, values and lists a file has; the longest that is shipped has 600.
const MOST_NODES: usize = 20_000;

/// A file of rules as somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written<'a> {
    /// As the shipped rules are, and as `data/schemas/language-rule.json` describes.
    Yaml(&'a str),
    /// The same in TOML, where the list of rules is called `rule`.
    Toml(&'a str),
}

impl<'a> Written<'a> {
    /// A file by the end of its name; `None` if that is not the name of a file of rules.
    pub fn named(name: &str, text: &'a str) -> Option<Self> {
        let (_, end) = name.rsplit_once('.')?;
        match end {
            "yaml" | "yml" => Some(Self::Yaml(text)),
            "toml" => Some(Self::Toml(text)),
            _ => None,
        }
    }

    /// What it says.
    ///
    /// # Errors
    /// It is too long or too deep, is not written in its notation, or is not what `data/schemas/language-rule.json` asks for;
    /// with the place where that is known.
    pub fn rules(self) -> Result<Vec<RuleFile>, RuleError> {
        let (Self::Yaml(text) | Self::Toml(text)) = self;
        if text.len() > LONGEST_FILE {
            return Err(RuleError::File(format!("{} bytes are more than {LONGEST_FILE}", text.len())));
        }
        let read: Result<Rules, String> = match self {
            Self::Yaml(text) => {
                serde_saphyr::from_str_with_options(text, limits()).map_err(|error| error.to_string())
            }
            Self::Toml(text) => toml::from_str(text).map_err(|error| error.to_string()),
        };
        read.map(|rules| rules.rules).map_err(RuleError::File)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    #[serde(alias = "rule")]
    rules: Vec<RuleFile>,
}

fn limits() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_documents: 1,
            max_nodes: MOST_NODES,
            max_events: 3 * MOST_NODES,
            max_total_scalar_bytes: LONGEST_FILE,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        // The sentence names line and column; a drawing of them does not fit into the settings.
        with_snippet: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "rules:\n  - id: X-1\n    name: War room\n    family: animated\n    strength: note\n    question: Who met?\n    \
                        why: Nobody is at war.\n    source: ourselves\n    fires: [A war room.]\n    silent: [A call.]\n";

    fn refused(text: &str) -> String {
        match Written::Yaml(text).rules() {
            Ok(rules) => format!("{} rules were read", rules.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn both_notations_say_the_same() {
        let toml = "[[rule]]\nid = \"X-1\"\nname = \"War room\"\nfamily = \"animated\"\nstrength = \"note\"\nquestion = \"Who met?\"\n\
                    why = \"Nobody is at war.\"\nsource = \"ourselves\"\nfires = [\"A war room.\"]\nsilent = [\"A call.\"]\n";
        let said = |written: Written<'_>| format!("{:?}", written.rules());
        assert_eq!(said(Written::Yaml(RULE)), said(Written::Toml(toml)));
        assert!(said(Written::Yaml(RULE)).contains("A war room."));
        assert_eq!(Written::named("own.yml", RULE), Some(Written::Yaml(RULE)));
        assert_eq!(Written::named("own.toml", toml), Some(Written::Toml(toml)));
        assert_eq!((Written::named("read.me", RULE), Written::named("yaml", RULE)), (None, None));
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        assert!(refused(&RULE.replace("strength: note", "strength: loud")).contains("line 5"));
        assert!(refused(&RULE.replace("    why:", "    wy:")).contains("wy"));
        assert!(refused("rules: [").contains("line 1"));
    }

    #[test]
    fn a_file_says_each_thing_once_and_flat() {
        let with = |from: &str, to: &str| refused(&RULE.replace(from, to));
        for wrong in [
            with("name: War room", "name: &n War room"),
            with("name: War room", "name: &n War room\n    when: [*n]"),
            with("id: X-1", "id: X-1\n    id: X-2"),
            with("id: X-1", "<<: { id: X-1 }"),
            with("name: War room", "name: !secret War room"),
            refused(&format!("{RULE}---\n{RULE}")),
            refused(&format!("rules: {}{}", "[".repeat(5_000), "]".repeat(5_000))),
            refused(&format!("rules:\n{}", "- ".repeat(5_000))),
            refused(&format!("{RULE}{}", "#".repeat(LONGEST_FILE))),
            refused(&format!("rules: [{}]", "a,".repeat(MOST_NODES))),
        ] {
            assert!(wrong.starts_with("a file of rules cannot be read: "), "{wrong}");
            assert!(wrong.len() < 300, "{wrong}");
        }
    }

    /// Each name says the one before ten times: a gigabyte, if anybody wrote it out.
    #[test]
    fn names_that_stand_for_names_are_not_written_out() {
        let mut text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (before, name) in ('a'..='i').zip('b'..='j') {
            text.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 10].join(",")));
        }
        assert!(refused(&format!("{text}{RULE}")).starts_with("a file of rules cannot be read: "));
    }
}
