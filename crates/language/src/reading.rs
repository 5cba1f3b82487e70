//! The aid itself: a text in, findings out.

use crate::{
    blocks::{self, Block},
    clauses::{self, Anchors},
    english::is_english,
    graph::Graph,
    lexicon::{Lexicon, class},
    matching,
    notation::Written,
    phrases::Phrase,
    roles,
    rules::{Family, Need, Rule, RuleError, RuleFile, Strength, Voice},
    subjects::{self, People, Who},
    surface::Surface,
    tokens::{Sentence, Tokenizer},
};
use std::{collections::HashSet, ops::Range};

const WORDS: &str = include_str!("../../../data/language/en/words.toml");
const RULES: [Written<'static>; 5] = [
    Written::Yaml(include_str!("../../../data/language/en/rules/hindsight.yaml")),
    Written::Yaml(include_str!("../../../data/language/en/rules/omissions.yaml")),
    Written::Yaml(include_str!("../../../data/language/en/rules/judgement.yaml")),
    Written::Yaml(include_str!("../../../data/language/en/rules/explanations.yaml")),
    Written::Yaml(include_str!("../../../data/language/en/rules/actions.yaml")),
];
/// How much of a block is looked at to tell its language, in bytes.
const SAMPLE: usize = 2_000;

/// Rules and words, made ready. Make it once; reading does not change it.
#[derive(Debug)]
pub struct Aid {
    lexicon: Lexicon,
    rules: Vec<Rule>,
    anchors: Anchors,
}

/// What is known about a text besides its words.
#[derive(Debug, Clone)]
pub struct Context {
    /// Where the text lives; without it headings decide, and text below none is [`Surface::Any`].
    pub surface: Option<Surface>,
    /// Whether the text is Markdown; otherwise every line is prose.
    pub markdown: bool,
    /// People and teams, lower case, single words.
    pub people: HashSet<String>,
    /// Services, lower case; a service's name is never a person's.
    pub services: HashSet<String>,
    /// Ids of rules that this workspace has switched off.
    pub off: HashSet<String>,
    /// Ids of rules that speak one strength lower, because most of what they found was dismissed.
    pub demoted: HashSet<String>,
    /// The record says that the impact was partial.
    pub partial_impact: bool,
    /// The record says that nobody has promised a follow-up of this incident yet.
    pub no_follow_up: bool,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            surface: None,
            markdown: true,
            people: HashSet::new(),
            services: HashSet::new(),
            off: HashSet::new(),
            demoted: HashSet::new(),
            partial_impact: false,
            no_follow_up: false,
        }
    }
}

/// A sentence that a rule asks about.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// The rule, with its question, why, source and steps.
    pub rule: &'a RuleFile,
    /// Where it is filed.
    pub family: Family,
    /// How much it asks for here.
    pub strength: Strength,
    /// Where the text lives.
    pub surface: Surface,
    /// The words it is about, in bytes of the text.
    pub range: Range<usize>,
    /// The sentence, in bytes of the text.
    pub sentence: Range<usize>,
    /// Where its paragraph, list item or cell begins, in bytes of the text.
    pub paragraph: usize,
    /// Stays the same while the words of the sentence do; for remembering a dismissal.
    pub sentence_key: u64,
}

impl Finding<'_> {
    /// The sentence's key as sixteen hexadecimal digits.
    pub fn sentence_name(&self) -> String {
        format!("{:016x}", self.sentence_key)
    }
}

impl Aid {
    /// With the rules for English that are shipped.
    ///
    /// # Errors
    /// The shipped files do not fit together, which the tests exclude.
    pub fn english() -> Result<Self, RuleError> {
        Self::with(&[])
    }

