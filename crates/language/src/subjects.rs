//! Who is said to do a thing: the subject of a verb, looked for to its left across conjunctions, insertions and relative
//! clauses; the “by …” of a passive; and what a pronoun stands for.

use crate::{
    clauses::{Anchors, Group, Mood},
    lexicon::{class, form},
    tokens::{Kind, Role, Token},
};
use std::collections::HashSet;

/// How far to the right of a passive its “by …” is looked for, in tokens.
const BY_REACH: usize = 9;

/// Whom or what a noun names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// I, we, our team.
    Us,
    /// Somebody else, a role, a team, nobody in particular.
    Person,
    /// Customers and end users: never asked about omissions.
    Customer,
    /// People's work standing for them: “the analysis”.
    Activity,
    /// “they” with nobody before it, or a company: people where only people do such a thing.
    They,
    /// A name nobody knows.
    Unknown,
    /// A machine or anything else.
    Thing,
    /// There is no subject.
    Nobody,
}

/// Names that a workspace knows. A service's name is a machine's even if it is also a person's, unless written @name.
#[derive(Debug)]
pub struct People<'a> {
    /// The text the tokens point into.
    pub source: &'a str,
    /// Names of people and teams, lower case, single words.
    pub people: &'a HashSet<String>,
    /// Names of services, lower case.
    pub services: &'a HashSet<String>,
}

/// A noun phrase: its head and whether a preposition governs it.
#[derive(Debug, Clone, Copy)]
struct Noun {
    head: usize,
    governed: bool,
    by_of: bool,
    /// Opened by “no”.
    none: bool,
    closed: bool,
}

/// Finds the subject and the agent of one group; those to its left are found already.
pub fn find(
    tokens: &[Token],
    groups: &mut [Group],
    index: usize,
    anchors: &Anchors,
    before: Who,
    people: &People<'_>,
) {
    let (done, rest) = groups.split_at_mut(index);
    let group = &mut rest[0];
    if group.mood != Mood::Imperative {
        subject(tokens, done, group, anchors, before, people);
    }
    group.agent =
        if group.passive { by_agent(tokens, group, anchors, before, people) } else { group.subject };
}

/// A participle or gerund at the beginning has the subject of the clause that follows: “Trying to restore, an engineer …”.
pub fn lend_backwards(tokens: &[Token], groups: &mut [Group]) {
    let Some(main) =
        groups.iter().position(|group| group.mood == Mood::Finite && group.subject != Who::Nobody)
    else {
        return;
    };
    let (subject, at) = (groups[main].subject, groups[main].subject_at);
    for group in &mut groups[..main] {
        let comma = tokens[group.end..].iter().any(|token| token.kind == Kind::Comma);
        if group.subject == Who::Nobody && comma && matches!(group.mood, Mood::Gerund | Mood::Infinitive) {
            group.subject = subject;
            group.subject_at = at;
            if !group.passive {
                group.agent = subject;
            }
        }
    }
}

