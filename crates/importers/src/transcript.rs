//! A meeting in words: WebVTT (W3C), with speakers as voice tags (`<v Ada>`) or as `Ada: …`. Times in it count
//! from the beginning of the recording, which the file or its name has to tell.

use crate::{
    collect::{Collector, NO_TIME},
    record::{cut, entities, is_line, line, person, stamp, sum_id},
    side_by_side,
};
use domain::{
    Instant,
    evidence::{Facts, Signal},
    instant::Span,
};
use memchr::{memchr, memchr_iter, memrchr};
use std::{borrow::Cow, fmt::Write as _};

/// Pauses shorter than this within one speaker's words do not begin a new record.
const PAUSE: Span = Span::seconds(3);
/// How long one record gets, in characters.
const LONGEST: usize = 1_200;

/// Whether `text` begins as the format asks.
pub fn is(text: &str) -> bool {
    text.strip_prefix("WEBVTT")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r', ' ', '\t']))
}

/// Borrowed from the file as far as it stands there as it is meant.
struct Cue<'a> {
    from: Span,
    to: Span,
    speaker: Option<Cow<'a, str>>,
    words: Cow<'a, str>,
    raw: Cow<'a, str>,
}

impl Cue<'_> {
    /// The same speaker went on speaking.
    fn append(&mut self, next: &Self) {
        self.to = next.to;
        for (text, more, between) in [(&mut self.words, &next.words, " "), (&mut self.raw, &next.raw, "\n\n")]
        {
            let text = text.to_mut();
            text.push_str(between);
            text.push_str(more);
        }
    }
}

/// Reads a transcript; `began` is when the recording began, if somebody knows better than the file.
pub fn read(collector: &mut Collector, name: &str, text: &str, began: Option<Instant>) {
    let began = began.or_else(|| stated(name, text));
    if began.is_none() {
        let reason = "the recording does not say when it began; its times are counted from the beginning of \
                      the incident";
        collector.problem("the transcript", reason);
    }
    let key = sum_id(text);
    let place = line(cut(name, 120));
    let runs = cuts(text, side_by_side::runs(text.len()));
    let read = collector.side_by_side(&runs, text.len(), |collector, _, runs| {
        runs.iter()
            .map(|run| Reading { key: &key, place: &place, began }.run(collector, run))
            .collect::<Vec<_>>()
    });
    let mut before = 0;
    for (cues, strange) in read.into_iter().flatten() {
        for cue in strange {
            collector.problem(&format!("cue {}", before + cue), STRANGE);
        }
        before += cues;
    }
}

/// Why a cue is kept as it came.
const STRANGE: &str = "the times of the cue cannot be read";

/// Where `text` is cut into `runs`: between cues of which the later one does not go on with what the earlier one says.
fn cuts(text: &str, runs: usize) -> Vec<&str> {
    let (mut cuts, mut from) = (Vec::new(), 0);
    for run in 1..runs {
        let aim = (text.len() / runs * run).max(from);
        let line = text.as_bytes().get(aim..).and_then(|it| it.iter().position(|it| *it == b'\n'));
        let Some(rest) = line.and_then(|line| text.get(aim + line + 1..)) else { break };
        // The first block may be the end of one that begins before.
        let mut blocks = blocks(rest).skip(1).filter_map(|it| Some((it, read_cue(it)??)));
        let Some((_, mut before)) = blocks.next() else { break };
        for (block, cue) in blocks.take(CLOSELY) {
            if cue.speaker != before.speaker {
                let at = block.as_ptr().addr() - text.as_ptr().addr();
                cuts.extend(text.get(from..at));
                from = at;
                break;
            }
            before = cue;
        }
    }
    cuts.extend(text.get(from..));
    cuts
}

/// So many cues are looked at for a place to cut.
const CLOSELY: usize = 1_000;

/// How cues are read.
struct Reading<'a> {
    key: &'a str,
    /// What the recording is called.
    place: &'a str,
    began: Option<Instant>,
}