    /// With the shipped rules and files of a workspace's own; a rule with an id that exists replaces it. What these
    /// files say is tried: each rule must speak and keep silent in its examples.
    ///
    /// # Errors
    /// A file or a rule is not understood, could be slow, or does not do what its examples say; with file and place.
    pub fn with(more: &[Written<'_>]) -> Result<Self, RuleError> {
        let files: Vec<Written<'_>> = RULES.iter().chain(more).copied().collect();
        let aid = Self::from_files(WORDS, &files)?;
        for file in more {
            for rule in file.rules()? {
                aid.try_examples(&rule.id)?;
            }
        }
        Ok(aid)
    }

    /// Whether the rule speaks and keeps silent in its examples.
    fn try_examples(&self, id: &str) -> Result<(), RuleError> {
        let Some(rule) = self.rules().find(|rule| rule.id == id) else { return Ok(()) };
        let surface = rule
            .only
            .as_ref()
            .and_then(|only| only.iter().find(|on| **on == Surface::Any).or(only.first()).copied())
            .unwrap_or_default();
        let context = Context {
            surface: Some(surface),
            partial_impact: true,
            no_follow_up: true,
            ..Context::default()
        };
        for (sentences, fires) in [(&rule.fires, true), (&rule.silent, false)] {
            for sentence in sentences {
                if self.read(sentence, &context).iter().any(|finding| finding.rule.id == id) != fires {
                    let asked = if fires { "must speak in" } else { "must keep silent in" };
                    return Err(RuleError::Rule {
                        rule: id.to_owned(),
                        reason: format!("it {asked} “{sentence}”"),
                    });
                }
            }
        }
        Ok(())
    }

    /// The rule about graphs, if the graph is one line of three steps or more, or ends in a person (domain.md LR-1).
    pub fn read_graph(&self, graph: &Graph<'_>, context: &Context) -> Option<&RuleFile> {
        let rule = self.rules().find(|rule| rule.needs == Some(Need::Graph))?;
        (!context.off.contains(&rule.id) && graph.is_single_chain()).then_some(rule)
    }

    /// With words and rules of one's own only.
    ///
    /// # Errors
    /// A file or a rule is not understood.
    pub fn from_files(words: &str, files: &[Written<'_>]) -> Result<Self, RuleError> {
        let mut lexicon = Lexicon::new(words).map_err(RuleError::File)?;
        let mut told: Vec<RuleFile> = Vec::new();
        for file in files {
            for rule in file.rules()? {
                match told.iter_mut().find(|known| known.id == rule.id) {
                    Some(known) => *known = rule,
                    None => told.push(rule),
                }
            }
        }
        let rules = told.into_iter().map(|rule| Rule::new(rule, &mut lexicon)).collect::<Result<_, _>>()?;
        let mut id = |word: &str| lexicon.intern(word).id;
        let anchors = Anchors {
            need: id("need"),
            ought: id("ought"),
            by: id("by"),
            of: id("of"),
            who: id("who"),
            they: [id("they"), id("them")],
            our: id("our"),
            ways: ["accident", "mistake", "error", "default", "hand", "design"].map(id),
        };
        Ok(Self { lexicon, rules, anchors })
    }

    /// The rules, in the order in which they are asked.
    pub fn rules(&self) -> impl Iterator<Item = &RuleFile> {
        self.rules.iter().map(|rule| &rule.told)
    }

    /// Every finding of a text, in order of the text. Linear in its length, whatever the text is.
    pub fn read(&self, text: &str, context: &Context) -> Vec<Finding<'_>> {
        let mut findings = Vec::new();
        let mut take = |block: &Block| self.block(text, block, context, &mut findings);
        if context.markdown {
            blocks::each_of_markdown(text, &mut take);
        } else {
            blocks::each_of_plain(text, &mut take);
        }
        findings
    }

    /// What the aid sees of a text: every word with its role, every verb with who is said to do it. For writing rules.
    pub fn explain(&self, text: &str) -> String {
        let context = Context::default();
        let people = People { source: text, people: &context.people, services: &context.services };
        let mut told = String::new();
        let mut before = Who::Nobody;
        blocks::each_of_plain(text, |block| {
            Tokenizer::new(text, &self.lexicon).each(block, |sentence| {
                roles::assign(&mut sentence.tokens, text);
                for token in &sentence.tokens {
                    told.push_str(&format!("{}/{:?} ", &text[token.start..token.end], token.role));
                }
                told.push('\n');
                for group in clauses::groups(&sentence.tokens, &self.anchors, before, &people) {
                    let head = sentence.tokens[group.head];
                    told.push_str(&format!(
                        "  {}: {:?}, subject {:?}, agent {:?}{}{}{}\n",
                        &text[head.start..head.end],
                        group.mood,
                        group.subject,
                        group.agent,
                        if group.past { ", past" } else { "" },
                        if group.passive { ", passive" } else { "" },
                        if group.negated { ", negated" } else { "" },
                    ));
                }
                before = subjects::last_named(&sentence.tokens, before, &people, &self.anchors);
            });
        });
        told
    }

    fn block<'a>(&'a self, text: &str, block: &Block, context: &Context, findings: &mut Vec<Finding<'a>>) {
        if !is_english(&sample(text, block)) {
            return;
        }
        // Chat pasted into a document is somebody else's words at the time (domain.md 2.1).
        if context.surface.is_none() && is_chat(text, block) {
            return;
        }
        let surface = context.surface.unwrap_or(block.surface);
        let people = People { source: text, people: &context.people, services: &context.services };
        let mut before = Who::Nobody;
        let paragraph = block.pieces.first().map_or(0, |piece| piece.range.start);
        let named = !context.people.is_empty() || !context.services.is_empty();
        Tokenizer::new(text, &self.lexicon).each(block, |sentence| {
            if named {
                name_known(sentence, &people);
            }
            roles::assign(&mut sentence.tokens, text);
            let from = findings.len();
            self.sentence(text, sentence, surface, context, before, &people, findings);
            findings[from..].iter_mut().for_each(|finding| finding.paragraph = paragraph);
            before = subjects::last_named(&sentence.tokens, before, &people, &self.anchors);
        });
    }

