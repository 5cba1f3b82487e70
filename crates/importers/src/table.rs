//! A table (CSV, RFC 4180) whose columns a person names: a byte order mark, commas, semicolons, tabs or bars,
//! quotes with line breaks inside them, and times as people write them.

use crate::{
    collect::Collector,
    record::{clean, cut, line, person, stamp, sum_id, web_address},
    side_by_side,
};
use domain::{
    Instant,
    evidence::{Evidence, Facts, Signal},
    timeline::EventKind,
};
use jiff::{civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The most columns of a row; what stands beyond is left in the raw form.
const COLUMNS: usize = 200;
/// Which column holds what, by its place from 0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Columns {
    /// When.
    pub time: Option<usize>,
    /// What happened.
    pub text: Option<usize>,
    /// Who or what.
    pub author: Option<usize>,
    /// What sort of event, see [`EventKind::key`].
    pub kind: Option<usize>,
    /// Which service.
    pub service: Option<usize>,
    /// An address.
    pub url: Option<usize>,
    /// What tells the row from others; the whole row if there is no such column.
    pub id: Option<usize>,
    /// In which zone times without one are, by its IANA name; UTC if `None`.
    pub zone: Option<String>,
    /// Whether `04/05/2026` is the fourth of May; both readings are tried where only one is a date.
    pub day_first: bool,
}

/// The beginning of a table, for choosing its columns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableHead {
    /// The names in its first row.
    pub names: Vec<String>,
    /// The first rows below it, at most five.
    pub rows: Vec<Vec<String>>,
    /// What the names suggest.
    pub guess: Columns,
}

/// Reads rows one after another.
struct Rows<'a> {
    text: &'a str,
    at: usize,
    separator: u8,
}

impl<'a> Rows<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, separator: separator(text) }
    }

    /// The next raw row; its fields go into `fields`, which is emptied first.
    fn read(&mut self, fields: &mut Vec<Cow<'a, str>>) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b'\n' | b'\r')) {
            self.at += 1;
        }
        let start = self.at;
        if start >= bytes.len() {
            return None;
        }
        fields.clear();
        let (text, mut from, mut quoted, mut at) = (self.text, start, false, start);
        let mut add = |from: usize, to: usize| {
            if fields.len() < COLUMNS {
                fields.push(field(text.get(from..to).unwrap_or_default()));
            }
        };
        // Every sign that means something is ASCII, so slices stay whole.
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => quoted ^= true,
                byte if *byte == self.separator && !quoted => {
                    add(from, at);
                    from = at + 1;
                }
                b'\n' | b'\r' if !quoted => break,
                _ => {}
            }
            at += 1;
        }
        add(from, at);
        self.at = at;
        text.get(start..at)
    }
}

impl<'a> Iterator for Rows<'a> {
    /// The raw row and its fields.
    type Item = (&'a str, Vec<Cow<'a, str>>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut fields = Vec::new();
        let raw = self.read(&mut fields)?;
        Some((raw, fields))
    }
}

/// A field as it is meant: only one with quotes inside takes room of its own.
fn field(raw: &str) -> Cow<'_, str> {
    let raw = trimmed(raw);
    match raw.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(inner) if inner.contains('"') => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(raw),
    }
}

/// `text` without blanks around it; nearly always there are none, which is quickly said.
fn trimmed(text: &str) -> &str {
    let visible = |it: Option<&u8>| it.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if visible(bytes.first()) && visible(bytes.last()) { text } else { text.trim() }
}