impl Reading<'_> {
    /// Reads the cues of `text`: how many there are, and the numbers of those that cannot be read, counted from 1.
    fn run(&self, collector: &mut Collector, text: &str) -> (usize, Vec<usize>) {
        // Only the cue that may go on is held.
        let (mut open, mut number, mut strange): (Option<Cue<'_>>, usize, Vec<usize>) = (None, 0, Vec::new());
        for (block, cue) in blocks(text).filter_map(|it| Some((it, read_cue(it)?))) {
            number += 1;
            let Some(cue) = cue else {
                collector.keep_quietly(STRANGE, block.trim_end());
                strange.push(number);
                continue;
            };
            match &mut open {
                Some(last) if goes_on(last, &cue) => last.append(&cue),
                _ => {
                    if let Some(last) = open.replace(cue) {
                        self.add(collector, last);
                    }
                }
            }
        }
        if let Some(last) = open {
            self.add(collector, last);
        }
        (number, strange)
    }

    fn add(&self, collector: &mut Collector, it: Cue<'_>) {
        if it.words.is_empty() {
            return;
        }
        let at = self.began.unwrap_or(NO_TIME).plus(it.from);
        let mut id = String::with_capacity(self.key.len() + 20);
        let written = write!(id, "{}/{}", self.key, it.from.as_micros());
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
        let mut evidence = collector.piece(Signal::Message, id, Some(at), &it.raw);
        evidence.author = person(it.speaker.as_deref());
        evidence.text = it.words.into_owned();
        evidence.place = Some(self.place.to_owned());
        evidence.facts = Facts { source_type: "cue".to_owned(), ..Facts::default() };
        collector.add(None, evidence);
    }
}

/// The cue in a block; `None` where there is none, and `None` inside where its times cannot be read.
fn read_cue(block: &str) -> Option<Option<Cue<'_>>> {
    let arrow = arrow(block)?;
    let from = memrchr(b'\n', block.as_bytes().get(..arrow)?).map_or(0, |end| end + 1);
    Some(cue(block, from, arrow))
}

/// Where `-->` stands first.
fn arrow(block: &str) -> Option<usize> {
    let bytes = block.as_bytes();
    memchr_iter(b'>', bytes).find_map(|at| at.checked_sub(2).filter(|it| bytes.get(*it..at) == Some(b"--")))
}

fn goes_on(last: &Cue<'_>, next: &Cue<'_>) -> bool {
    let pause = next.from.as_micros() - last.to.as_micros();
    let ended = last.words.ends_with(['.', '!', '?']) && last.words.len() > 200;
    last.speaker == next.speaker && pause < PAUSE.as_micros() && !ended && last.words.len() < LONGEST
}

/// Blocks are separated by empty lines. Each line is looked at once, however long the text.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let (mut ends, mut begin, mut last) = (memchr_iter(b'\n', bytes).map(|at| at + 1), 0, 0);
    std::iter::from_fn(move || {
        loop {
            let Some(next) = ends.next().or_else(|| (last < bytes.len()).then_some(bytes.len())) else {
                let rest = text.get(begin..last).filter(|it| !it.is_empty());
                begin = last;
                return rest;
            };
            let line = bytes.get(last..next).unwrap_or_default();
            let end = std::mem::replace(&mut last, next);
            if line.iter().all(|it| matches!(it, b'\n' | b'\r')) {
                let block = text.get(begin..end).filter(|it| !it.is_empty());
                begin = next;
                if block.is_some() {
                    return block;
                }
            }
        }
    })
}

/// The cue whose line of times begins at `from` and has its arrow at `arrow`.
fn cue(block: &str, from: usize, arrow: usize) -> Option<Cue<'_>> {
    let after = block.get(arrow + 3..)?;
    let (timing, said) = match memchr(b'\n', after.as_bytes()) {
        Some(end) => (after.get(..end)?, after.get(end + 1..)?),
        None => (after, ""),
    };
    let ends = timing.split_ascii_whitespace().next()?;
    let (from, to) = (time(block.get(from..arrow)?)?, time(ends)?);
    let said = said.trim_end();
    let said = match memchr(b'\n', said.as_bytes()) {
        None => Cow::Borrowed(said),
        Some(_) => Cow::Owned(said.lines().collect::<Vec<_>>().join(" ")),
    };
    let (speaker, words) = match said {
        Cow::Borrowed(said) => voice(said),
        Cow::Owned(said) => {
            let (speaker, words) = voice(&said);
            (speaker.map(|it| Cow::Owned(it.into_owned())), Cow::Owned(words.into_owned()))
        }
    };
    let to = if to >= from { to } else { from };
    Some(Cue { from, to, speaker, words, raw: Cow::Borrowed(block.trim_end()) })
}

