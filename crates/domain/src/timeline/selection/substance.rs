//! What somebody does by saying something: observes, supposes, rules out, acts, decides, tells others, ends it.
//!
//! [`phrases`](super::phrases) knows turns of speech; people talk about incidents in more ways than a list can
//! hold. So here a sentence is weighed by classes of words: what happens to a system, what somebody does to it,
//! measures and names of parts, against small talk, questions, and telling that one is about to look. What weighs
//! enough says something that a reader later would miss. These events matter least when an hour is crowded.

use super::{
    Candidate, parts, phrases,
    story::{Record, Story},
    title,
};
use crate::timeline::EventKind;
use std::sync::LazyLock;

/// What a sentence has to weigh.
const ENOUGH: i32 = 3;

/// Stems of what happens to systems when something is wrong. A stem ends with `*`; a word stands for itself.
const TROUBLE: &str = "stop* drop* fail* reject* refus* missing empty lost lose losing loses stuck freez* froz* down error* slow* \
    behind lag* exhaust* full evict* suspend* hang* broke* broken wrong incomplete unusable timeout* leak* spik* climb* \
    pressure starv* storm overheat* unreachable crash* corrupt* stale delay* delayed outage expired mask* masked rotated \
    blank nothing zero dead loop* thrott* block* reset* degrad* backlog unavailable duplicate* flood* overload* undeliver* \
    bad invalid unannounced skew* drift* off hides hidden swap* oom killed zombie deadlock* denied forbidden same cannot";

/// Stems of getting better.
const BETTER: &str = "back ok okay fine green normal baseline clear* recover* sync current stable complete* fluid works work \
    working opens open full again falling fell drain* drained catching rejoin* rejoined healthy quick done restored empty \
    correct good through succeed* resum* quiet caught alive lift* returns steady success* available";

/// Stems of what people do to systems.
const DEEDS: &str = "cordon* uncordon* mov* drop* switch* delet* clean* restart* reboot* import* unmask* mask* shut* stop* copy \
    copied copies return* put fix* install* swap* enabl* disabl* trust* add* remov* rebuild* rebuilt rotat* renew* clear* flush* \
    scal* rais* lower* revert* roll* deploy* config* patch* block* unblock* pin* drain* kill* paus* resum* rerout* \
    redirect* promot* taking take took taken page* paged replac* unplug* plug* throttl* limit* bump* reset* repair* \
    replay* requeu* re-run rerun* backfill* purg* truncat* extend* enlarg* isolat* detach* attach* change* changed turn* set";

/// Words by which people settle something.
const SETTLING: &str = "agree agreed agrees decided decide decision chosen choose chose accepted accept option options going instead \
    rather keep keeping stays staying leave leaving hold tonight until because";

/// Words by which people reason about causes.
const REASONS: &str = "because due since explains explain therefore thus hence unrelated cause caused causes suspicion suspect \
    hypothesis theory guess rule ruled never attack means not neither turns thinks traced scratch predates matches culprit why";

/// Words of telling people outside, and of what they do meanwhile.
const TELLING: &str = "told tell inform* informed notif* message* wrote write phone* called customers customer users branch branches \
    managers operators control room support status sign banner desks clinics partners passengers paper hand page* \
    announced email* mail* letter readers tenants readers merchants vendor provider finance";

/// Words of ending it.
const ENDING: &str = "closing close closed closes wrapping calling end ending finish finished done over stand standing resolved resolving \
    conclude wrap";

/// Words of who does what.
const ROLES: &str = "coordinate coordinating lead leading charge care paged page on-call oncall handing hand takes driving drive \
    scribe comms incident";

/// What is only talk: greetings, thanks, jokes.
const SOCIAL: &str = "hi hello hey morning evening night gn thanks thank ta lol haha nice great super cool sorry please yay wow huh oh ah \
    hm hmm ugh welcome cheers congrats appreciated hope coffee lunch espresso cake weekend beer standup kudos interesting weird \
    classic heaven sake yup yep nope ditto btw fyi";

/// About to look, or looking: no outcome yet.
const LOOKING: &str = "looking look checking check testing test reading read watching watch hunting pulling digging trying try wait \
    moment sec minute reading scrollback investigating asking going through";

/// Words that only suppose.
const SUPPOSING: &str = "maybe perhaps probably likely could might would should may think guess wonder seems if hopefully want wants whether \
    let's lets can shall will'";

/// Words of another time, of conditions, and of asides.
const NOT_NOW: &str = "last previous usually normally if unless once yet soon later tomorrow probably way few eventually someday";

