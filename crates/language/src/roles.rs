//! What each word of a sentence does: a light tagger that settles only what the reading of clauses asks for.

use crate::{
    lexicon::{class, form},
    tokens::{Kind, Role, Token},
};

/// Gives every token of a sentence its role. Looks at most a few words around, so it is linear.
pub fn assign(tokens: &mut [Token], source: &str) {
    for at in 0..tokens.len() {
        let role = role(tokens, at, source);
        tokens[at].role = role;
    }
}

fn role(tokens: &[Token], at: usize, source: &str) -> Role {
    let token = &tokens[at];
    match token.kind {
        Kind::Word => {}
        Kind::Name | Kind::Handle => return Role::Noun,
        Kind::Number => return if followed_by_noun(tokens, at) { Role::Adjective } else { Role::Noun },
        _ => return Role::Punctuation,
    }
    let spelling = &source[token.start..token.end];
    if spelling.starts_with(['\'', '’']) {
        let ending = spelling.trim_start_matches(['\'', '’']).to_ascii_lowercase();
        return match ending.as_str() {
            "ll" => Role::Modal,
            "d" if next_forms(tokens, at) & form::PARTICIPLE != 0 => Role::Auxiliary,
            "d" => Role::Modal,
            "s" if previous(tokens, at)
                .is_some_and(|before| before.is(class::PRONOUN) && !before.is(class::ANYBODY)) =>
            {
                Role::Auxiliary
            }
            "s" => Role::Possessive,
            _ => Role::Auxiliary,
        };
    }
    if token.is(class::NEGATION) {
        // “no” before a noun is a determiner; it negates all the same. “Neither of the two” stands for people or things.
        let of =
            next_word(tokens, at).is_some_and(|next| source[next.start..next.end].eq_ignore_ascii_case("of"));
        return match token.is(class::DETERMINER) {
            true if of => Role::Pronoun,
            true => Role::Determiner,
            false => Role::Negation,
        };
    }
    if token.is(class::MODAL) {
        return Role::Modal;
    }
    if token.is(class::BE | class::HAVE | class::DO) {
        return Role::Auxiliary;
    }
    if spelling.eq_ignore_ascii_case("to") {
        let base = next_word(tokens, at)
            .is_some_and(|next| next.forms & form::BASE != 0 || next.is(class::BE | class::HAVE));
        return if base { Role::To } else { Role::Preposition };
    }
    if token.is(class::RELATIVE) {
        return if spelling.eq_ignore_ascii_case("that") && at > 0 && determines(tokens, at) {
            Role::Determiner
        } else {
            Role::Subordinator
        };
    }
    if token.is(class::PRONOUN) && !(token.is(class::DETERMINER) && followed_by_noun(tokens, at)) {
        return Role::Pronoun;
    }
    if token.is(class::DETERMINER) {
        return if followed_by_nominal(tokens, at) { Role::Determiner } else { Role::Pronoun };
    }
    if token.is(class::SUBORDINATOR) && !token.is(class::PREPOSITION | class::CONJUNCTION) {
        return Role::Subordinator;
    }
    if token.is(class::CONJUNCTION) {
        return Role::Conjunction;
    }
    if token.is(class::PREPOSITION) {
        return Role::Preposition;
    }
    if token.is(class::NUMBER) {
        return if followed_by_noun(tokens, at) { Role::Adjective } else { Role::Noun };
    }
    if token.is(class::ADVERB) && token.forms == 0 {
        return Role::Adverb;
    }
    if token.forms != 0 {
        return verb_or_not(tokens, at);
    }
    if token.is(class::ADJECTIVE) {
        return Role::Adjective;
    }
    if token.is(class::PERSON
        | class::CUSTOMER
        | class::THING
        | class::GIVEN_NAME
        | class::ACTIVITY
        | class::ORGANISATION)
    {
        return Role::Noun;
    }
    by_ending(tokens, at, spelling)
}

