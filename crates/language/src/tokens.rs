//! From blocks to sentences of tokens. One sentence at a time, at most [`LONGEST`] tokens each, so that every later step is
//! bounded and the whole is linear in the length of the text.

use crate::{
    blocks::{Block, PieceKind},
    lexicon::{Classes, Lexicon, class},
};
use std::ops::Range;

/// After so many tokens a sentence is cut; nobody writes longer ones, but logs and hostile input do.
pub const LONGEST: usize = 160;
/// How far ahead a quotation mark looks for its partner, in bytes.
const QUOTE_REACH: usize = 600;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Word,
    Number,
    /// Code, an address, a file name: a thing with a name.
    Name,
    /// `@somebody`.
    Handle,
    Comma,
    Semicolon,
    Colon,
    Dash,
    Open,
    Close,
    Quote,
    /// The end of a sentence; `true` for a question mark is in [`Sentence::question`].
    End,
    /// More than one exclamation mark in a row, or one with a question mark.
    Shout,
    Other,
}

/// What a token does in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Noun,
    Verb,
    Adjective,
    Adverb,
    Determiner,
    Pronoun,
    Preposition,
    Conjunction,
    Subordinator,
    Modal,
    Auxiliary,
    To,
    Negation,
    Possessive,
    Punctuation,
}

/// One word or mark of a sentence.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// First byte in the source.
    pub start: usize,
    /// Byte after the last in the source.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// What it does; [`crate::roles`] decides.
    pub role: Role,
    /// Which word of the lexicon, 0 if unknown.
    pub id: u32,
    /// The verb it is a form of.
    pub lemma: u32,
    /// Classes of the spelling.
    pub classes: Classes,
    /// Classes of the verb.
    pub lemma_classes: Classes,
    /// Forms of a verb it can be.
    pub forms: u8,
    /// Between quotation marks.
    pub quoted: bool,
    /// The title of something linked.
    pub linked: bool,
    /// Begins with a capital.
    pub capital: bool,
}

impl Token {
    /// Whether the spelling is of one of the classes.
    pub fn is(&self, classes: Classes) -> bool {
        self.classes & classes != 0
    }
}

/// Tokens up to an end.
#[derive(Debug, Default)]
pub struct Sentence {
    /// In order.
    pub tokens: Vec<Token>,
    /// Ends with a question mark.
    pub question: bool,
    /// What occurs in it; for passing over phrases that cannot.
    pub sum: Sum,
}

/// What occurs somewhere in a sentence: classes exactly, words by a few bits of their number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    /// Classes of spellings.
    pub classes: Classes,
    /// Classes of verbs.
    pub lemma_classes: Classes,
    words: [u64; 4],
    lemmas: [u64; 4],
}

impl Sum {
    fn add(&mut self, token: &Token) {
        self.classes |= token.classes;
        self.lemma_classes |= token.lemma_classes;
        self.words[(token.id >> 6) as usize & 3] |= 1 << (token.id & 63);
        self.lemmas[(token.lemma >> 6) as usize & 3] |= 1 << (token.lemma & 63);
    }

    /// Whether the word may occur; it does not if this says no.
    pub fn may_have_word(&self, id: u32) -> bool {
        self.words[(id >> 6) as usize & 3] & (1 << (id & 63)) != 0
    }

    /// Whether a form of the verb may occur.
    pub fn may_have_lemma(&self, id: u32) -> bool {
        self.lemmas[(id >> 6) as usize & 3] & (1 << (id & 63)) != 0
    }
}

/// Cuts blocks into sentences.
#[derive(Debug)]
pub struct Tokenizer<'a> {
    source: &'a str,
    lexicon: &'a Lexicon,
    sentence: Sentence,
    quote_ends: usize,
    lower: String,
}

impl<'a> Tokenizer<'a> {
    /// For one source.
    pub fn new(source: &'a str, lexicon: &'a Lexicon) -> Self {
        Self { source, lexicon, sentence: Sentence::default(), quote_ends: 0, lower: String::new() }
    }

    /// Hands every sentence of a block to `take`.
    pub fn each(&mut self, block: &Block, mut take: impl FnMut(&mut Sentence)) {
        for (at, piece) in block.pieces.iter().enumerate() {
            match piece.kind {
                PieceKind::Code => self.name(piece.range.clone(), &mut take),
                PieceKind::Break => self.end(&mut take),
                PieceKind::Space => {}
                PieceKind::Text | PieceKind::Linked => {
                    // The end of a piece ends a word, but a sentence only if a space or nothing follows.
                    let follows = block.pieces.get(at + 1).map(|next| next.kind);
                    let open = matches!(follows, Some(PieceKind::Text | PieceKind::Linked | PieceKind::Code));
                    self.text(piece.range.clone(), piece.kind == PieceKind::Linked, open, &mut take);
                }
            }
        }
        self.end(&mut take);
    }

    fn end(&mut self, take: &mut impl FnMut(&mut Sentence)) {
        if !self.sentence.tokens.is_empty() {
            let mut sum = Sum::default();
            self.sentence.tokens.iter().for_each(|token| sum.add(token));
            self.sentence.sum = sum;
            take(&mut self.sentence);
        }
        self.sentence.tokens.clear();
        self.sentence.question = false;
    }