fn subject(
    tokens: &[Token],
    done: &[Group],
    group: &mut Group,
    anchors: &Anchors,
    before: Who,
    people: &People<'_>,
) {
    let mut left = group.first;
    while left > 0 {
        let token = &tokens[left - 1];
        match token.role {
            Role::Adverb => left -= 1,
            Role::Negation => {
                group.negated = true;
                left -= 1;
            }
            // “, however, failed”
            Role::Punctuation
                if token.kind == Kind::Comma
                    && left >= 3
                    && tokens[left - 2].role == Role::Adverb
                    && tokens[left - 3].kind == Kind::Comma =>
            {
                left -= 3;
            }
            _ => break,
        }
    }
    let Some(token) = left.checked_sub(1).map(|at| &tokens[at]) else { return };
    let previous = done.last();
    let carry = |group: &mut Group, from: Option<&Group>| {
        if let Some(from) = from {
            // “was changed, overwriting …”: whoever changed it overwrites, not what was changed.
            let acting = group.mood == Mood::Gerund && from.passive;
            group.subject = if acting { from.agent } else { from.subject };
            group.subject_at = from.subject_at.filter(|_| !acting);
        }
    };
    let finite = done
        .iter()
        .rev()
        .find(|other| other.mood == Mood::Finite && other.relative.is_none())
        .or_else(|| previous.filter(|other| other.mood != Mood::Gerund));
    match token.role {
        Role::Subordinator if token.is(class::RELATIVE) => {
            group.relative = Some(left - 1);
            let (who, at) = antecedent(tokens, left - 1, before, people, anchors);
            let human = token.id == anchors.who && !matches!(who, Who::Us | Who::Customer | Who::Person);
            group.subject = if human { Who::Person } else { who };
            group.subject_at = at;
            return;
        }
        Role::Conjunction => {
            // “noticed the level but failed to …”; after a passive, a bare participle is passive too.
            if let Some(other) = previous
                && other.passive
                && group.head == group.first
                && !tokens[group.head].is(class::BE)
            {
                group.passive = true;
                group.perfect |= other.perfect;
                group.modal = other.modal;
            }
            // “should have called and asked”
            if let Some(other) = previous
                && other.perfect
                && group.head == group.first
                && tokens[group.head].forms & form::PARTICIPLE != 0
            {
                group.perfect = true;
                group.modal = other.modal;
            }
            let same = done.iter().rev().find(|other| other.mood == group.mood).or(finite);
            return carry(group, same);
        }
        Role::Preposition if group.mood == Mood::Gerund => {
            // “the analysis for moving the data failed”: the noun goes on after the gerund.
            if left >= 2 && tokens[left - 2].role == Role::Noun {
                group.relative = Some(left - 1);
            }
            return carry(group, finite);
        }
        // “the developer writing the change misjudged”
        Role::Noun if group.mood == Mood::Gerund => group.relative = Some(left),
        // “the operator, who saw it, ignored it”; “was moved, overwriting …”
        Role::Punctuation
            if token.kind == Kind::Comma
                && (group.past || matches!(group.mood, Mood::Gerund | Mood::Participle)) =>
        {
            if let Some(resumed) = resumed(tokens, done, group, before, people, anchors) {
                (group.subject, group.subject_at) = resumed;
            } else if group.mood != Mood::Finite || previous.is_some_and(|other| other.mood == Mood::Finite) {
                carry(group, finite);
            }
            return;
        }
        _ => {}
    }
    if group.mood == Mood::Infinitive {
        return carry(group, previous);
    }
    let bound = previous.map_or(0, |other| other.end);
    let from = clause_start(tokens, bound, left);
    let nouns = nouns(tokens, from, left, anchors);
    let mut found = nouns.iter().rposition(|noun| !noun.governed).map(|at| (at, nouns[at]));
    // A relative clause in between: the noun before it is the subject.
    if from == bound
        && let Some(resumed) = resumed(tokens, done, group, before, people, anchors)
    {
        (group.subject, group.subject_at) = resumed;
        return;
    }
    // “Appointing a manager could have helped”: the appointing is the subject, not the manager.
    if let Some(other) = previous
        && other.mood == Mood::Gerund
        && other.relative.is_none()
        && from == bound
        && group.mood == Mood::Finite
        && opens_clause(tokens, other.first)
    {
        group.subject = Who::Thing;
        return;
    }
    if found.is_none() && group.mood == Mood::Participle {
        found = nouns.last().map(|noun| (nouns.len() - 1, *noun));
    }
    // “The contractor hired for the move lacked …”: the participle before belongs to the noun, which has its verb here.
    if found.is_none()
        && from == bound
        && group.mood == Mood::Finite
        && let Some(other) = previous
        && let Some(noun) = other.subject_at
        && other.head == other.first
        && tokens[other.head].forms & form::PARTICIPLE != 0
        && !tokens[noun.saturating_sub(3)..noun].iter().any(|token| token.is(class::RELATIVE))
    {
        group.subject = other.subject;
        group.subject_at = other.subject_at;
        return;
    }
    let Some((at, noun)) = found else { return };
    // “One of the engineers”: the people decide.
    let mut head = noun.head;
    if tokens[noun.head].is(class::PARTITIVE)
        && let Some(of) = nouns.get(at + 1)
        && of.by_of
    {
        head = of.head;
    }
    group.subject = who(tokens, head, before, people, anchors);
    group.subject_at = Some(head);
    // “Neither the reviewer nor the manager looked”
    let nor = (noun.head.saturating_sub(4)..noun.head).any(|at| spelled(people, &tokens[at], "nor"));
    let nobody = people.source[tokens[noun.head].start..tokens[noun.head].end].to_ascii_lowercase();
    if noun.none || nor || matches!(nobody.as_str(), "nobody" | "none" | "no-one" | "neither") {
        group.negated = true;
    }
}

