//! A calendar (RFC 5545): its events as notes at their beginning: maintenance windows, freezes, meetings.

use crate::{
    collect::Collector,
    record::{clean, line, person, stamp, sum_id},
};
use domain::{
    Instant,
    evidence::{Facts, Signal},
};
use jiff::{civil::DateTime, tz::TimeZone};

/// The most events of one file.
const MOST: usize = 100_000;

/// Whether `text` is of that form, or a piece of it.
pub fn is(text: &str) -> bool {
    let first = text.trim_start().get(..6).unwrap_or_default();
    first.eq_ignore_ascii_case("BEGIN:")
}

/// Reads every event; what has no time that can be placed is kept as it came.
pub fn read(collector: &mut Collector, text: &str) {
    let mut component: Option<(String, Vec<String>)> = None;
    let mut found = 0;
    for logical in unfolded(text) {
        let upper = logical.to_ascii_uppercase();
        match (&mut component, upper.as_str()) {
            (None, "BEGIN:VEVENT" | "BEGIN:VTODO" | "BEGIN:VJOURNAL" | "BEGIN:VFREEBUSY") => {
                component = Some((upper.trim_start_matches("BEGIN:").to_owned(), vec![logical]));
            }
            (Some((kind, lines)), _) => {
                let ends = upper == format!("END:{kind}");
                lines.push(logical);
                if ends && let Some((kind, lines)) = component.take() {
                    found += 1;
                    if found <= MOST {
                        event(collector, &kind, &lines, found);
                    }
                }
            }
            (None, _) => {}
        }
    }
    if let Some((_, lines)) = component {
        found += 1;
        collector.keep(
            None,
            &format!("entry {found}"),
            "the entry breaks off before its end",
            &lines.join("\n"),
        );
    }
    if found > MOST {
        let reason = format!("only the first {MOST} of its {found} entries were taken");
        collector.problem("the calendar", reason);
    }
    if found == 0 {
        let reason = "the calendar has no entries that happen at a time";
        collector.keep(None, "the calendar", reason, text);
    }
}

/// Lines that were folded are one again (section 3.1).
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in text.split(['\n', '\r']).filter(|it| !it.is_empty()) {
        match (part.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) if last.len() < 1_000_000 => last.push_str(rest),
            _ => lines.push(part.trim_end().to_owned()),
        }
    }
    lines
}

fn event(collector: &mut Collector, kind: &str, lines: &[String], number: usize) {
    let raw = lines.join("\r\n");
    let mut nested = 0;
    let mut own: Vec<(String, String, String)> = Vec::new();
    for text in lines.iter().skip(1) {
        let upper = text.to_ascii_uppercase();
        if upper.starts_with("BEGIN:") {
            nested += 1;
        } else if upper.starts_with("END:") {
            nested -= 1;
        } else if nested == 0
            && let Some(property) = property(text)
        {
            own.push(property);
        }
    }
    let get = |name: &str| own.iter().find(|(known, ..)| known == name);
    let value = |name: &str| get(name).map(|(_, _, value)| unescaped(value)).filter(|it| !it.is_empty());
    let place = format!("entry {number}");
    let start = get("DTSTART").or_else(|| get("DUE")).or_else(|| get("DTSTAMP"));
    let at = start.ok_or("the entry has no beginning").and_then(|(_, parameters, value)| {
        instant(value, parameters).ok_or("the beginning of the entry is no time in a known zone")
    });
    let at = match at {
        Ok(at) => at,
        Err(reason) => return collector.keep(None, &place, reason, &raw),
    };
    if get("RRULE").is_some() || get("RDATE").is_some() {
        collector.problem(&place, "the entry repeats; only its first occurrence is taken");
    }
    let uid = value("UID").map(|it| line(&it)).unwrap_or_else(|| sum_id(&raw));
    let summary = value("SUMMARY").unwrap_or_else(|| match kind {
        "VFREEBUSY" => "Free and busy times".to_owned(),
        _ => "An entry without a title".to_owned(),
    });
    let mut evidence = collector.piece(Signal::Note, format!("{uid}/{at}"), Some(at), &raw);
    evidence.text = match value("DESCRIPTION") {
        Some(more) => clean(&format!("{}\n{more}", line(&summary))),
        None => line(&summary),
    };
    let organizer = get("ORGANIZER").and_then(|(_, parameters, _)| parameter(parameters, "CN"));
    evidence.author = person(organizer.as_deref());
    evidence.place = value("LOCATION").map(|it| line(&it));
    evidence.url = crate::record::web_address(value("URL").as_deref());
    evidence.facts = Facts { source_type: kind.to_ascii_lowercase(), ..Facts::default() };
    collector.add(None, evidence);
}

/// `NAME;PARAMETERS:VALUE`; a colon inside quotes belongs to the parameters.
fn property(text: &str) -> Option<(String, String, String)> {
    let mut quoted = false;
    let colon = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    })?;
    let (head, value) = (text.get(..colon.0)?, text.get(colon.0 + 1..)?);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some((name.trim().to_ascii_uppercase(), parameters.to_owned(), value.to_owned()))
}

fn parameter(parameters: &str, name: &str) -> Option<String> {
    let all = parameters.split(';').filter_map(|it| it.split_once('='));
    let mut named = all.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.trim_matches('"').to_owned())
}

/// A date, a time in UTC, or a time in a zone of the IANA database; a time without its zone names no instant.
fn instant(value: &str, parameters: &str) -> Option<Instant> {
    let digits = |from: usize, to: usize| {
        value.get(from..to).filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (year, month, day) = (digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
    if value.len() == 8 {
        return stamp(&format!("{year}-{month}-{day}T00:00:00Z"));
    }
    let (hour, minute, second) = (digits(9, 11)?, digits(11, 13)?, digits(13, 15)?);
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}");
    if value.ends_with('Z') {
        return stamp(&format!("{text}Z"));
    }
    let zone = parameter(parameters, "TZID")?;
    let zone = zone.trim_start_matches('/');
    // Some programs write a path before the name: `/example.org/Europe/Vienna`.
    let tail: Vec<&str> = zone.rsplitn(3, '/').take(2).collect();
    let short = tail.iter().rev().copied().collect::<Vec<_>>().join("/");
    let zone = TimeZone::get(zone).or_else(|_| TimeZone::get(&short)).ok()?;
    let local: DateTime = text.parse().ok()?;
    let zoned = local.to_zoned(zone).ok()?;
    Some(Instant::from_timestamp(zoned.timestamp()))
}

/// Texts escape commas, semicolons, backslashes and line breaks (section 3.3.11).
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            (other, false) => out.push(other),
        }
    }
    clean(&out)
}