/// Words that open a question, also without its mark.
const ASKING: &str = "who what when where why how which anyone anybody someone somebody does do did is are was were should could can shall \
    would may any have has want fancy";

/// The classes that words are of. A word can be of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Trouble,
    Better,
    Deeds,
    Settling,
    Reasons,
    Telling,
    Ending,
    Roles,
    Social,
    Looking,
    Supposing,
    NotNow,
    Asking,
    Denial,
    Elsewhen,
}

const CLASSES: [(Class, &str); 15] = [
    (Class::Trouble, TROUBLE),
    (Class::Better, BETTER),
    (Class::Deeds, DEEDS),
    (Class::Settling, SETTLING),
    (Class::Reasons, REASONS),
    (Class::Telling, TELLING),
    (Class::Ending, ENDING),
    (Class::Roles, ROLES),
    (Class::Social, SOCIAL),
    (Class::Looking, LOOKING),
    (Class::Supposing, SUPPOSING),
    (Class::NotNow, NOT_NOW),
    (Class::Asking, ASKING),
    (Class::Denial, phrases::DENIALS),
    (Class::Elsewhen, phrases::ELSEWHEN),
];

/// A set of [`Class`]es, one bit each.
type Marks = u16;

/// A word, or the stem of several, and its class.
type Known = (&'static str, bool, Marks);

/// Every word and stem by its first two bytes: whoever asks about a word compares it with a few.
static LEXICON: LazyLock<Vec<Vec<Known>>> = LazyLock::new(|| {
    let mut lexicon = vec![Vec::new(); SLOTS];
    for (class, words) in CLASSES {
        for word in words.split_whitespace() {
            let (text, is_stem) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
            if let Some(slot) = lexicon.get_mut(slot(text)) {
                slot.push((text, is_stem, bit(class)));
            }
        }
    }
    lexicon
});

const SLOTS: usize = 1 << 10;

fn slot(word: &str) -> usize {
    let byte = |at: usize| word.as_bytes().get(at).copied().map_or(0, usize::from);
    (byte(0) << 5 ^ byte(1)) % SLOTS
}

const fn bit(class: Class) -> Marks {
    1 << class as u32
}

/// The classes of a word; `stop*` stands for every word that begins so.
fn marks(word: &str) -> Marks {
    let known = LEXICON.get(slot(word)).map_or(&[][..], Vec::as_slice);
    let fits = |(text, is_stem, _): &&(&str, bool, Marks)| {
        if *is_stem { word.starts_with(text) } else { word == *text }
    };
    known.iter().filter(fits).fold(0, |all, (_, _, marks)| all | marks)
}

/// Everything that weighs enough in what people said, and is no event yet.
pub fn said(story: &Story<'_>) -> Vec<Candidate> {
    let event = |it: &&Record<'_>| {
        let told = weigh(&it.evidence().text)?;
        let candidate = it.candidate("chat.substance", told.kind, Some(told.sentence));
        Some(candidate.because(told.reason).score(told.score))
    };
    parts::each(&story.said().collect::<Vec<_>>(), event).into_iter().flatten().collect()
}

/// What a message comes to.
struct Told {
    kind: EventKind,
    sentence: usize,
    reason: &'static str,
    score: u8,
}

fn weigh(text: &str) -> Option<Told> {
    // A pasted log is no statement.
    let text = text.get(..4_000).unwrap_or(text);
    let sentences = title::sentences(text).take(12).enumerate();
    let weighed = sentences.filter_map(|(sentence, words)| weigh_one(words).map(|it| (it, sentence)));
    let (best, sentence) =
        weighed.max_by_key(|((weight, ..), sentence)| (*weight, std::cmp::Reverse(*sentence)))?;
    let (weight, kind, reason) = best;
    let score = u8::try_from((30 + 4 * weight).clamp(30, 64)).unwrap_or(30);
    (weight >= ENOUGH).then_some(Told { kind, sentence, reason, score })
}

