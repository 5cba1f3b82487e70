//! Does a pattern of a rule hold in a sentence, and where?

use crate::{
    clauses::{Group, Mood},
    lexicon::{Classes, class},
    rules::{Guard, MoodName, Pattern, Whom},
    subjects::Who,
    tokens::{Kind, Role, Sentence, Token},
};

/// Where a pattern holds.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    /// First token.
    pub from: usize,
    /// Token after the last.
    pub to: usize,
    /// Who is spoken of.
    pub who: Who,
}

/// The first place where a pattern holds.
pub fn find(pattern: &Pattern, sentence: &Sentence, groups: &[Group]) -> Option<Match> {
    let tokens = &sentence.tokens;
    let unless = || {
        pattern
            .unless
            .iter()
            .any(|phrase| phrase.possible(&sentence.sum) && phrase.find(tokens, 0, tokens.len()).is_some())
    };
    let fragment = || !groups.iter().any(|group| group.mood == Mood::Finite && group.relative.is_none());
    if pattern.told.fragment.is_some_and(|asked| asked != fragment()) {
        return None;
    }
    let found = if pattern.phrases.is_empty() {
        groups.iter().find_map(|group| in_group(pattern, sentence, group))
    } else {
        pattern.phrases.iter().filter(|phrase| phrase.possible(&sentence.sum)).find_map(|phrase| {
            phrase.each(tokens).find_map(|(from, to)| {
                let to = to.max(from + 1).min(tokens.len());
                let found = Match { from, to, who: near(tokens, groups, from, to) };
                let allowed = open(tokens, from, to) && unguarded(pattern, sentence, None, from, to);
                (allowed && fits_whom(pattern, groups, from, to)).then_some(found)
            })
        })
    };
    found.filter(|_| !unless())
}

/// A phrase with `subject` or `agent` asks for a verb group that overlaps it, or else for the last one before it.
fn fits_whom(pattern: &Pattern, groups: &[Group], from: usize, to: usize) -> bool {
    let told = &pattern.told;
    if told.subject.is_empty() && told.agent.is_empty() {
        return true;
    }
    let beside = groups.iter().rev().find(|group| group.end <= from && from - group.end < 8);
    let over = groups.iter().filter(|group| group.first < to && group.end > from);
    let mut over = over.peekable();
    let alone = if over.peek().is_none() { beside } else { None };
    if over.peek().is_none() && alone.is_none() {
        return holds(&told.subject, Who::Nobody, 0) && holds(&told.agent, Who::Nobody, 0);
    }
    over.chain(alone)
        .any(|group| holds(&told.subject, group.subject, 0) && holds(&told.agent, group.agent, 0))
}

/// Who is spoken of in a phrase: whoever it names, or the agent of a verb in it.
fn near(tokens: &[Token], groups: &[Group], from: usize, to: usize) -> Who {
    let inside = &tokens[from..to];
    if inside.iter().any(|token| token.is(class::OUR)) {
        return Who::Us;
    }
    if inside.iter().any(|token| token.is(class::THEIR | class::PERSON)) {
        return Who::Person;
    }
    let inside = groups.iter().find(|group| group.first < to && group.end > from);
    inside.map_or(Who::Nobody, |group| if group.passive { group.agent } else { group.subject })
}

fn in_group(pattern: &Pattern, sentence: &Sentence, group: &Group) -> Option<Match> {
    let told = &pattern.told;
    let tokens = &sentence.tokens;
    let head = &tokens[group.head];
    let flags = [
        (told.perfect, group.perfect),
        (told.passive, group.passive),
        (told.progressive, group.progressive),
        (told.negated, group.negated),
        (told.past, group.past),
    ];
    if flags.iter().any(|(asked, is)| asked.is_some_and(|asked| asked != *is)) {
        return None;
    }
    if !told.mood.is_empty() && !told.mood.iter().any(|mood| is_mood(*mood, group.mood)) {
        return None;
    }
    if told.opens.is_some_and(|opens| {
        opens
            != tokens[..group.first]
                .iter()
                .all(|token| matches!(token.role, Role::Punctuation | Role::Adverb))
    }) {
        return None;
    }
    if pattern.verb.as_ref().is_some_and(|verb| !verb.has(head)) {
        return None;
    }
    match &pattern.modal {
        Some(modal) => {
            // The modal of a joined verb stands before the first one.
            let token = tokens.iter().find(|token| token.id == group.modal || token.lemma == group.modal);
            if group.modal == 0 || !token.is_some_and(|token| modal.has(token)) {
                return None;
            }
        }
        None if told.perfect == Some(true) && group.modal != 0 => return None,
        None => {}
    }
    let words = head.lemma_classes;
    if !holds(&told.subject, group.subject, words) || !holds(&told.agent, group.agent, words) {
        return None;
    }
    let mut to = group.end;
    if let Some(adverb) = &pattern.adverb {
        let at = adverb_at(tokens, group, adverb)?;
        to = to.max(at + 1);
    }
    if !pattern.after.is_empty() {
        let found = pattern.after.iter().find_map(|phrase| {
            let reach = (group.end + told.within + 1).min(tokens.len());
            // Behind a semicolon something else is spoken of.
            let stop =
                (group.end..reach).find(|at| matches!(tokens[*at].kind, Kind::Semicolon | Kind::Colon));
            let (_, end) = phrase.find(tokens, group.end, stop.unwrap_or(reach))?;
            Some(end)
        })?;
        to = to.max(found);
    }
    let from = group.first;
    let who = if group.passive { group.agent } else { group.subject };
    (open(tokens, from, to) && unguarded(pattern, sentence, Some(group), from, to)).then_some(Match {
        from,
        to,
        who,
    })
}

