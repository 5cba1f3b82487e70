//! A meeting in words: WebVTT (W3C), with speakers as voice tags (`<v Ada>`) or as `Ada: …`. Times in it count
//! from the beginning of the recording, which the file or its name has to tell.

use crate::{
    collect::{Collector, NO_TIME},
    record::{clean, cut, entities, line, person, stamp, sum_id},
};
use domain::{
    Instant,
    evidence::{Facts, Signal},
    instant::Span,
};

/// Pauses shorter than this within one speaker's words do not begin a new record.
const PAUSE: Span = Span::seconds(3);
/// How long one record gets, in characters.
const LONGEST: usize = 1_200;

/// Whether `text` begins as the format asks.
pub fn is(text: &str) -> bool {
    text.strip_prefix("WEBVTT")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r', ' ', '\t']))
}

struct Cue {
    from: Span,
    to: Span,
    speaker: Option<String>,
    words: String,
    raw: String,
}

/// Reads a transcript; `began` is when the recording began, if somebody knows better than the file.
pub fn read(collector: &mut Collector, name: &str, text: &str, began: Option<Instant>) {
    let began = began.or_else(|| stated(name, text));
    if began.is_none() {
        let reason = "the recording does not say when it began; its times are counted from the beginning of \
                      the incident";
        collector.problem("the transcript", reason);
    }
    let mut cues: Vec<Cue> = Vec::new();
    let mut number = 0;
    for block in blocks(text) {
        let Some(timing) = block.lines().position(|it| it.contains("-->")) else { continue };
        number += 1;
        match cue(block, timing) {
            Some(cue) => match cues.last_mut() {
                Some(last) if goes_on(last, &cue) => {
                    last.to = cue.to;
                    last.words = format!("{} {}", last.words, cue.words);
                    last.raw = format!("{}\n\n{}", last.raw, cue.raw);
                }
                _ => cues.push(cue),
            },
            None => collector.keep(
                None,
                &format!("cue {number}"),
                "the times of the cue cannot be read",
                block.trim_end(),
            ),
        }
    }
    let key = sum_id(text);
    for it in cues.into_iter().filter(|it| !it.words.is_empty()) {
        let at = began.unwrap_or(NO_TIME).plus(it.from);
        let id = format!("{key}/{}", it.from.as_micros());
        let mut evidence = collector.piece(Signal::Message, id, Some(at), &it.raw);
        evidence.author = person(it.speaker.as_deref());
        evidence.text = it.words;
        evidence.place = Some(line(cut(name, 120)));
        evidence.facts = Facts { source_type: "cue".to_owned(), ..Facts::default() };
        collector.add(None, evidence);
    }
}

fn goes_on(last: &Cue, next: &Cue) -> bool {
    let pause = next.from.as_micros() - last.to.as_micros();
    let ended = last.words.ends_with(['.', '!', '?']) && last.words.len() > 200;
    last.speaker == next.speaker && pause < PAUSE.as_micros() && !ended && last.words.len() < LONGEST
}

/// Blocks are separated by empty lines. Each line is looked at once, however long the text.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut lines = text.split_inclusive('\n');
    let mut begin = 0;
    std::iter::from_fn(move || {
        let mut end = begin;
        for line in lines.by_ref() {
            let next = end + line.len();
            if line.trim_end_matches(['\n', '\r']).is_empty() {
                let block = text.get(begin..end).filter(|it| !it.is_empty());
                (begin, end) = (next, next);
                if block.is_some() {
                    return block;
                }
            } else {
                end = next;
            }
        }
        let last = text.get(begin..end).filter(|it| !it.is_empty());
        begin = end;
        last
    })
}

fn cue(block: &str, timing: usize) -> Option<Cue> {
    let mut lines = block.lines().skip(timing);
    let (from, rest) = lines.next()?.split_once("-->")?;
    let (from, to) = (time(from)?, time(rest.split_whitespace().next()?)?);
    let said = lines.collect::<Vec<_>>().join(" ");
    let (speaker, words) = voice(&said);
    Some(Cue {
        from,
        to: if to >= from { to } else { from },
        speaker,
        words,
        raw: block.trim_end().to_owned(),
    })
}