/// The subject of the main clause after a relative one: “the engineer who saw the alert failed to …”.
fn resumed(
    tokens: &[Token],
    done: &[Group],
    group: &Group,
    before: Who,
    people: &People<'_>,
    anchors: &Anchors,
) -> Option<(Who, Option<usize>)> {
    if group.mood != Mood::Finite {
        return None;
    }
    let (at, relative) = done
        .iter()
        .enumerate()
        .rev()
        .take(3)
        .find_map(|(at, other)| other.relative.map(|pronoun| (at, pronoun)))?;
    let (who, head) = antecedent(tokens, relative, before, people, anchors);
    // If a verb stands before the antecedent already, or after it with it as its subject, the noun in between has a verb of its own.
    let taken = done[..at].iter().any(|other| other.mood == Mood::Finite && other.subject != Who::Nobody);
    let between = &tokens[relative..group.first];
    let joined = between.iter().any(|token| token.role == Role::Conjunction || token.kind == Kind::Semicolon);
    let resumed = head.is_some()
        && done[at + 1..]
            .iter()
            .any(|other| other.mood == Mood::Finite && other.relative.is_none() && other.subject_at == head);
    if taken || joined || resumed {
        return None;
    }
    Some((who, head))
}

/// Nothing, a mark or a subordinating word stands before it.
fn opens_clause(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| {
        matches!(tokens[before].role, Role::Punctuation | Role::Subordinator | Role::Adverb)
    })
}

/// What a relative pronoun stands for: the nearest noun before it.
fn antecedent(
    tokens: &[Token],
    pronoun: usize,
    before: Who,
    people: &People<'_>,
    anchors: &Anchors,
) -> (Who, Option<usize>) {
    let head = (pronoun.saturating_sub(4)..pronoun)
        .rev()
        .find(|at| matches!(tokens[*at].role, Role::Noun | Role::Pronoun));
    head.map_or((Who::Nobody, None), |head| (who(tokens, head, before, people, anchors), Some(head)))
}

/// Where the clause that ends at `left` begins: after a mark, a subordinating word, or the previous verb.
fn clause_start(tokens: &[Token], bound: usize, left: usize) -> usize {
    let mut at = left;
    while at > bound {
        let token = &tokens[at - 1];
        if token.kind == Kind::Close {
            let open = tokens[bound..at - 1].iter().rposition(|token| token.kind == Kind::Open);
            if let Some(open) = open {
                at = bound + open;
                continue;
            }
        }
        let mark = matches!(
            token.kind,
            Kind::Comma | Kind::Semicolon | Kind::Colon | Kind::Dash | Kind::Open | Kind::End
        );
        // “the team, after a long night, failed”: an insertion between commas belongs to the noun before it.
        if token.kind == Kind::Comma && at == left {
            at -= 1;
            continue;
        }
        if mark || matches!(token.role, Role::Subordinator | Role::Conjunction) {
            return at;
        }
        at -= 1;
    }
    bound
}

