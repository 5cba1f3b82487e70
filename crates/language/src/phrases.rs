//! Phrases in rules: words in a row, written as people read them.
//!
//! `word` is that spelling, `word+` any form of that verb, `@class` any word of a class, `@class+` any form of its verbs, `a|b`
//! either, `word?` perhaps, `..3` up to three tokens in between (none of
//! them a mark that ends a clause; `...3` passes over commas, `~3` stays within one noun with what belongs to it), `^` the beginning of
//! the sentence (after bullets and labels), `$` its end (also as one of several alternatives), `#` a number, `%ing` any word in -ing, `%pp` any participle,
//! `%noun`, `%name` code or an address, `%person` a person or team, `%given` a given
//! name, `%handle`, `%comma`, `%colon`, `%dash`, `%shout` more than one exclamation mark.

use crate::{
    lexicon::{Classes, Lexicon, class, form},
    tokens::{Kind, Role, Sum, Token},
};

/// How many ways a phrase may be tried at one word; more could be slow.
const MOST_TRIED: usize = 1_000;

#[derive(Debug, Clone, Default)]
struct Words {
    ids: Vec<u32>,
    lemmas: Vec<u32>,
    classes: Classes,
    lemma_classes: Classes,
    shapes: Vec<Shape>,
    /// Or nothing more: the sentence ends here.
    finish: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Number,
    Ing,
    Participle,
    Noun,
    Name,
    Person,
    Comma,
    Colon,
    Dash,
    Shout,
    Given,
    Handle,
}

#[derive(Debug, Clone)]
enum Step {
    Words(Words),
    Perhaps(Words),
    Gap(usize, Over),
    Start,
    Finish,
}

/// What a gap may pass over besides words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// Nothing.
    Words,
    /// Commas.
    Commas,
    /// Only what belongs to one noun: no verb, no mark, no new clause.
    Noun,
}

/// A compiled phrase.
#[derive(Debug, Clone)]
pub struct Phrase(Vec<Step>);

impl Phrase {
    /// Reads a phrase; words it names get entries in the lexicon.
    ///
    /// # Errors
    /// Names what cannot be understood.
    pub fn new(text: &str, lexicon: &mut Lexicon) -> Result<Self, String> {
        let steps = text
            .split_whitespace()
            .map(|step| {
                if step == "^" {
                    return Ok(Step::Start);
                }
                if step == "$" {
                    return Ok(Step::Finish);
                }
                let gaps = [("...", Over::Commas), ("..", Over::Words), ("~", Over::Noun)];
                let gap = gaps.iter().find_map(|(sign, over)| Some((step.strip_prefix(sign)?, *over)));
                if let Some((reach, over)) = gap {
                    let reach: usize = reach.parse().map_err(|_| format!("“{step}” needs a number"))?;
                    return if reach <= 20 {
                        Ok(Step::Gap(reach, over))
                    } else {
                        Err("a gap has at most 20 tokens".to_owned())
                    };
                }
                match step.strip_suffix('?') {
                    Some(step) => Ok(Step::Perhaps(words(step, lexicon)?)),
                    None => Ok(Step::Words(words(step, lexicon)?)),
                }
            })
            .collect::<Result<Vec<Step>, String>>()?;
        let gaps = steps.iter().filter(|step| matches!(step, Step::Gap(..) | Step::Perhaps(_))).count();
        if steps.is_empty() || gaps > 6 {
            return Err(format!("“{text}” has no words or more than six gaps"));
        }
        // What is tried at one word at most: the product of what each gap may pass over.
        let tried: usize = steps
            .iter()
            .map(|step| match step {
                Step::Gap(reach, _) => reach + 1,
                Step::Perhaps(_) => 2,
                _ => 1,
            })
            .product();
        if tried > MOST_TRIED {
            return Err(format!(
                "“{text}” could be slow: its gaps multiply to {tried}, more than {MOST_TRIED}"
            ));
        }
        Ok(Self(steps))
    }

    /// Whether it may stand in a sentence with these words; it does not if this says no.
    pub fn possible(&self, sum: &Sum) -> bool {
        self.0.iter().all(|step| match step {
            Step::Words(words) => {
                words.finish
                    || !words.shapes.is_empty()
                    || words.classes & sum.classes != 0
                    || words.lemma_classes & sum.lemma_classes != 0
                    || words.ids.iter().any(|id| sum.may_have_word(*id))
                    || words.lemmas.iter().any(|lemma| sum.may_have_lemma(*lemma))
            }
            _ => true,
        })
    }

    /// The end of the phrase if it stands at `at`. Bounded by the phrase's own gaps.
    pub fn at(&self, tokens: &[Token], at: usize) -> Option<usize> {
        run(&self.0, tokens, at)
    }

    /// Where the phrase stands first, at or after `from`, beginning before `to`.
    pub fn find(&self, tokens: &[Token], from: usize, to: usize) -> Option<(usize, usize)> {
        (from..to.min(tokens.len())).find_map(|at| Some((at, self.at(tokens, at)?)))
    }

    /// Every place where the phrase stands.
    pub fn each<'a>(&'a self, tokens: &'a [Token]) -> impl Iterator<Item = (usize, usize)> + 'a {
        (0..tokens.len()).filter_map(|at| Some((at, self.at(tokens, at)?)))
    }
}

/// Words either of which will do: `a|b|@class`.
#[derive(Debug, Clone)]
pub struct AnyOf(Words);

