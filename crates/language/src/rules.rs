//! Rules as data: what `data/language/en/rules/*.yaml` and a workspace may say, checked and made ready.

use crate::{
    lexicon::Lexicon,
    phrases::{AnyOf, Phrase},
    surface::Surface,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// What a finding is about, for readers and machines (design.md, `debrief lint`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    Blame,
    HumanError,
    Hindsight,
    SingleRootCause,
    VagueAction,
    Animated,
    Minimiser,
    WhoQuestion,
    Leak,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blame => "blame",
            Self::HumanError => "human_error",
            Self::Hindsight => "hindsight",
            Self::SingleRootCause => "single_root_cause",
            Self::VagueAction => "vague_action",
            Self::Animated => "animated",
            Self::Minimiser => "minimiser",
            Self::WhoQuestion => "who_question",
            Self::Leak => "leak",
        })
    }
}

/// How much a finding asks for (domain.md 2.1); none of them ever stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// A quiet mark.
    Note,
    /// A question.
    Question,
    /// A question and an offered step.
    Strong,
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Question => "question",
            Self::Strong => "strong",
        })
    }
}

impl Strength {
    /// One less; a note has nothing below it.
    pub fn lower(self) -> Option<Self> {
        match self {
            Self::Note => None,
            Self::Question => Some(Self::Note),
            Self::Strong => Some(Self::Question),
        }
    }
}

impl FromStr for Strength {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Note, Self::Question, Self::Strong]
            .into_iter()
            .find(|strength| strength.to_string() == text)
            .ok_or_else(|| format!("“{text}” is not a strength; there are note, question and strong"))
    }
}

/// What a rule does on one surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Voice {
    Silent,
    Note,
    Question,
    Strong,
}

/// A step that a strong finding offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    ScheduleDebrief,
    OpenAccount,
    PersonnelChannel,
    MoveToIdeas,
    AddContributor,
}

/// What a rule has to be told besides the text; without it the rule keeps silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The record says that the impact was partial.
    PartialImpact,
    /// Nobody has promised a follow-up of this incident yet.
    NoFollowUp,
    /// The graph of what contributed; such a rule reads no sentences.
    Graph,
}

/// Whom a pattern asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    /// Us or another person.
    Person,
    /// Another person, role or team.
    Other,
    /// I or we.
    Us,
    /// Nobody is named.
    Nobody,
    /// A name nobody knows.
    Named,
    /// Customers.
    Customer,
    /// People's work standing for them.
    Activity,
    /// A company, or “they” with nobody before it.
    Group,
    /// A machine or anything else.
    Thing,
}

/// A circumstance in which a pattern keeps silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// Governed by prevent, tolerate, risk of, …: what a design copes with.
    Design,
    /// A hypothesis somebody had.
    Assumed,
    /// In an if, unless or whether clause.
    Conditional,
    /// Denied.
    Negated,
    /// The sentence is a question.
    Question,
    /// can, may, might, will: said of no particular occasion.
    Generic,
    /// The sentence speaks of luck or of what would have happened otherwise.
    Luck,
    /// Tells of what happened already.
    Past,
    /// A capital in the middle of a sentence: a proper name.
    Name,
}

/// A rule as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// For instance `CF-1`; a workspace's own rules begin with `X-`.
    pub id: String,
    /// What it is called in a list.
    pub name: String,
    /// Where a finding is filed.
    pub family: Family,
    /// Where it is filed if I or we are spoken of.
    pub family_of_us: Option<Family>,
    /// Where it is filed besides if another person, role or team is spoken of.
    pub also_of_others: Option<Family>,
    /// How much it asks for.
    pub strength: Strength,
    /// Exceptions by surface.
    #[serde(default)]
    pub surfaces: BTreeMap<Surface, Voice>,
    /// If given, it speaks on these surfaces alone.
    pub only: Option<Vec<Surface>>,
    /// If given, it speaks only when it is told this.
    pub needs: Option<Need>,
    /// It is shown once in a document, however often it speaks.
    #[serde(default)]
    pub once: bool,
    /// What the writer is asked, in kind words.
    pub question: String,
    /// One line about why.
    pub why: String,
    /// Where that is known from.
    pub source: String,
    /// What a finding offers.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Patterns, any of which will do.
    #[serde(default)]
    pub when: Vec<PatternFile>,
    /// Phrases that keep the whole rule silent in their sentence.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Sentences in which it must speak.
    pub fires: Vec<String>,
    /// Sentences in which it must not.
    pub silent: Vec<String>,
}