fn nouns(tokens: &[Token], from: usize, to: usize, anchors: &Anchors) -> Vec<Noun> {
    let mut nouns: Vec<Noun> = Vec::new();
    let mut preposition: Option<bool> = None;
    let mut determined = false;
    let mut none = false;
    let mut depth = 0_usize;
    for at in from..to {
        let token = &tokens[at];
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > 0 {
            continue;
        }
        match token.role {
            Role::Preposition => {
                preposition = Some(token.id == anchors.of);
                determined = false;
            }
            Role::Determiner => {
                determined = true;
                none = token.is(class::NEGATION);
                if let Some(last) = nouns.last_mut() {
                    last.closed = true;
                }
            }
            Role::Noun | Role::Pronoun => {
                let adjacent = at > 0
                    && nouns.last().is_some_and(|last| {
                        !last.closed
                            && (last.head + 1..at).all(|between| {
                                matches!(
                                    tokens[between].role,
                                    Role::Adjective | Role::Possessive | Role::Noun
                                ) || tokens[between].kind == Kind::Dash
                                    || tokens[between].kind == Kind::Other
                            })
                    });
                let own = token.role == Role::Pronoun || token.kind == Kind::Handle;
                // “At noon Ana copied …”: a name after a common noun begins anew.
                let name =
                    token.capital && at > 0 && tokens[at - 1].role == Role::Noun && !tokens[at - 1].capital;
                if adjacent && preposition.is_none() && !own && !name {
                    if let Some(last) = nouns.last_mut() {
                        last.head = at;
                    }
                } else {
                    let governed = preposition.is_some();
                    let by_of = preposition == Some(true);
                    nouns.push(Noun { head: at, governed, by_of, none: none && determined, closed: own });
                }
                preposition = None;
                determined = false;
            }
            _ => {}
        }
    }
    nouns
}

fn by_agent(tokens: &[Token], group: &Group, anchors: &Anchors, before: Who, people: &People<'_>) -> Who {
    let to = (group.end + BY_REACH).min(tokens.len());
    let way = |at: usize| tokens.get(at + 1).is_some_and(|next| anchors.ways.contains(&next.id));
    let Some(by) = (group.end..to).find(|at| tokens[*at].id == anchors.by && !way(*at)) else {
        return Who::Nobody;
    };
    if (group.end..by).any(|at| matches!(tokens[at].kind, Kind::Comma | Kind::Semicolon | Kind::End)) {
        return Who::Nobody;
    }
    let end = (by + 1..(by + 8).min(tokens.len()))
        .find(|at| {
            !matches!(
                tokens[*at].role,
                Role::Determiner
                    | Role::Adjective
                    | Role::Noun
                    | Role::Pronoun
                    | Role::Possessive
                    | Role::Adverb
            )
        })
        .unwrap_or((by + 8).min(tokens.len()));
    let Some(noun) = nouns(tokens, by + 1, end, anchors).first().copied() else { return Who::Nobody };
    // “by two of the engineers”: the people decide.
    let counted = tokens[noun.head].is(class::PARTITIVE)
        && tokens.get(end).is_some_and(|next| end == noun.head + 1 && next.id == anchors.of);
    let of_whom = counted
        .then(|| nouns(tokens, end + 1, (end + 6).min(tokens.len()), anchors).first().copied())
        .flatten();
    who(tokens, of_whom.unwrap_or(noun).head, before, people, anchors)
}