fn weigh_one(sentence: &str) -> Option<(i32, EventKind, &'static str)> {
    let lower = sentence.to_lowercase();
    if lower.trim_start().starts_with('>') {
        return None;
    }
    let words: Vec<&str> = lower
        .split(|c: char| {
            c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"' | '“' | '”' | '!' | '?')
        })
        .map(|it| it.trim_matches(|c: char| !c.is_alphanumeric() && c != '%'))
        .filter(|it| !it.is_empty())
        .collect();
    let first = *words.first()?;
    // A condition says what is not so.
    if matches!(first, "if" | "when" | "once" | "unless" | "before" | "hopefully" | "maybe") {
        return None;
    }
    let all: Vec<Marks> = words.iter().map(|it| marks(it)).collect();
    let is = |class: Class, at: usize| all.get(at).is_some_and(|it| it & bit(class) != 0);
    let asks = sentence.trim_end().ends_with('?') || (words.len() < 9 && is(Class::Asking, 0));
    let count = |class: Class, most: usize| {
        i32::try_from(all.iter().filter(|it| *it & bit(class) != 0).count().min(most)).unwrap_or(0)
    };
    let denied = count(Class::Denial, 1) > 0;
    // “Not back yet” says nothing new; “my laptop” is nobody's system.
    let better = if denied { 0 } else { count(Class::Better, 2) };
    let own = words.contains(&"my");
    let (trouble, deeds) = (count(Class::Trouble, 2), if own { 0 } else { count(Class::Deeds, 2) });
    let (settling, reasons, telling) =
        (count(Class::Settling, 2), count(Class::Reasons, 2), count(Class::Telling, 2));
    let (ending, roles) = (count(Class::Ending, 1), count(Class::Roles, 1));
    let measured = words.iter().filter(|it| it.contains(|c: char| c.is_ascii_digit())).count().min(2);
    let measured = i32::try_from(measured).unwrap_or(0);
    let length = match words.len() {
        0..=2 => -1,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let report = matches!(first, "sitrep" | "status" | "update" | "recap" | "summary" | "known");
    // “Moving the consumers”, “imported the key”, “i stop the job”.
    let verb = usize::from(matches!(first, "i" | "we" | "ok" | "yes" | "so"));
    let acting = !own && is(Class::Deeds, verb) && words.len() > 2;
    let idle = 2 * count(Class::Social, 2) + 2 * count(Class::Looking, 2) + count(Class::Supposing, 2);
    // Another time, a condition, a thing that has not happened.
    let elsewhere = bit(Class::Elsewhen) | bit(Class::NotNow);
    let elsewhere = all.iter().filter(|it| *it & elsewhere != 0).count().min(2);
    let elsewhere = 3 * i32::try_from(elsewhere).unwrap_or(0);
    let idle = idle + elsewhere;
    let about = trouble.max(better) * 2 + deeds + reasons + settling.min(1) + telling.min(2) + ending + roles;
    let weight = about + length + measured + i32::from(acting) * 2 + i32::from(report) * 4
        - idle
        - i32::from(asks) * 6;
    let (kind, reason) = if report {
        (EventKind::Update, "It sums up how things stand.")
    } else if settling > 0 && (deeds > 0 || reasons > 0) && weight > ENOUGH {
        (EventKind::Decision, "It says what was settled, and between what.")
    } else if acting {
        (EventKind::Action, "It says what somebody does to a system.")
    } else if telling > 1 {
        (EventKind::Update, "It says whom somebody told, or what people outside do meanwhile.")
    } else if ending > 0 && words.len() < 12 && trouble == 0 {
        (EventKind::Status, "It reads like the end of the response.")
    } else if better > trouble {
        (EventKind::Observation, "It says that something works again.")
    } else if reasons > 0 {
        (EventKind::Observation, "It reasons about what is behind it, or rules something out.")
    } else {
        (EventKind::Observation, "It says what was seen.")
    };
    Some((weight, kind, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_of_their_classes() {
        for (class, words) in CLASSES {
            for word in words.split_whitespace() {
                let (text, is_stem) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
                assert!(text.len() > 1 || !is_stem, "{word}: a stem has two letters at least");
                assert!(marks(text) & bit(class) != 0, "{word}");
                assert!(!is_stem || marks(&format!("{text}zzq")) & bit(class) != 0, "{word}");
            }
        }
        assert_eq!((marks(""), marks("ö"), marks("zebra")), (0, 0, 0));
    }

    #[test]
    fn substance_is_told_from_talk() {
        for (text, expected) in [
            ("consumer count dropped 12 -> 3 at 02:14", true),
            ("i return pricing to version 88", true),
            ("SITREP 09:20 - lag 6 min in eu-north", true),
            ("thanks all, have a nice weekend", false),
            ("who deployed", false),
            ("could be the switch", false),
            ("ok", false),
            ("looking", false),
        ] {
            assert_eq!(weigh(text).is_some(), expected, "{text}");
        }
    }
}