/// `01:02:03.456`, hours may be left out; some tools write a comma.
fn time(text: &str) -> Option<Span> {
    if let Some(micros) = plain_time(text.trim_ascii().as_bytes()) {
        return Some(Span::micros(micros));
    }
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

/// `01:02:03.456` or `02:03.456`, as the format asks (a long recording has more digits of hours), in microseconds;
/// `None` for what takes a closer look.
fn plain_time(text: &[u8]) -> Option<i64> {
    let (clock, millis) = text.split_last_chunk::<4>()?;
    let number = |digits: &[u8]| {
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    };
    let millis = number(millis.strip_prefix(b".")?)?;
    let seconds = match clock {
        [m1, m2, b':', s1, s2] => number(&[*m1, *m2])? * 60 + number(&[*s1, *s2])?,
        [hours @ .., b':', m1, m2, b':', s1, s2] if (2..=4).contains(&hours.len()) => {
            number(hours)? * 3_600 + number(&[*m1, *m2])? * 60 + number(&[*s1, *s2])?
        }
        _ => return None,
    };
    Some(seconds * 1_000_000 + millis * 1_000)
}

/// Who speaks, and what, without tags.
fn voice(said: &str) -> (Option<Cow<'_, str>>, Cow<'_, str>) {
    let mut speaker = None;
    let (mut words, mut rest) = (Cow::Borrowed(""), said);
    while let Some(open) = memchr(b'<', rest.as_bytes()) {
        let (before, after) =
            (rest.get(..open).unwrap_or_default(), rest.get(open + 1..).unwrap_or_default());
        join(&mut words, before);
        let Some(close) = memchr(b'>', after.as_bytes()) else {
            rest = after;
            continue;
        };
        let (tag, after) =
            (after.get(..close).unwrap_or_default(), after.get(close + 1..).unwrap_or_default());
        let name =
            tag.strip_prefix('v').and_then(|it| it.split_once(char::is_whitespace)).map(|(_, name)| name);
        speaker = speaker.or_else(|| name.map(one_line).filter(|it| !it.is_empty()));
        rest = after;
    }
    join(&mut words, rest);
    let words = match words {
        Cow::Borrowed(words) => one_line(words),
        Cow::Owned(words) => Cow::Owned(one_line(&words).into_owned()),
    };
    if speaker.is_some() {
        return (speaker, words);
    }
    // “Ada Lovelace: we should roll back”; a sentence with a colon has more words before it.
    let named = words.find(": ").filter(|end| words.get(..*end).is_some_and(names_somebody));
    match (named, words) {
        (Some(end), Cow::Borrowed(words)) => {
            (words.get(..end).map(Cow::Borrowed), Cow::Borrowed(words.get(end + 2..).unwrap_or_default()))
        }
        (Some(end), Cow::Owned(words)) => {
            let part = |range: Option<&str>| Cow::Owned(range.unwrap_or_default().to_owned());
            (Some(part(words.get(..end))), part(words.get(end + 2..)))
        }
        (None, words) => (None, words),
    }
}

/// Adds `more`, which takes room of its own only where both hold something.
fn join<'a>(text: &mut Cow<'a, str>, more: &'a str) {
    if text.is_empty() {
        *text = Cow::Borrowed(more);
    } else if !more.is_empty() {
        text.to_mut().push_str(more);
    }
}

/// The signs that entities stand for, on one line; borrowed where it is that already.
fn one_line(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() && is_line(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(line(&entities(text)))
}

fn names_somebody(name: &str) -> bool {
    let capital = |word: &str| word.chars().next().is_some_and(|c| c.is_uppercase() || c == '(');
    let (count, named) =
        name.split_whitespace().fold((0, true), |(count, named), word| (count + 1, named && capital(word)));
    (1..=4).contains(&count) && name.len() <= 60 && named
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
    fn a_recording_is_cut_where_the_speaker_changes() {
        let said = |n: usize| {
            format!(
                "00:{:02}:{:02}.000 --> 00:{:02}:{:02}.500\n<v {}>word {n}\n\n",
                n / 60,
                n % 60,
                n / 60,
                n % 60,
                ["Ada", "Ben"][n / 7 % 2]
            )
        };
        let text: String = (0..200).map(said).collect();
        let read = |texts: &[&str]| {
            let mut collector = Collector::new(domain::evidence::Source::Transcript);
            let cues = texts
                .iter()
                .map(|it| Reading { key: "k", place: "call", began: None }.run(&mut collector, it).0);
            (cues.sum::<usize>(), collector.finish())
        };
        let whole = read(&[&text]);
        assert_eq!((whole.0, whole.1.unattached.len()), (200, 29));
        for runs in 1..9 {
            let cut = cuts(&text, runs);
            assert_eq!((cut.len(), cut.concat()), (runs, text.clone()));
            assert_eq!(read(&cut), whole, "{runs}");
        }
        assert_eq!(cuts("WEBVTT\n\nno cue at all", 4).len(), 1);
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
