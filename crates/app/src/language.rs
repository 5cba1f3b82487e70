//! The reframing aid at work: reads what people write, remembers what they do not want to hear of, and keeps what
//! they ask for. It never stands in the way, never changes a text and counts nothing by person (domain.md 2.1).

mod contributing;
mod fields;
mod rules;
mod steps;

use crate::{
    App, Error, Result,
    reach::{self, Held},
};
use ::language::{Aid, Context, Finding, Places, Record, Written, shown_and_beside};
pub use ::language::{Step, Strength, Surface};
pub use contributing::contribute;
use domain::{
    access::{Action, Actor},
    incident::IncidentNumber,
    timeline::impact,
};
pub use fields::read_fields;
pub use rules::{RuleRow, Rules, rules, set_channel, switch};
use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, OnceLock},
};
pub use steps::{ask, settle};
use store::{Tx, audit, language as record};

/// Pieces of text that are read at once.
const PIECES: usize = 400;
/// Findings after which a rule is judged by what became of them (domain.md 2.4).
const JUDGED: usize = 50;

/// The rules of this installation, read once.
#[derive(Debug, Default)]
pub(crate) struct Ready(OnceLock<Loaded>);

#[derive(Debug)]
struct Loaded {
    aid: Arc<Aid>,
    /// Why the workspace's own rules are not used, in words.
    refused: Option<String>,
}

impl Ready {
    /// The shipped rules with those of `data_dir/language/*.yaml` (or `.toml`, as they were written at first); without the
    /// workspace's own if one of them is refused.
    fn load(&self, data_dir: &Path) -> Result<&Loaded> {
        if self.0.get().is_none() {
            let own = own_files(&data_dir.join("language"));
            let files: Vec<(&str, Written<'_>)> = own
                .iter()
                .filter_map(|(name, text)| Some((name.as_str(), Written::named(name, text)?)))
                .collect();
            let written: Vec<Written<'_>> = files.iter().map(|(_, file)| *file).collect();
            let loaded = match Aid::with(&written) {
                Ok(aid) => Loaded { aid: Arc::new(aid), refused: None },
                Err(error) => {
                    let file = files
                        .iter()
                        .find(|(_, file)| Aid::with(&[*file]).is_err())
                        .map_or("language", |(name, _)| *name);
                    let refused = format!("{file}: {error}. The shipped rules are used alone.");
                    tracing::warn!(%refused, "own rules of the reframing aid are not used");
                    Loaded { aid: Arc::new(Aid::english().map_err(Error::internal)?), refused: Some(refused) }
                }
            };
            // Whoever was first has read the same files.
            let _ = self.0.set(loaded);
        }
        self.0.get().ok_or_else(|| Error::internal("the rules were not kept"))
    }
}

fn own_files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.to_owned();
            Written::named(&name, "")?;
            Some((name, std::fs::read_to_string(&path).ok()?))
        })
        .collect();
    files.sort();
    files
}

/// A paragraph as it is being written.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Its words, without marks.
    pub text: String,
    /// The words of the heading above it; empty if there is none.
    pub heading: String,
    /// Where it lives, if that is known without a heading.
    pub surface: Option<Surface>,
}

/// A sentence of a piece that is asked about.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Which piece.
    pub piece: usize,
    /// First character of the words, in UTF-16 units of the piece.
    pub start: usize,
    /// Character after the last, in the same units.
    pub end: usize,
    /// Which rule.
    pub rule: String,
    /// How much it asks for.
    pub strength: Strength,
    /// What the writer is asked.
    pub question: String,
    /// One line about why.
    pub why: String,
    /// Where that is known from.
    pub source: String,
    /// Steps that it offers.
    pub steps: Vec<Step>,
    /// The sentence's key, for [`remember`].
    pub sentence: String,
    /// Whether it is shown once in a document.
    pub once: bool,
    /// Whether its paragraph has enough open questions: it is named in a list, and has no mark of its own.
    pub beside: bool,
}

/// What is asked about some pieces.
#[derive(Debug, Clone)]
pub struct Marked {
    /// In the order of the pieces.
    pub marks: Vec<Mark>,
    /// Whether this is the first document that the writer writes in: then at most five marks are shown.
    pub first_time: bool,
    /// Where matters about a person go; empty if nobody said (PER-01).
    pub channel: String,
    /// Whether a debrief or an account can be asked for: there is a document beside which that stands.
    pub asks: bool,
}

