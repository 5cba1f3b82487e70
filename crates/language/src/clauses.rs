//! Verb groups of a sentence: “should have checked”, “did not notice”, “to renew”, with who is said to do it.

use crate::{
    lexicon::{class, form},
    subjects::{self, Who},
    tokens::{Role, Token},
};

/// How a verb group stands in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// With a subject and a time: “the operator noticed”.
    Finite,
    /// “to renew”.
    Infinitive,
    /// “checking”, “being removed”.
    Gerund,
    /// A participle without a helping verb: “introduced by the engineer”.
    Participle,
    /// A request: “improve the alerting”.
    Imperative,
}

/// A verb with its helpers.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// First token of the group.
    pub first: usize,
    /// The verb that carries the meaning.
    pub head: usize,
    /// Token after the last.
    pub end: usize,
    /// The modal's word, 0 if none; “needed to” and “ought to” count.
    pub modal: u32,
    /// have + participle.
    pub perfect: bool,
    /// be + participle, or a participle with “by”.
    pub passive: bool,
    /// be + -ing.
    pub progressive: bool,
    /// not, never, no subject.
    pub negated: bool,
    /// A form that tells of the past: “forgot”, “has forgotten”, “did not check”.
    pub past: bool,
    /// How it stands.
    pub mood: Mood,
    /// Whom or what the grammar makes its subject.
    pub subject: Who,
    /// Token of the subject's head, if it is in this sentence.
    pub subject_at: Option<usize>,
    /// Who acts: the subject of an active verb, the “by …” of a passive one.
    pub agent: Who,
    /// The relative pronoun that is its subject.
    pub relative: Option<usize>,
}

/// Words that a group asks for by identity.
#[derive(Debug, Clone, Copy)]
pub struct Anchors {
    /// “need”, as in “needed to have checked”.
    pub need: u32,
    /// “ought”.
    pub ought: u32,
    /// “by”.
    pub by: u32,
    /// “of”.
    pub of: u32,
    /// “who”.
    pub who: u32,
    /// “they” and “them”.
    pub they: [u32; 2],
    /// “our”.
    pub our: u32,
    /// “by accident”, “by hand”: ways, not people.
    pub ways: [u32; 6],
}

/// The verb groups of a sentence from left to right. `before` is whom the nearest noun before this sentence names.
pub fn groups(tokens: &[Token], anchors: &Anchors, before: Who, people: &subjects::People<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match group(tokens, at, anchors) {
            Some(group) => {
                at = group.end;
                groups.push(group);
            }
            None => at += 1,
        }
    }
    for index in 0..groups.len() {
        subjects::find(tokens, &mut groups, index, anchors, before, people);
    }
    subjects::lend_backwards(tokens, &mut groups);
    groups
}

fn group(tokens: &[Token], first: usize, anchors: &Anchors) -> Option<Group> {
    let token = &tokens[first];
    let mut group = Group {
        first,
        head: first,
        end: first + 1,
        modal: 0,
        perfect: false,
        passive: false,
        progressive: false,
        negated: false,
        past: false,
        mood: Mood::Finite,
        subject: Who::Nobody,
        subject_at: None,
        agent: Who::Nobody,
        relative: None,
    };
    match token.role {
        Role::Modal => {
            group.modal = token.id;
            let mut next = skip(tokens, first + 1, &mut group);
            if tokens.get(next).is_some_and(|token| matches!(token.role, Role::To))
                && token.id == anchors.ought
            {
                next = skip(tokens, next + 1, &mut group);
            } else if tokens.get(next).is_some_and(|token| token.role == Role::Pronoun) {
                // A question: “could we have seen it?”
                next = skip(tokens, next + 1, &mut group);
            }
            complete(tokens, next, group)
        }
        Role::To => {
            group.mood = Mood::Infinitive;
            let next = skip(tokens, first + 1, &mut group);
            complete(tokens, next, group)
        }
        Role::Auxiliary => {
            if token.forms & form::ING != 0 {
                group.mood = Mood::Gerund;
            }
            complete(tokens, first, group)
        }
        Role::Verb => {
            // “needed to have checked” speaks of a norm as “should have” does.
            let to = tokens.get(first + 1).is_some_and(|next| next.role == Role::To);
            if token.lemma == anchors.need && token.forms & form::PAST != 0 && to {
                let next = skip(tokens, first + 2, &mut group);
                if tokens.get(next).is_some_and(|next| next.is(class::HAVE)) {
                    group.modal = anchors.need;
                    return complete(tokens, next, group);
                }
            }
            group.past = token.forms & form::PAST != 0;
            if token.forms & form::ING != 0 {
                group.mood = Mood::Gerund;
            } else if first == 0 || tokens[..first].iter().all(|token| token.role == Role::Punctuation) {
                if token.forms & form::BASE != 0 {
                    group.mood = Mood::Imperative;
                }
            } else if token.forms & form::PARTICIPLE != 0 && by_follows(tokens, first + 1, anchors) {
                group.mood = Mood::Participle;
                group.passive = true;
            }
            Some(group)
        }
        _ => None,
    }
}