    #[expect(clippy::too_many_arguments, reason = "all of it is the place of one sentence")]
    fn sentence<'a>(
        &'a self,
        text: &str,
        sentence: &Sentence,
        surface: Surface,
        context: &Context,
        before: Who,
        people: &People<'_>,
        findings: &mut Vec<Finding<'a>>,
    ) {
        let tokens = &sentence.tokens;
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
        let groups = clauses::groups(tokens, &self.anchors, before, people);
        let mut key = None;
        for rule in &self.rules {
            let Some(mut strength) = strength(&rule.told, surface) else { continue };
            let told_enough = match rule.told.needs {
                None => true,
                Some(Need::PartialImpact) => context.partial_impact,
                Some(Need::NoFollowUp) => context.no_follow_up,
                Some(Need::Graph) => false,
            };
            if !told_enough || context.off.contains(&rule.told.id) {
                continue;
            }
            if context.demoted.contains(&rule.told.id) {
                let Some(lower) = strength.lower() else { continue };
                strength = lower;
            }
            let found = rule
                .patterns
                .iter()
                .find_map(|pattern| matching::find(pattern, sentence, &groups).map(|found| (pattern, found)));
            let Some((pattern, found)) = found else { continue };
            let silenced = |phrase: &Phrase| {
                phrase.possible(&sentence.sum) && phrase.find(tokens, 0, tokens.len()).is_some()
            };
            if rule.unless.iter().any(silenced) {
                continue;
            }
            let told = &pattern.told;
            let ours = found.who == Who::Us;
            let others = matches!(found.who, Who::Person | Who::They | Who::Unknown);
            let mut family = told.family.unwrap_or(rule.told.family);
            if let (true, None, Some(of_us)) = (ours, told.family, rule.told.family_of_us) {
                family = of_us;
            }
            let also =
                told.also_of_others.or(rule.told.also_of_others).filter(|also| others && *also != family);
            let (from, to) = (found.from.min(tokens.len() - 1), found.to.clamp(found.from + 1, tokens.len()));
            let span = first.start..last.end;
            let key = *key.get_or_insert_with(|| sentence_key(&text[span.clone()]));
            for family in std::iter::once(family).chain(also) {
                let strength = told.strength.map_or(strength, |own| own.min(strength));
                // Two rules that say the same of one sentence are one finding.
                let again = findings.iter().rev().take_while(|other| other.sentence == span).any(|other| {
                    other.rule.id != rule.told.id && (other.family, other.strength) == (family, strength)
                });
                if again {
                    continue;
                }
                findings.push(Finding {
                    rule: &rule.told,
                    family,
                    strength,
                    surface,
                    range: tokens[from].start..tokens[to - 1].end,
                    sentence: span.clone(),
                    paragraph: 0,
                    sentence_key: key,
                });
            }
        }
    }
}

/// Marks the names of people that a workspace knows, and takes the mark from names of services: services win.
fn name_known(sentence: &mut Sentence, people: &People<'_>) {
    for token in &mut sentence.tokens {
        if token.capital {
            let spelling = people.source[token.start..token.end].to_lowercase();
            if people.services.contains(&spelling) {
                token.classes &= !class::GIVEN_NAME;
            } else if people.people.contains(&spelling) {
                token.classes |= class::GIVEN_NAME;
                sentence.sum.classes |= class::GIVEN_NAME;
            }
        }
    }
}

/// “10:12 RK: …”: a time, a name of one or two words, a colon.
fn is_chat(text: &str, block: &Block) -> bool {
    let Some(first) = block.pieces.first() else { return false };
    let mut words = text[first.range.clone()].split_whitespace().take(5);
    let timed = words.next().is_some_and(|word| {
        let digits = word.trim_matches(|c: char| !c.is_ascii_digit());
        digits.len() >= 4
            && digits.len() <= 8
            && digits.chars().all(|c| c.is_ascii_digit() || c == ':' || c == '.')
    });
    timed
        && words
            .take(3)
            .take_while(|word| word.starts_with(char::is_uppercase))
            .any(|word| word.len() > 1 && word.ends_with(':'))
}

fn strength(rule: &RuleFile, surface: Surface) -> Option<Strength> {
    if let Some(only) = &rule.only
        && !only.contains(&surface)
    {
        return None;
    }
    match rule.surfaces.get(&surface) {
        None => Some(rule.strength),
        Some(Voice::Silent) => None,
        Some(Voice::Note) => Some(Strength::Note),
        Some(Voice::Question) => Some(Strength::Question),
        Some(Voice::Strong) => Some(Strength::Strong),
    }
}

fn sample(text: &str, block: &Block) -> String {
    let mut sample = String::new();
    for piece in &block.pieces {
        if sample.len() > SAMPLE {
            break;
        }
        if matches!(piece.kind, blocks::PieceKind::Text | blocks::PieceKind::Linked) {
            let mut to = piece.range.end.min(piece.range.start + SAMPLE);
            while !text.is_char_boundary(to) {
                to -= 1;
            }
            sample.push_str(&text[piece.range.start..to]);
        }
        sample.push(' ');
    }
    sample
}

/// FNV-1a over the letters and digits of a sentence, lower case: the same while its words are.
fn sentence_key(sentence: &str) -> u64 {
    sentence
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .fold(0xcbf2_9ce4_8422_2325, |hash, c| {
            (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3)
        })
}