/// Sentences about an incident that were dismissed, by their keys.
type Silent = HashSet<String>;

/// Reads pieces of the document of an incident for whoever writes them. Nothing is kept.
pub async fn read(app: &App, actor: &Actor, number: IncidentNumber, pieces: &[Piece]) -> Result<Marked> {
    if pieces.len() > PIECES {
        return Err(Error::invalid("pieces", "At most 400 paragraphs are read at once."));
    }
    let (mut tx, held) = reach::reading(app, actor, number, Action::Write).await?;
    held.postmortem().ok_or(Error::NotFound)?;
    let context = context(&mut tx).await?;
    let silent = dismissed(&mut tx, &held).await?;
    let first_time = writes_for_the_first_time(&mut tx, actor).await?;
    let channel = record::channel(&mut tx).await?;
    drop(tx);
    let aid = aid(app)?;
    Ok(Marked { marks: marks_of(&aid, &context, pieces, &silent), first_time, channel, asks: true })
}

/// What is asked about each piece, without what was dismissed.
fn marks_of(aid: &Aid, context: &Context, pieces: &[Piece], silent: &Silent) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let surface = piece.surface.or_else(|| Surface::of_heading(&piece.heading)).unwrap_or_default();
        let context = Context { surface: Some(surface), markdown: false, ..context.clone() };
        let mut findings = aid.read(&piece.text, &context);
        findings.retain(|finding| !silent.contains(&finding.sentence_name()));
        let (open, beside) = shown_and_beside(&findings, false);
        marks.extend(open.iter().map(|finding| mark(at, &piece.text, finding)));
        marks.extend(beside.iter().map(|finding| Mark { beside: true, ..mark(at, &piece.text, finding) }));
    }
    marks
}

async fn dismissed(tx: &mut Tx, held: &Held) -> Result<Silent> {
    Ok(record::dismissed(tx, held.id()).await?.into_iter().collect())
}

/// Whether this is the first document that somebody writes in, or they wrote in none yet.
async fn writes_for_the_first_time(tx: &mut Tx, actor: &Actor) -> Result<bool> {
    match actor.person {
        Some(person) => Ok(record::documents_of(tx, person).await? <= 1),
        None => Ok(false),
    }
}

/// A sentence that a form just saved, asked about gently; `None` if there is nothing to ask. What was dismissed `about` an
/// incident is not asked again, and for readers outside it matters whether only a part was affected.
pub async fn look(
    app: &App,
    actor: &Actor,
    text: &str,
    surface: Surface,
    about: Option<IncidentNumber>,
) -> Result<Option<Mark>> {
    let piece = Piece { text: text.to_owned(), heading: String::new(), surface: Some(surface) };
    let found = read_fields(app, actor, about, &[piece]).await?;
    Ok(found.marks.into_iter().filter(|mark| !mark.beside).max_by_key(|mark| mark.strength))
}

async fn is_partial(tx: &mut Tx, held: &Held) -> Result<bool> {
    let stored = store::impact::list(tx, held.id()).await?;
    let intervals: Vec<_> = stored.into_iter().map(|it| it.interval).collect();
    Ok(impact::is_partial(&intervals))
}

/// The question of each shipped rule, for a notice after saving.
pub fn questions() -> Vec<(String, String)> {
    let aid = Aid::english().ok();
    let rules = aid.iter().flat_map(Aid::rules);
    rules.map(|rule| (rule.id.clone(), rule.question.clone())).collect()
}

/// Whether a text explains the incident by human error or by somebody's fault, so that a debrief is recommended now (DEC-16).
pub fn recommends_debrief(app: &App, text: &str) -> Result<bool> {
    let aid = aid(app)?;
    let findings = aid.read(text, &Context::default());
    Ok(findings.iter().any(|finding| finding.rule.steps.contains(&Step::ScheduleDebrief)))
}