/// An adverb before, in or right behind the group, or behind its object.
fn adverb_at(tokens: &[Token], group: &Group, adverb: &crate::phrases::AnyOf) -> Option<usize> {
    let from = group.first.saturating_sub(2);
    let before = (from..group.end).find(|at| adverb.has(&tokens[*at]) && tokens[*at].kind == Kind::Word);
    before.or_else(|| {
        (group.end..(group.end + 6).min(tokens.len()))
            .take_while(|at| {
                tokens[*at].role != Role::Punctuation
                    && !matches!(
                        tokens[*at].role,
                        Role::Conjunction | Role::Subordinator | Role::Modal | Role::Auxiliary
                    )
            })
            .find(|at| adverb.has(&tokens[*at]))
    })
}

fn is_mood(name: MoodName, mood: Mood) -> bool {
    matches!(
        (name, mood),
        (MoodName::Finite, Mood::Finite)
            | (MoodName::Infinitive, Mood::Infinitive)
            | (MoodName::Gerund, Mood::Gerund)
            | (MoodName::Participle, Mood::Participle)
            | (MoodName::Imperative, Mood::Imperative)
    )
}

fn holds(asked: &[Whom], who: Who, verb: Classes) -> bool {
    asked.is_empty()
        || asked.iter().any(|whom| match (whom, who) {
            (Whom::Person | Whom::Us, Who::Us)
            | (Whom::Person | Whom::Other, Who::Person)
            | (Whom::Named, Who::Unknown)
            | (Whom::Customer, Who::Customer)
            | (Whom::Activity, Who::Activity)
            | (Whom::Group, Who::They)
            | (Whom::Nobody, Who::Nobody)
            | (Whom::Thing, Who::Thing | Who::Unknown) => true,
            // “they” and unknown names are people if only people do such a thing.
            (Whom::Person | Whom::Other, Who::They) => verb & class::MENTAL != 0,
            (Whom::Person | Whom::Other, Who::Unknown) => verb & class::ONLY_PEOPLE != 0,
            _ => false,
        })
}

/// Not in somebody else's words.
fn open(tokens: &[Token], from: usize, to: usize) -> bool {
    let inside = &tokens[from..to.min(tokens.len())];
    !inside.iter().any(|token| token.quoted && token.kind != Kind::Quote)
        && !inside.iter().all(|token| token.linked)
}

fn unguarded(pattern: &Pattern, sentence: &Sentence, group: Option<&Group>, from: usize, to: usize) -> bool {
    let tokens = &sentence.tokens;
    let left = |reach: usize, classes: Classes| {
        tokens[from.saturating_sub(reach)..from]
            .iter()
            .rev()
            .take_while(|token| {
                !matches!(token.kind, Kind::Comma | Kind::Semicolon | Kind::Colon | Kind::End | Kind::Open)
            })
            .any(|token| token.is(classes) || token.lemma_classes & classes != 0)
    };
    let right = |reach: usize, classes: Classes| {
        tokens[to.min(tokens.len())..(to + reach).min(tokens.len())]
            .iter()
            .any(|token| token.is(classes) || token.lemma_classes & classes != 0)
    };
    !pattern.told.guards.iter().any(|guard| match guard {
        Guard::Design => left(7, class::GUARD),
        Guard::Assumed => left(6, class::ASSUME) || right(5, class::ASSUME),
        Guard::Conditional => left(10, class::HYPOTHETICAL),
        Guard::Negated => group.is_some_and(|group| group.negated) || left(4, class::NEGATION),
        Guard::Question => sentence.question,
        Guard::Generic => match group {
            Some(group) => group.modal != 0 && !group.perfect,
            None => tokens[from.saturating_sub(4)..from].iter().any(|token| token.role == Role::Modal),
        },
        Guard::Luck => tokens.iter().any(|token| token.is(class::LUCK)),
        Guard::Past => group.is_some_and(|group| group.past),
        Guard::Name => from > 0 && tokens[from].capital,
    })
}