/// Whom the word at `at` names.
pub fn who(tokens: &[Token], at: usize, before: Who, people: &People<'_>, anchors: &Anchors) -> Who {
    let token = &tokens[at];
    if token.kind == Kind::Handle {
        return Who::Person;
    }
    if token.kind != Kind::Word {
        return Who::Thing;
    }
    let spelling = people.source[token.start..token.end].to_lowercase();
    if people.services.contains(&spelling) {
        return Who::Thing;
    }
    if people.people.contains(&spelling) {
        return Who::Person;
    }
    if token.is(class::US) {
        return Who::Us;
    }
    if token.is(class::PERSON_PRONOUN | class::ANYBODY) || spelling == "you" {
        return Who::Person;
    }
    if anchors.they.contains(&token.id) {
        return they(tokens, at, before, people, anchors);
    }
    if token.role == Role::Pronoun {
        return if spelling == "one"
            && at + 1 < tokens.len()
            && at > 0
            && spelled(people, &tokens[at - 1], "no")
        {
            Who::Person
        } else {
            Who::Thing
        };
    }
    let modifier = at.checked_sub(1).map(|at| &tokens[at]);
    if token.is(class::ORGANISATION) && !token.is(class::PERSON) {
        return Who::They;
    }
    if token.is(class::PERSON) {
        return match modifier {
            // A member of a cluster and an operator of Kubernetes are machines.
            Some(before) if before.is(class::THING) && is_ambiguous(&spelling) => Who::Thing,
            Some(before)
                if is_ambiguous(&spelling)
                    && before.role == Role::Noun
                    && before.capital
                    && before.id == 0 =>
            {
                Who::Thing
            }
            _ if ours(tokens, at, anchors) => Who::Us,
            _ => Who::Person,
        };
    }
    if token.is(class::CUSTOMER) {
        return Who::Customer;
    }
    if token.capital && token.is(class::GIVEN_NAME) {
        return Who::Person;
    }
    if token.is(class::ACTIVITY) {
        return Who::Activity;
    }
    // “Team X” and “Engineer B” are people by their first word.
    if token.end - token.start <= 2
        && token.capital
        && modifier.is_some_and(|before| before.is(class::PERSON) && before.role == Role::Noun)
    {
        return Who::Person;
    }
    // “Ana Lindqvist” and “Sam K” are people by their first word.
    if token.capital && modifier.is_some_and(|before| before.capital && before.is(class::GIVEN_NAME)) {
        return Who::Person;
    }
    if token.capital && token.id == 0 && at > 0 { Who::Unknown } else { Who::Thing }
}

fn spelled(people: &People<'_>, token: &Token, word: &str) -> bool {
    people.source[token.start..token.end].eq_ignore_ascii_case(word)
}

fn is_ambiguous(spelling: &str) -> bool {
    matches!(
        spelling,
        "member" | "members" | "operator" | "operators" | "owner" | "lead" | "leads" | "person"
    )
}

/// “our team”: us. “Our colleague” and “one of our engineers” are somebody else.
fn ours(tokens: &[Token], at: usize, anchors: &Anchors) -> bool {
    tokens[at].is(class::COLLECTIVE)
        && (at.saturating_sub(4)..at)
            .rev()
            .take_while(|at| matches!(tokens[*at].role, Role::Noun | Role::Adjective | Role::Determiner))
            .any(|at| tokens[at].id == anchors.our)
}

/// “they” is whoever the nearest noun before it that could be many names; people only if that noun does.
fn they(tokens: &[Token], at: usize, before: Who, people: &People<'_>, anchors: &Anchors) -> Who {
    match last_of_many(&tokens[..at], people) {
        Some(noun) => match who(tokens, noun, before, people, anchors) {
            Who::Us => Who::Person,
            other => other,
        },
        None if before == Who::Nobody => Who::They,
        None => before,
    }
}

/// The last noun in plural, or of a group: what “they” can stand for.
fn last_of_many(tokens: &[Token], people: &People<'_>) -> Option<usize> {
    let from = tokens.len().saturating_sub(40);
    (from..tokens.len()).rev().find(|at| {
        let token = &tokens[*at];
        let spelling = &people.source[token.start..token.end];
        let many = spelling.ends_with('s') || token.is(class::PERSON | class::CUSTOMER | class::ORGANISATION);
        let modifies = tokens.get(at + 1).is_some_and(|next| next.role == Role::Noun);
        token.role == Role::Noun && token.kind == Kind::Word && many && !modifies
    })
}

/// Whom a pronoun in the next sentence can stand for.
pub fn last_named(tokens: &[Token], before: Who, people: &People<'_>, anchors: &Anchors) -> Who {
    last_of_many(tokens, people).map_or(before, |at| who(tokens, at, before, people, anchors))
}