impl AnyOf {
    /// Reads alternatives as in a phrase.
    ///
    /// # Errors
    /// Names what cannot be understood.
    pub fn new(text: &str, lexicon: &mut Lexicon) -> Result<Self, String> {
        words(text, lexicon).map(Self)
    }

    /// Whether the token is one of them.
    pub fn has(&self, token: &Token) -> bool {
        fits(&self.0, token)
    }
}

fn words(text: &str, lexicon: &mut Lexicon) -> Result<Words, String> {
    let mut all = Words::default();
    for word in text.split('|') {
        let (word, any_form) = word.strip_suffix('+').map_or((word, false), |word| (word, true));
        if let Some(name) = word.strip_prefix('@') {
            let bit = lexicon.class(name).ok_or_else(|| format!("there is no class “{name}”"))?;
            if any_form {
                all.lemma_classes |= bit;
            } else {
                all.classes |= bit;
            }
        } else if let Some(shape) = word.strip_prefix('%') {
            all.shapes.push(match shape {
                "ing" => Shape::Ing,
                "pp" => Shape::Participle,
                "noun" => Shape::Noun,
                "name" => Shape::Name,
                "person" => Shape::Person,
                "comma" => Shape::Comma,
                "colon" => Shape::Colon,
                "dash" => Shape::Dash,
                "shout" => Shape::Shout,
                "given" => Shape::Given,
                "handle" => Shape::Handle,
                other => return Err(format!("there is no shape “{other}”")),
            });
        } else if word == "#" {
            all.shapes.push(Shape::Number);
        } else if word == "$" {
            all.finish = true;
        } else if word.is_empty() {
            return Err(format!("“{text}” has an empty word"));
        } else {
            let known = lexicon.intern(&word.to_lowercase());
            if any_form {
                all.lemmas.push(known.lemma);
            } else {
                all.ids.push(known.id);
            }
        }
    }
    Ok(all)
}

fn fits(words: &Words, token: &Token) -> bool {
    (token.id != 0 && (words.ids.contains(&token.id) || words.lemmas.contains(&token.lemma)))
        || token.classes & words.classes != 0
        || token.lemma_classes & words.lemma_classes != 0
        || words.shapes.iter().any(|shape| shaped(*shape, token))
}

fn shaped(shape: Shape, token: &Token) -> bool {
    match shape {
        Shape::Number => token.kind == Kind::Number || token.is(class::NUMBER),
        Shape::Ing => token.forms & form::ING != 0,
        Shape::Participle => token.forms & form::PARTICIPLE != 0,
        Shape::Noun => token.role == Role::Noun,
        Shape::Name => token.kind == Kind::Name,
        Shape::Person => {
            token.kind == Kind::Handle || token.is(class::PERSON | class::PERSON_PRONOUN | class::ANYBODY)
        }
        Shape::Comma => token.kind == Kind::Comma,
        Shape::Colon => token.kind == Kind::Colon,
        Shape::Dash => token.kind == Kind::Dash,
        Shape::Shout => token.kind == Kind::Shout,
        Shape::Given => token.capital && token.is(class::GIVEN_NAME),
        Shape::Handle => token.kind == Kind::Handle,
    }
}

fn run(steps: &[Step], tokens: &[Token], at: usize) -> Option<usize> {
    let Some((step, rest)) = steps.split_first() else { return Some(at) };
    match step {
        Step::Words(words) => tokens
            .get(at)
            .filter(|token| fits(words, token))
            .and_then(|_| run(rest, tokens, at + 1))
            .or_else(|| (words.finish && finishes(tokens, at)).then(|| run(rest, tokens, at)).flatten()),
        Step::Perhaps(words) => tokens
            .get(at)
            .filter(|token| fits(words, token))
            .and_then(|_| run(rest, tokens, at + 1))
            .or_else(|| run(rest, tokens, at)),
        Step::Gap(reach, over) => {
            for passed in 0..=*reach {
                if let Some(end) = run(rest, tokens, at + passed) {
                    return Some(end);
                }
                if tokens.get(at + passed).is_none_or(|token| stops(token, *over)) {
                    return None;
                }
            }
            None
        }
        Step::Start => begins(tokens, at).then(|| run(rest, tokens, at)).flatten(),
        Step::Finish => finishes(tokens, at).then(|| run(rest, tokens, at)).flatten(),
    }
}

/// Whether nothing but closing marks follows.
fn finishes(tokens: &[Token], at: usize) -> bool {
    tokens[at.min(tokens.len())..]
        .iter()
        .all(|token| matches!(token.kind, Kind::End | Kind::Shout | Kind::Close | Kind::Other))
}

fn stops(token: &Token, over: Over) -> bool {
    match token.kind {
        Kind::Semicolon | Kind::End => true,
        Kind::Comma | Kind::Colon => over != Over::Commas,
        _ => {
            over == Over::Noun
                && (matches!(token.role, Role::Subordinator | Role::Modal | Role::Auxiliary | Role::To)
                    || token.role == Role::Verb && token.forms & (form::ING | form::PARTICIPLE) == 0
                    || token.role == Role::Verb && token.forms & form::PAST != 0)
        }
    }
}

/// Whether a sentence begins here: after nothing, a label (“Action: …”), a bullet or an adverb set off by a comma.
fn begins(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|at| &tokens[at]) else { return true };
    let marks_only =
        tokens[..at].iter().all(|token| token.role == Role::Punctuation || token.kind == Kind::Number);
    let labelled = at <= 9 && matches!(before.kind, Kind::Colon | Kind::Dash | Kind::Close);
    let adverb = before.kind == Kind::Comma && at <= 4;
    marks_only || labelled || adverb
}