/// The sign that stands most often in the first line, outside of quotes.
fn separator(text: &str) -> u8 {
    let (mut counts, mut quoted) = ([0_usize; 4], false);
    let signs = [b',', b';', b'\t', b'|'];
    for byte in text.bytes().take(20_000) {
        match byte {
            b'"' => quoted ^= true,
            b'\n' if !quoted => break,
            _ if !quoted => {
                for (count, sign) in counts.iter_mut().zip(signs) {
                    *count += usize::from(byte == sign);
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().zip(signs).max_by_key(|(count, sign)| (**count, u8::MAX - sign));
    most.map_or(b',', |(_, sign)| sign)
}

/// Whether `text` looks like a table: two rows or more with the same number of fields, at least two.
pub fn is(text: &str) -> bool {
    let rows: Vec<usize> = Rows::new(text).take(5).map(|(_, fields)| fields.len()).collect();
    rows.len() > 1 && rows.first().is_some_and(|first| *first > 1 && rows.iter().all(|it| it == first))
}

/// The names of the columns, the first rows, and what the names suggest.
pub fn head(text: &str) -> TableHead {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut rows = Rows::new(text)
        .map(|(_, fields)| fields.into_iter().map(|it| line(cut(&it, 200))).collect::<Vec<_>>());
    let names = rows.next().unwrap_or_default();
    let guess = guess(&names);
    TableHead { rows: rows.take(5).collect(), names, guess }
}

/// What names of columns usually hold; the names in front fit better.
fn guess(names: &[String]) -> Columns {
    let find = |known: &[&str]| {
        known.iter().find_map(|word| {
            let fits = |name: &String| {
                let name = name.to_lowercase();
                name == *word || name.split(|c: char| !c.is_alphanumeric()).any(|part| part == *word)
            };
            names.iter().position(fits)
        })
    };
    Columns {
        time: find(&[
            "timestamp",
            "time",
            "at",
            "when",
            "datetime",
            "date",
            "created_at",
            "created",
            "occurred",
        ]),
        text: find(&[
            "text",
            "message",
            "event",
            "what",
            "description",
            "summary",
            "title",
            "details",
            "note",
            "content",
        ]),
        author: find(&["author", "who", "actor", "user", "person", "by", "name", "from"]),
        kind: find(&["kind", "type", "category"]),
        service: find(&["service", "component", "system"]),
        url: find(&["url", "link", "permalink"]),
        id: find(&["id", "key", "uuid"]),
        ..Columns::default()
    }
}

/// Reads every row below the first.
///
/// # Errors
/// When the columns for time and text are not named, or the zone is not known.
pub fn read(collector: &mut Collector, text: &str, columns: Option<&Columns>) -> Result<(), String> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let guessed = head(text);
    let columns = columns.unwrap_or(&guessed.guess);
    let names = guessed.names.join(", ");
    let (Some(time), Some(words)) = (columns.time, columns.text) else {
        return Err(format!(
            "name the columns for the time and for what happened; there are: {}",
            cut(&names, 400)
        ));
    };
    let zone = match columns.zone.as_deref().filter(|it| !it.is_empty()) {
        Some(name) => {
            TimeZone::get(name).map_err(|_| format!("“{}” is no known time zone", cut(name, 60)))?
        }
        None => TimeZone::UTC,
    };
    let (mut rows, mut fields) = (Rows::new(text), Vec::new());
    rows.read(&mut fields);
    let below = text.get(rows.at..).unwrap_or_default();
    let reading = Reading { columns, zone: &zone, separator: rows.separator, time, words };
    let runs: Vec<&str> = cuts(below, side_by_side::runs(below.len()));
    let bytes = below.len();
    let read = collector.side_by_side(&runs, bytes, |collector, _, runs| {
        runs.iter().map(|run| reading.run(collector, run)).collect::<Vec<_>>()
    });
    // Rows are numbered as people count them: from 1, and the first one holds the names.
    let mut number = 1;
    for (rows, strange) in read.into_iter().flatten() {
        for (row, reason) in strange {
            collector.problem(&format!("row {}", number + row), reason);
        }
        number += rows;
    }
    Ok(())
}

/// Where `text` is cut into `runs`: after line breaks that are not inside quotes.
fn cuts(text: &str, runs: usize) -> Vec<&str> {
    let (mut rest, mut cuts) = (text, Vec::new());
    let aim = text.len() / runs.max(1);
    for _ in 1..runs {
        let Some(head) = rest.as_bytes().get(..aim) else { break };
        // Counting only, so it is quick.
        let mut quoted = head.iter().filter(|it| **it == b'"').count() % 2 == 1;
        let ends = |it: &u8| {
            quoted ^= *it == b'"';
            *it == b'\n' && !quoted
        };
        let Some(end) = rest.as_bytes().get(aim..).and_then(|it| it.iter().position(ends)) else { break };
        let (run, after) = rest.split_at(aim + end + 1);
        cuts.push(run);
        rest = after;
    }
    cuts.push(rest);
    cuts
}

/// How rows are read.
struct Reading<'a> {
    columns: &'a Columns,
    zone: &'a TimeZone,
    separator: u8,
    time: usize,
    words: usize,
}

impl Reading<'_> {
    /// Reads the rows of `text`: how many there are, and which of them cannot be read, counted from 1, and why.
    fn run(&self, collector: &mut Collector, text: &str) -> (usize, Vec<(usize, &'static str)>) {
        let (mut strange, mut fields, mut number) = (Vec::new(), Vec::new(), 0);
        let mut rows = Rows { text, at: 0, separator: self.separator };
        while let Some(raw) = rows.read(&mut fields) {
            number += 1;
            if let Err(reason) = self.row(collector, raw, &fields) {
                collector.keep_quietly(reason, raw);
                strange.push((number, reason));
            }
        }
        (number, strange)
    }

    fn row(&self, collector: &mut Collector, raw: &str, fields: &[Cow<'_, str>]) -> Result<(), &'static str> {
        let columns = self.columns;
        let get = |at: Option<usize>| {
            at.and_then(|at| fields.get(at)).map(|it| trimmed(it)).filter(|it| !it.is_empty())
        };
        let at = get(Some(self.time)).and_then(|it| read_time(it, self.zone, columns.day_first));
        let at = at.ok_or("the time in this row cannot be read")?;
        let said = get(Some(self.words)).ok_or("this row says nothing")?;
        let plain = |it: &str| it.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let kind = get(columns.kind).map(|it| match plain(it) {
            true => it.to_owned(),
            false => it.to_lowercase().replace([' ', '-'], "_"),
        });
        let known = kind.as_deref().and_then(EventKind::from_key);
        let id = get(columns.id).map_or_else(|| sum_id(raw), str::to_owned);
        let service = get(columns.service).map(line);
        let evidence = Evidence {
            author: person(get(columns.author)),
            text: clean(said),
            place: service.clone(),
            url: web_address(get(columns.url)),
            facts: Facts {
                source_type: kind.unwrap_or_default(),
                service,
                kind: known.map(|it| it.key().to_owned()),
                ..Facts::default()
            },
            ..collector.piece(Signal::Note, id, Some(at), raw)
        };
        collector.add(None, evidence);
        Ok(())
    }
}

/// A time as people write it: RFC 3339, seconds since 1970, `2026-11-14 10:00`, `14.11.2026 10:00`,
/// `11/14/2026 10:00 PM`.
fn read_time(text: &str, zone: &TimeZone, day_first: bool) -> Option<Instant> {
    if let Some(at) = stamp(text) {
        return Some(at);
    }
    if !text.bytes().any(|it| it.is_ascii_digit()) {
        return None;
    }
    let text = text.trim().trim_end_matches(" UTC").trim_end_matches(" GMT");
    let named = text.len() < 40 && text.split(['/', '.', '-', ':', ' ', 'T', ',']).all(|it| it.len() <= 9);
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|it| !it.is_empty());
    let mut number = || numbers.next().map(|it| it.parse::<i32>().ok()).unwrap_or(Some(0));
    let (a, b, c) = (number()?, number()?, number()?);
    let (mut hour, minute, second) = (number()?, number()?, number()?);
    let (year, month, day) = match (a, b, c) {
        (1000.., _, _) => (a, b, c),
        (_, 13.., 1000..) => (c, a, b),
        (13.., _, 1000..) => (c, b, a),
        // Dots stand between day and month first.
        (_, _, 1000..) if day_first || text.contains('.') => (c, b, a),
        (_, _, 1000..) => (c, a, b),
        _ => return None,
    };
    let lower = text.to_ascii_lowercase();
    if lower.ends_with("pm") && hour < 12 {
        hour += 12;
    } else if lower.ends_with("am") && hour == 12 {
        hour = 0;
    }
    if *zone == TimeZone::UTC {
        let wide = |(a, b, c): (i32, i32, i32)| (a.into(), b.into(), c.into());
        let at = Instant::of_date(wide((year, month, day)), wide((hour, minute, second)));
        if let Some(at) = at.filter(|_| named) {
            return Some(at);
        }
    }
    let small = |it: i32| i8::try_from(it).ok();
    let date = DateTime::new(
        i16::try_from(year).ok()?,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    );
    let zoned = date.ok().filter(|_| named)?.to_zoned(zone.clone()).ok()?;
    Some(Instant::from_timestamp(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_spreadsheets_write_them() {
        let text = "a;b\r\n\"x;1\";\"say \"\"hi\"\"\nthere\"\r\n\r\n;end";
        let rows: Vec<_> = Rows::new(text).map(|(_, fields)| fields).collect();
        assert_eq!(rows, [vec!["a", "b"], vec!["x;1", "say \"hi\"\nthere"], vec!["", "end"]]);
        assert!(is(text) && !is("one line") && !is("prose, with commas\nand without"));
    }

    #[test]
    fn a_table_is_cut_between_rows_only() {
        let row = |n: usize| format!("{n};\"a\nb; \"\"x\"\"\n{}\"\r\n", "é".repeat(n % 5));
        let text: String = (0..200).map(row).collect();
        let whole: Vec<_> = Rows::new(&text).map(|(raw, _)| raw).collect();
        assert_eq!(whole.len(), 200);
        for runs in 0..12 {
            let cut = cuts(&text, runs);
            assert_eq!((cut.len(), cut.concat()), (runs.max(1), text.clone()));
            let rows = |it| Rows { text: it, at: 0, separator: b';' }.map(|(raw, _)| raw);
            assert_eq!(cut.into_iter().flat_map(rows).collect::<Vec<_>>(), whole, "{runs}");
        }
        // A quote that does not end is one row, as it is without cutting.
        assert_eq!(cuts("\"a\nb\nc\nd", 3).len(), 1);
    }

    #[test]
    fn rows_are_numbered_as_people_count_them() {
        let mut collector = Collector::new(domain::evidence::Source::Csv);
        read(&mut collector, "time,text\n2026-11-14 10:00,a\nsoon,b\n2026-11-14 10:01,\n", None).unwrap();
        let problems: Vec<_> = collector.finish().not_understood.into_iter().map(|it| it.place).collect();
        assert_eq!(problems, ["row 3", "row 4"]);
    }

    #[test]
    fn times_as_people_write_them() {
        let vienna = TimeZone::get("Europe/Vienna").unwrap();
        for (text, day_first, expected) in [
            ("2026-11-14T10:00:00Z", false, Some("2026-11-14T10:00:00Z")),
            ("2026-11-14 10:00", false, Some("2026-11-14T09:00:00Z")),
            ("14.11.2026 10:00", false, Some("2026-11-14T09:00:00Z")),
            ("11/14/2026 10:00 PM", false, Some("2026-11-14T21:00:00Z")),
            ("04/05/2026 10:00", true, Some("2026-05-04T08:00:00Z")),
            ("04/05/2026 10:00", false, Some("2026-04-05T08:00:00Z")),
            ("1420452191", false, Some("2015-01-05T10:03:11Z")),
            ("soon", false, None),
            ("99/99/2026", false, None),
        ] {
            let read = read_time(text, &vienna, day_first).map(|it| it.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