    fn name(&mut self, range: Range<usize>, take: &mut impl FnMut(&mut Sentence)) {
        self.push(range, Kind::Name, false, take);
    }

    fn text(&mut self, range: Range<usize>, linked: bool, open: bool, take: &mut impl FnMut(&mut Sentence)) {
        let (mut at, end) = (range.start, range.end);
        let text = &self.source[..end];
        while let Some(c) = text[at..].chars().next() {
            let next = at + c.len_utf8();
            if c.is_whitespace() || c == '\\' {
                at = next;
            } else if c.is_alphanumeric()
                || (matches!(c, '@' | '/' | '_' | '~' | '$' | '#') && begins_name(text, next))
            {
                at = self.word(text, at, linked, take);
            } else {
                at = self.mark(text, at, c, linked, open, take);
            }
        }
    }

    /// Reads what begins with a letter or digit up to the end of the word, and returns where it ended.
    fn word(
        &mut self,
        text: &str,
        start: usize,
        linked: bool,
        take: &mut impl FnMut(&mut Sentence),
    ) -> usize {
        let mut end = start;
        let mut technical = false;
        let address = text[start..].starts_with("http") || text[start..].starts_with(['/', '~']);
        let mut chars = text[start..].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            let joins = match c {
                '@' | '~' | '$' | '#' => at == 0 || next.is_some_and(char::is_alphanumeric),
                '_' | '=' | '&' | '%' | '+' => true,
                // “and/or” are two words; a path and an address are one name.
                '/' => at == 0 || address,
                '.' => next.is_some_and(|c| c.is_alphanumeric() || (address && c == '/')) && at > 0,
                // Two colons stand within addresses: “fe80::1”.
                ':' => {
                    let rest = &text[start + at + 1..];
                    let rest = rest.strip_prefix(':').unwrap_or(rest);
                    at > 0 && rest.starts_with(|c: char| c.is_alphanumeric() || (address && c == '/'))
                }
                '\'' | '’' => next.is_some_and(char::is_alphabetic),
                '-' => next.is_some_and(char::is_alphanumeric),
                other => other.is_alphanumeric(),
            };
            if !joins {
                break;
            }
            technical |= matches!(c, '_' | '/' | '=' | '.' | ':' | '$');
            end = start + at + c.len_utf8();
        }
        let spelling = &text[start..end];
        let kind = if spelling.starts_with('@') {
            Kind::Handle
        } else if is_address(spelling) || is_key(spelling) {
            Kind::Name
        } else if spelling.starts_with(|c: char| c.is_ascii_digit()) {
            Kind::Number
        } else if technical && !is_abbreviation(spelling) {
            Kind::Name
        } else {
            Kind::Word
        };
        if kind == Kind::Word {
            self.split(start..end, linked, take);
        } else {
            self.push(start..end, kind, linked, take);
        }
        end
    }

    /// Takes contractions apart: “didn’t” is “did” and “n’t”, “team’s” is “team” and “’s”.
    fn split(&mut self, range: Range<usize>, linked: bool, take: &mut impl FnMut(&mut Sentence)) {
        let spelling = &self.source[range.clone()];
        let apostrophe = spelling.rfind(['\'', '’']);
        let cut = apostrophe.and_then(|at| {
            let rest = spelling[at..].trim_start_matches(['\'', '’']);
            if rest.eq_ignore_ascii_case("t") {
                let before = spelling[..at].char_indices().next_back();
                before.filter(|(at, c)| matches!(c, 'n' | 'N') && *at > 0).map(|(at, _)| at)
            } else {
                ["s", "ve", "re", "ll", "d", "m"]
                    .iter()
                    .any(|ending| rest.eq_ignore_ascii_case(ending))
                    .then_some(at)
            }
        });
        if let Some(cut) = cut.filter(|cut| *cut > 0) {
            self.push(range.start..range.start + cut, Kind::Word, linked, take);
            self.push(range.start + cut..range.end, Kind::Word, linked, take);
        } else {
            self.push(range, Kind::Word, linked, take);
        }
    }

    fn mark(
        &mut self,
        text: &str,
        at: usize,
        c: char,
        linked: bool,
        open: bool,
        take: &mut impl FnMut(&mut Sentence),
    ) -> usize {
        let next = at + c.len_utf8();
        let kind = match c {
            '.' | '!' | '?' | '…' => return self.stop(text, at, open, take),
            ',' => Kind::Comma,
            ';' => Kind::Semicolon,
            ':' => Kind::Colon,
            '-' | '–' | '—' => Kind::Dash,
            '(' | '[' | '{' => Kind::Open,
            ')' | ']' | '}' => Kind::Close,
            '"' | '“' | '”' | '„' | '«' | '»' => {
                self.quote(text, at, c);
                Kind::Quote
            }
            _ => Kind::Other,
        };
        self.push(at..next, kind, linked, take);
        next
    }

    fn quote(&mut self, text: &str, at: usize, c: char) {
        if at < self.quote_ends {
            return;
        }
        let partner: &[char] = match c {
            '"' => &['"'],
            '“' | '„' => &['”', '“'],
            '«' => &['»'],
            _ => return,
        };
        let from = at + c.len_utf8();
        let mut to = (from + QUOTE_REACH).min(text.len());
        while !text.is_char_boundary(to) {
            to -= 1;
        }
        if let Some(found) = text[from..to].find(partner) {
            self.quote_ends = from + found + 1;
        }
    }

    /// A full stop or its kin: perhaps the end of a sentence.
    fn stop(&mut self, text: &str, at: usize, open: bool, take: &mut impl FnMut(&mut Sentence)) -> usize {
        let rest = &text[at..];
        let run = rest.find(|c: char| !matches!(c, '.' | '!' | '?' | '…')).unwrap_or(rest.len());
        let after = &rest[run..];
        let closing =
            after.find(|c: char| !matches!(c, '"' | '”' | ')' | ']' | '*' | '_')).unwrap_or(after.len());
        let follows = after[closing..].chars().find(|c| !c.is_whitespace());
        let spaced = after[closing..].chars().next().is_none_or(char::is_whitespace);
        let abbreviated = &rest[..run] == "."
            && self.sentence.tokens.last().is_some_and(|last| {
                let word = &self.source[last.start..last.end];
                is_abbreviation(word) || (word.len() == 1 && last.capital && word != "I")
            });
        let continues = follows.is_some_and(char::is_lowercase) && rest[..run].starts_with(['.', '…']);
        let (shouts, asks) = (rest[..run].matches('!').count(), rest[..run].contains('?'));
        let kind = if shouts > 1 || (shouts == 1 && asks) { Kind::Shout } else { Kind::End };
        self.push(at..at + run, kind, false, take);
        let goes_on = abbreviated || continues || (open && after[closing..].is_empty());
        let ends = spaced && !goes_on;
        if ends {
            self.sentence.question = asks;
            self.end(take);
        } else if kind == Kind::End
            && let Some(last) = self.sentence.tokens.last_mut()
        {
            last.kind = Kind::Other;
        }
        at + run
    }

    fn push(&mut self, range: Range<usize>, kind: Kind, linked: bool, take: &mut impl FnMut(&mut Sentence)) {
        let spelling = &self.source[range.clone()];
        let mut token = Token {
            start: range.start,
            end: range.end,
            kind,
            role: Role::Punctuation,
            id: 0,
            lemma: 0,
            classes: 0,
            lemma_classes: 0,
            forms: 0,
            quoted: range.start < self.quote_ends,
            linked,
            capital: spelling.starts_with(char::is_uppercase),
        };
        if matches!(kind, Kind::Word | Kind::Number) && spelling.len() <= 40 {
            self.lower.clear();
            for c in spelling.chars() {
                self.lower.extend(if c == '’' { '\''.to_lowercase() } else { c.to_lowercase() });
            }
            let mut word = self.lexicon.word(&self.lower);
            if word.id == 0
                && !spelling.ends_with(char::is_uppercase)
                && spelling.chars().any(char::is_lowercase)
                && let Some(known) = numbered(&self.lower)
            {
                word = self.lexicon.word(known);
            }
            if token.capital && word.classes == class::THING {
                // A capital makes no difference to a machine.
                token.capital = spelling.len() > 1;
            }
            (token.id, token.lemma, token.classes) = (word.id, word.lemma, word.classes);
            (token.lemma_classes, token.forms) = (word.lemma_classes, word.forms);
        }
        self.sentence.tokens.push(token);
        if self.sentence.tokens.len() >= LONGEST {
            self.end(take);
        }
    }
}