/// `01:02:03.456`, hours may be left out; some tools write a comma.
fn time(text: &str) -> Option<Span> {
    let text = text.trim().replace(',', ".");
    let (clock, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let mut seconds: i64 = 0;
    let parts: Vec<&str> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    for part in parts {
        let digits = !part.is_empty() && part.len() <= 4 && part.bytes().all(|it| it.is_ascii_digit());
        seconds = seconds * 60 + part.parse::<i64>().ok().filter(|_| digits)?;
    }
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(Span::micros(seconds * 1_000_000 + i64::from(millis.parse::<u16>().ok()?) * 1_000))
}

/// Who speaks, and what, without tags.
fn voice(said: &str) -> (Option<String>, String) {
    let mut speaker = None;
    let mut words = String::with_capacity(said.len());
    let mut rest = said;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        let Some((tag, after)) = after.split_once('>') else {
            rest = after;
            continue;
        };
        let name =
            tag.strip_prefix('v').and_then(|it| it.split_once(char::is_whitespace)).map(|(_, name)| name);
        speaker = speaker.or_else(|| name.map(|it| line(&entities(it))).filter(|it| !it.is_empty()));
        rest = after;
    }
    words.push_str(rest);
    let words = line(&entities(&words));
    if speaker.is_some() {
        return (speaker, words);
    }
    match words.split_once(": ") {
        // “Ada Lovelace: we should roll back”; a sentence with a colon has more words before it.
        Some((name, rest)) if names_somebody(name) => (Some(name.to_owned()), rest.to_owned()),
        _ => (None, clean(&words)),
    }
}

fn names_somebody(name: &str) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    let capital = |word: &&str| word.chars().next().is_some_and(|c| c.is_uppercase() || c == '(');
    (1..=4).contains(&words.len()) && name.len() <= 60 && words.iter().all(capital)
}

/// A time that the heading or a note states, or that Zoom puts into the name: `GMT20261114-100000`.
fn stated(name: &str, text: &str) -> Option<Instant> {
    let heading = text.split("-->").next().unwrap_or_default();
    let word =
        |it: &str| stamp(it.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '-'));
    if let Some(at) = heading.split_whitespace().take(200).filter(|it| it.len() > 15).find_map(word) {
        return Some(at);
    }
    let digits = |text: &str, from: usize, to: usize| {
        text.get(from..to).filter(|it| it.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
    };
    let (_, after) = name.split_once("GMT")?;
    let (year, month, day) = (digits(after, 0, 4)?, digits(after, 4, 6)?, digits(after, 6, 8)?);
    let (hour, minute, second) = (digits(after, 9, 11)?, digits(after, 11, 13)?, digits(after, 13, 15)?);
    stamp(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_at_empty_lines() {
        let found = |text: &'static str| blocks(text).map(str::trim_end).collect::<Vec<_>>();
        assert_eq!(found("a\nb\n\nc\r\nd\r\n\r\n\n\ne"), ["a\nb", "c\r\nd", "e"]);
        assert_eq!(found("\n\n"), [""; 0]);
        assert_eq!(found("a"), ["a"]);
        // A long recording is read in a time that grows with its length.
        let long = "00:01.000 --> 00:02.000\nhello\n\n".repeat(200_000);
        assert_eq!(blocks(&long).count(), 200_000);
    }

    #[test]
    fn speakers_and_times() {
        assert_eq!(voice("<v.loud Ada L.>roll <b>back</b></v>"), (Some("Ada L.".into()), "roll back".into()));
        assert_eq!(voice("Wren Okafor: it &amp; that"), (Some("Wren Okafor".into()), "it & that".into()));
        assert_eq!(voice("the plan is this: wait").0, None);
        assert_eq!(time("01:02.500").map(Span::as_micros), Some(62_500_000));
        assert_eq!(time("1:00:00,000").map(Span::as_micros), Some(3_600_000_000));
        assert_eq!(time("x:00"), None);
        assert!(stated("GMT20261114-100000_Recording.vtt", "WEBVTT").is_some());
        assert!(stated("call.vtt", "WEBVTT\n\nNOTE began 2026-11-14T10:00:00Z").is_some());
    }
}