/// Reads any text for a program and answers JSON in the shape of `debrief lint --format json`. Nothing is kept.
pub async fn lint(
    app: &App,
    actor: &Actor,
    text: &str,
    surface: Option<Surface>,
    markdown: bool,
) -> Result<serde_json::Value> {
    let mut tx = app.read(actor, Action::Read).await?;
    let context = Context { surface, markdown, ..context(&mut tx).await? };
    drop(tx);
    let aid = aid(app)?;
    let places = Places::new(text);
    let findings = aid.read(text, &context);
    let records: Vec<Record<'_>> =
        findings.iter().map(|finding| Record::of(finding, text, &places)).collect();
    serde_json::to_value(records).map_err(Error::internal)
}

/// What became of a finding that somebody looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Looked at.
    Seen,
    /// This sentence is not asked about again.
    NotHere,
    /// The same, and the rule does not help this workspace.
    DoesNotHelp,
}

impl Outcome {
    /// The name in the record.
    pub fn key(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::NotHere => "not_here",
            Self::DoesNotHelp => "does_not_help",
        }
    }

    /// By its name in the record.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Seen, Self::NotHere, Self::DoesNotHelp].into_iter().find(|outcome| outcome.key() == key)
    }
}

/// Where somebody looked at a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// In the document of the post-mortem.
    Document,
    /// In a field of a page of the incident.
    Field,
}

/// Remembers what became of a finding, by sentence and rule, not by person. A rule that was dismissed in more than
/// 40 % of its last 50 findings speaks lower from now on; administrators see that in the settings and in the audit.
pub async fn remember(
    app: &App,
    actor: &Actor,
    number: IncidentNumber,
    beside: Beside,
    (sentence, rule): (&str, &str),
    outcome: Outcome,
) -> Result<()> {
    let known = aid(app)?.rules().any(|known| known.id == rule);
    if !known || sentence.len() != 16 || !sentence.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::invalid("rule", "There is no such finding."));
    }
    let (mut tx, held) = reach::writing(app, actor, number, Action::Write).await?;
    let stands = match beside {
        Beside::Document => record::Stands::Document(held.postmortem().ok_or(Error::NotFound)?),
        Beside::Field => record::Stands::Field(held.id()),
    };
    let now = app.now();
    record::remember(&mut tx, stands, (sentence, rule), outcome.key(), now).await?;
    if outcome != Outcome::Seen {
        let last = record::last(&mut tx, rule, i64::try_from(JUDGED).unwrap_or(i64::MAX)).await?;
        let dismissed = last.iter().filter(|outcome| *outcome != "seen").count();
        if last.len() == JUDGED && dismissed * 100 > JUDGED * 40 && record::demote(&mut tx, rule, now).await?
        {
            let detail = serde_json::json!({ "dismissed": dismissed, "of": JUDGED });
            let us = Actor::installation();
            audit::record(&mut tx, now, &us, "language.demote", rule, &detail.to_string()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

pub(crate) fn aid(app: &App) -> Result<Arc<Aid>> {
    Ok(Arc::clone(&app.language().load(app.data_dir())?.aid))
}

/// What the workspace told the aid. Two statements.
async fn context(tx: &mut Tx) -> Result<Context> {
    let mut context = Context::default();
    for state in record::rules(tx).await? {
        if state.silent {
            context.off.insert(state.rule);
        } else if state.demoted_at.is_some() {
            context.demoted.insert(state.rule);
        }
    }
    for (name, kind) in record::names(tx).await? {
        let names = if kind == "service" { &mut context.services } else { &mut context.people };
        // Words that are also in the language, such as “the platform team”, are known already.
        names.extend(name.to_lowercase().split_whitespace().filter(|word| word.len() > 2).map(str::to_owned));
    }
    Ok(context)
}

fn mark(piece: usize, text: &str, finding: &Finding<'_>) -> Mark {
    let units = |byte: usize| text.get(..byte).unwrap_or_default().encode_utf16().count();
    Mark {
        piece,
        start: units(finding.range.start),
        end: units(finding.range.end),
        rule: finding.rule.id.clone(),
        strength: finding.strength,
        question: finding.rule.question.clone(),
        why: finding.rule.why.clone(),
        source: finding.rule.source.clone(),
        steps: finding.rule.steps.clone(),
        sentence: finding.sentence_name(),
        once: finding.rule.once,
        beside: false,
    }
}
