//! A calendar (RFC 5545): its events as notes at their beginning: maintenance windows, freezes, meetings.

mod zones;

use crate::{
    collect::Collector,
    record::{clean, line, person, stamp, sum_id},
};
use domain::{
    Instant,
    evidence::{Facts, Signal},
};
use jiff::{civil::DateTime, tz::TimeZone};
use zones::Zones;

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
    let lines = unfolded(text);
    let zones = Zones::of(&lines);
    for logical in lines {
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
                        event(collector, &zones, &kind, &lines, found);
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

fn event(collector: &mut Collector, zones: &Zones, kind: &str, lines: &[String], number: usize) {
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
        instant(zones, value, parameters).ok_or("the beginning of the entry is no time in a known zone")
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

/// A date, a time in UTC, or a time in a zone of the IANA database or of the calendar itself; a time without its zone
/// names no instant.
fn instant(zones: &Zones, value: &str, parameters: &str) -> Option<Instant> {
    let local = local(value)?;
    if value.len() == 8 || value.ends_with('Z') {
        return stamp(&format!("{local}Z"));
    }
    let name = parameter(parameters, "TZID")?;
    // Some programs write a path before the name: `/example.org/Europe/Vienna`, or `…/America/Argentina/Ushuaia`.
    let parts: Vec<&str> = name.trim_start_matches('/').split('/').collect();
    let tail =
        |parts_of: usize| parts.get(parts.len().saturating_sub(parts_of)..).unwrap_or_default().join("/");
    let known = [parts.join("/"), tail(3), tail(2)].iter().find_map(|name| TimeZone::get(name).ok());
    let at = match known {
        Some(zone) => local.to_zoned(zone).ok()?.timestamp(),
        None => zones.instant(&name, local)?,
    };
    Some(Instant::from_timestamp(at))
}

/// A date as its midnight, or a time by the clock, whatever says of which zone: `20261114T060000`.
fn local(value: &str) -> Option<DateTime> {
    let digits = |from: usize, to: usize| {
        value.get(from..to).filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (year, month, day) = (digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
    let time = match value.len() {
        8 => "00:00:00".to_owned(),
        _ => format!("{}:{}:{}", digits(9, 11)?, digits(11, 13)?, digits(13, 15)?),
    };
    format!("{year}-{month}-{day}T{time}").parse().ok()
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