/// A pattern as written: a phrase, or a verb with what stands around it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternFile {
    /// Phrases, any of which will do.
    #[serde(default)]
    pub phrase: Vec<String>,
    /// The verb: alternatives as in a phrase; without it any.
    pub verb: Option<String>,
    /// Whom the grammar makes the subject.
    #[serde(default)]
    pub subject: Vec<Whom>,
    /// Who acts.
    #[serde(default)]
    pub agent: Vec<Whom>,
    /// The modal.
    pub modal: Option<String>,
    /// An adverb in or beside the verb group, or behind its object.
    pub adverb: Option<String>,
    /// A phrase that follows the verb.
    #[serde(default)]
    pub after: Vec<String>,
    /// How many tokens may stand between the verb and that phrase.
    #[serde(default)]
    pub within: usize,
    pub perfect: Option<bool>,
    pub passive: Option<bool>,
    pub progressive: Option<bool>,
    pub negated: Option<bool>,
    pub past: Option<bool>,
    /// First of its sentence: a request or a fragment.
    pub opens: Option<bool>,
    /// The sentence has no verb with a subject and a time: a heading, an item of a list.
    pub fragment: Option<bool>,
    /// How the verb stands; without it any way.
    #[serde(default)]
    pub mood: Vec<MoodName>,
    /// Circumstances that keep it silent.
    #[serde(default)]
    pub guards: Vec<Guard>,
    /// Phrases that keep it silent in its sentence.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Overrides where this pattern's findings are filed.
    pub family: Option<Family>,
    /// Overrides `also_of_others`; may be the same family, which means nowhere else.
    pub also_of_others: Option<Family>,
    /// Overrides the strength.
    pub strength: Option<Strength>,
}

/// How a verb stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MoodName {
    Finite,
    Infinitive,
    Gerund,
    Participle,
    Imperative,
}

/// A rule made ready.
#[derive(Debug)]
pub struct Rule {
    /// As written.
    pub told: RuleFile,
    /// Its patterns.
    pub patterns: Vec<Pattern>,
    /// Phrases that silence it.
    pub unless: Vec<Phrase>,
}

/// A pattern made ready.
#[derive(Debug)]
pub struct Pattern {
    /// As written.
    pub told: PatternFile,
    pub phrases: Vec<Phrase>,
    pub verb: Option<AnyOf>,
    pub modal: Option<AnyOf>,
    pub adverb: Option<AnyOf>,
    pub after: Vec<Phrase>,
    pub unless: Vec<Phrase>,
}

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The file is not what the schema asks for.
    #[error("a file of rules cannot be read: {0}")]
    File(String),
    /// One rule is not understood, could be slow, or does not do what its examples say.
    #[error("rule {rule} is not understood: {reason}")]
    Rule {
        /// Its id.
        rule: String,
        /// What is wrong.
        reason: String,
    },
}

impl Rule {
    /// Makes a rule ready.
    ///
    /// # Errors
    /// A phrase or a class is not understood.
    pub fn new(told: RuleFile, lexicon: &mut Lexicon) -> Result<Self, RuleError> {
        let wrong = |reason| RuleError::Rule { rule: told.id.clone(), reason };
        if told.needs != Some(Need::Graph) && (told.fires.is_empty() || told.silent.is_empty()) {
            return Err(wrong("it needs sentences in which it must and must not speak".to_owned()));
        }
        if told.when.len() > 40 {
            return Err(wrong("it has more than 40 patterns".to_owned()));
        }
        let unless = phrases(&told.unless, lexicon).map_err(wrong)?;
        let patterns = told
            .when
            .iter()
            .map(|pattern| Pattern::new(pattern, lexicon))
            .collect::<Result<_, _>>()
            .map_err(wrong)?;
        Ok(Self { told, patterns, unless })
    }
}

impl Pattern {
    fn new(told: &PatternFile, lexicon: &mut Lexicon) -> Result<Self, String> {
        let mut any = |text: &Option<String>| text.as_ref().map(|text| AnyOf::new(text, lexicon)).transpose();
        let (verb, modal, adverb) = (any(&told.verb)?, any(&told.modal)?, any(&told.adverb)?);
        Ok(Self {
            phrases: phrases(&told.phrase, lexicon)?,
            verb,
            modal,
            adverb,
            after: phrases(&told.after, lexicon)?,
            unless: phrases(&told.unless, lexicon)?,
            told: told.clone(),
        })
    }
}

fn phrases(texts: &[String], lexicon: &mut Lexicon) -> Result<Vec<Phrase>, String> {
    texts.iter().map(|text| Phrase::new(text, lexicon)).collect()
}