/// A word that can be a verb: is it one here?
fn verb_or_not(tokens: &[Token], at: usize) -> Role {
    let token = &tokens[at];
    let before = before_adverbs(tokens, at);
    // “The engineer responsible failed”: an adjective behind its noun describes nothing that follows.
    let behind_noun = at >= 2 && tokens[at - 1].role == Role::Adjective && tokens[at - 2].role == Role::Noun;
    let nominal_before = before.is_some_and(|before| {
        matches!(before.role, Role::Determiner | Role::Possessive)
            || (before.role == Role::Adjective && !behind_noun)
            || (before.role == Role::Preposition && token.forms & form::ING == 0)
    });
    let verbal_before = before.is_some_and(|before| {
        matches!(before.role, Role::Modal | Role::To | Role::Auxiliary)
            || (before.role == Role::Pronoun && !before.is(class::ANYBODY & !class::PERSON))
            || before.role == Role::Negation
    });
    if verbal_before {
        return Role::Verb;
    }
    if token.forms & form::ING != 0 {
        return match before {
            Some(before) if matches!(before.role, Role::Determiner | Role::Possessive) => Role::Noun,
            Some(before) if before.role == Role::Adjective => Role::Noun,
            _ => Role::Verb,
        };
    }
    let past = token.forms & (form::PAST | form::PARTICIPLE) != 0 && token.forms & form::BASE == 0;
    if nominal_before {
        return if past { Role::Adjective } else { Role::Noun };
    }
    let described = at >= 3
        && tokens[at - 1].role == Role::Conjunction
        && (tokens[at - 2].role == Role::Adjective || tokens[at - 3].role == Role::Determiner);
    if past && described && followed_by_noun(tokens, at) {
        // “a slight and overlooked difference”
        return Role::Adjective;
    }
    if past {
        // “automatically scaled nodes failed”: an adjective if nothing stands before it and a noun with its verb follows.
        return Role::Verb;
    }
    let listed_noun = token.is(class::PERSON | class::CUSTOMER | class::THING | class::ACTIVITY);
    let Some(before) = before else {
        // First in its sentence: a request if something follows that a noun would not have after it.
        return if opens_object(tokens, at) || !listed_noun && token.forms & form::BASE != 0 {
            Role::Verb
        } else {
            Role::Noun
        };
    };
    if matches!(before.role, Role::Conjunction | Role::Punctuation) {
        return if opens_object(tokens, at) { Role::Verb } else { Role::Noun };
    }
    if before.role == Role::Noun {
        let present = token.forms & form::PRESENT != 0;
        let opens = opens_object(tokens, at);
        // “cut”, “set”, “put” tell of the past too; an adverb in between makes a verb likely.
        let both = token.forms & form::PAST != 0;
        let adverb = previous(tokens, at).is_some_and(|before| before.role == Role::Adverb);
        return if opens && (present || both || adverb || plural(before)) { Role::Verb } else { Role::Noun };
    }
    if before.role == Role::Subordinator { Role::Verb } else { Role::Noun }
}

fn plural(token: &Token) -> bool {
    token.forms & form::PRESENT != 0 || token.is(class::PERSON | class::CUSTOMER)
}

/// Whether what follows can be the object or complement of a verb.
fn opens_object(tokens: &[Token], at: usize) -> bool {
    next_word(tokens, at).is_some_and(|next| {
        next.is(class::DETERMINER
            | class::PRONOUN
            | class::SUBORDINATOR
            | class::ADVERB
            | class::ADJECTIVE
            | class::NUMBER)
            || next.is(class::PREPOSITION)
            || next.kind == Kind::Name
            || next.forms & (form::PARTICIPLE | form::ING) != 0
    })
}

fn by_ending(tokens: &[Token], at: usize, spelling: &str) -> Role {
    let ends = |endings: &[&str]| endings.iter().any(|ending| spelling.ends_with(ending));
    if spelling.len() > 4 && ends(&["ly"]) {
        Role::Adverb
    } else if spelling.len() > 4 && ends(&["ed"]) {
        let nominal = before_adverbs(tokens, at).is_some_and(|before| {
            matches!(before.role, Role::Determiner | Role::Adjective | Role::Possessive | Role::Preposition)
        });
        if nominal { Role::Adjective } else { Role::Verb }
    } else if spelling.len() > 5
        && ends(&["able", "ible", "ive", "ous", "ful", "less", "ical", "ic", "ary"])
        && followed_by_noun(tokens, at)
    {
        Role::Adjective
    } else {
        Role::Noun
    }
}

fn previous(tokens: &[Token], at: usize) -> Option<&Token> {
    at.checked_sub(1).and_then(|at| tokens.get(at))
}

/// The token to the left, adverbs left out; they have their roles already.
fn before_adverbs(tokens: &[Token], at: usize) -> Option<&Token> {
    tokens[..at].iter().rev().take(4).find(|token| token.role != Role::Adverb)
}

fn next_word(tokens: &[Token], at: usize) -> Option<&Token> {
    tokens
        .get(at + 1)
        .filter(|next| matches!(next.kind, Kind::Word | Kind::Number | Kind::Name | Kind::Handle))
}

fn next_forms(tokens: &[Token], at: usize) -> u8 {
    next_word(tokens, at).map_or(0, |next| next.forms)
}

fn followed_by_noun(tokens: &[Token], at: usize) -> bool {
    next_word(tokens, at).is_some_and(|next| {
        let closed = class::PREPOSITION
            | class::CONJUNCTION
            | class::SUBORDINATOR
            | class::MODAL
            | class::BE
            | class::HAVE;
        let closed =
            closed | class::DO | class::PRONOUN | class::DETERMINER | class::NEGATION | class::ADVERB;
        !next.is(closed)
            && (next.forms == 0
                || next.forms & (form::BASE | form::PARTICIPLE | form::ING | form::PRESENT) != 0)
    })
}

fn followed_by_nominal(tokens: &[Token], at: usize) -> bool {
    next_word(tokens, at).is_some_and(|next| {
        let closed =
            class::CONJUNCTION | class::SUBORDINATOR | class::MODAL | class::BE | class::HAVE | class::DO;
        next.is(class::ADVERB | class::ADJECTIVE | class::NUMBER) || !next.is(closed | class::PREPOSITION)
    })
}

/// “that” before a plain noun: “that engineer”, but not “the script that deletes”.
fn determines(tokens: &[Token], at: usize) -> bool {
    let after_preposition = previous(tokens, at).is_some_and(|before| before.role == Role::Preposition);
    after_preposition && followed_by_noun(tokens, at)
}