/// Reads helpers from `at` on until the verb that carries the meaning.
fn complete(tokens: &[Token], at: usize, mut group: Group) -> Option<Group> {
    let mut at = at;
    for _ in 0..6 {
        let token = tokens.get(at)?;
        let mut after = group;
        let next = skip(tokens, at + 1, &mut after);
        let follower = tokens.get(next);
        let participle = follower.is_some_and(is_participle);
        if token.is(class::HAVE) || is_short_have(token, follower) {
            let been = follower.is_some_and(|token| token.is(class::BE));
            if participle || been {
                group = Group { perfect: true, past: true, ..after };
                at = next;
                continue;
            }
            // “have we checked”: a question.
            return Some(ended(group, at, tokens));
        }
        if token.is(class::BE) || (token.role == Role::Auxiliary && !token.is(class::DO)) {
            let was = token.forms & form::PAST != 0;
            if follower.is_some_and(|token| token.is(class::BE)) {
                group = Group { past: group.past || was, ..after };
                at = next;
                continue;
            }
            if follower.is_some_and(|token| token.forms & form::ING != 0 && token.role == Role::Verb) {
                group = Group { progressive: true, past: group.past || was, ..after };
                return Some(ended(group, next, tokens));
            }
            if participle {
                group = Group { passive: true, past: group.past || was || group.perfect, ..after };
                return Some(ended(group, next, tokens));
            }
            group.past |= was;
            group.negated |= after.negated;
            return Some(ended(group, at, tokens));
        }
        if token.is(class::DO) {
            let did = token.forms & form::PAST != 0;
            if follower.is_some_and(|token| token.forms & form::BASE != 0) {
                group = Group { past: did, ..after };
                return Some(ended(group, next, tokens));
            }
            group.past |= did;
            return Some(ended(group, at, tokens));
        }
        return (token.forms != 0 || token.role == Role::Verb).then(|| ended(group, at, tokens));
    }
    None
}

fn ended(group: Group, head: usize, tokens: &[Token]) -> Group {
    let past = group.past
        || (group.modal == 0
            && tokens[head].forms & form::PAST != 0
            && group.mood == Mood::Finite
            && !group.progressive);
    Group { head, end: head + 1, past, ..group }
}

fn is_participle(token: &Token) -> bool {
    token.forms & form::PARTICIPLE != 0 || token.forms == 0 && token.role == Role::Verb
}

/// ’ve and ’d before a participle.
fn is_short_have(token: &Token, follower: Option<&Token>) -> bool {
    token.role == Role::Auxiliary
        && !token.is(class::BE | class::HAVE | class::DO)
        && token.forms == 0
        && token.end - token.start <= 4
        && follower.is_some_and(|follower| follower.forms & form::PARTICIPLE != 0)
}

/// Passes over adverbs and negations, and notes the latter.
fn skip(tokens: &[Token], from: usize, group: &mut Group) -> usize {
    let mut at = from;
    while let Some(token) = tokens.get(at) {
        match token.role {
            Role::Negation => group.negated = true,
            Role::Adverb => {}
            _ => break,
        }
        at += 1;
        if at > from + 4 {
            break;
        }
    }
    at
}

/// “introduced by”, “introduced last week by”; but in “deleted the index by hand” the verb has an object and is no participle.
fn by_follows(tokens: &[Token], from: usize, anchors: &Anchors) -> bool {
    let rest = &tokens[from.min(tokens.len())..];
    let object = rest.first().is_some_and(|next| {
        matches!(
            next.role,
            Role::Determiner | Role::Noun | Role::Pronoun | Role::Possessive | Role::Adjective
        )
    });
    let way = |at: usize| rest.get(at + 1).is_some_and(|next| anchors.ways.contains(&next.id));
    !object
        && rest
            .iter()
            .take(3)
            .take_while(|token| token.role != Role::Punctuation)
            .enumerate()
            .any(|(at, token)| token.id == anchors.by && !way(at))
}