/// “team-member-1” and “engineer2” are a team member and an engineer.
fn numbered(spelling: &str) -> Option<&str> {
    let stem = spelling.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    (stem.len() < spelling.len() && stem.len() > 2).then_some(stem)
}

fn begins_name(text: &str, at: usize) -> bool {
    text[at..].starts_with(char::is_alphanumeric)
}

/// “10.1.2.3” and “fe80::1” are names of machines; “12:30” and “1.5” are numbers.
fn is_address(spelling: &str) -> bool {
    (spelling.contains('.') || spelling.contains(':')) && spelling.parse::<core::net::IpAddr>().is_ok()
}

/// Letters and digits mixed in one long piece: a key, a digest, the id of something.
fn is_key(spelling: &str) -> bool {
    let count = |of: fn(&u8) -> bool| spelling.bytes().filter(of).take(4).count();
    spelling.len() >= 16
        && (spelling.bytes().all(|byte| byte.is_ascii_alphanumeric())
            || spelling.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'))
        && count(u8::is_ascii_digit) > 1
        && count(u8::is_ascii_alphabetic) > 3
}

fn is_abbreviation(word: &str) -> bool {
    [
        "e.g", "i.e", "eg", "ie", "etc", "vs", "mr", "ms", "mrs", "dr", "approx", "inc", "cf", "al", "est",
        "u.s", "a.m", "p.m",
    ]
    .iter()
    .any(|known| word.eq_ignore_ascii_case(known))
}
