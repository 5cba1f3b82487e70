//! Times as people write them into files, with or without an offset, and lengths such as `4h 9m`.

use domain::{
    Instant,
    instant::Span,
    timeline::{Precision, durations::Known},
};
use jiff::{civil::DateTime, tz::TimeZone};

/// Reads the times of one file.
#[derive(Debug)]
pub(super) struct Times {
    zone: Option<TimeZone>,
    /// Whether a time without an offset was read as UTC, because the file names no zone.
    pub guessed: bool,
}

impl Times {
    /// With the zone that the file names, if it is one.
    pub fn of(zone: Option<&str>) -> Self {
        Self { zone: zone.and_then(|name| TimeZone::get(name.trim()).ok()), guessed: false }
    }

    /// An instant and how exactly it is known: as the file says, or by the digits that are written.
    pub fn known(&mut self, text: &str, precision: Option<&str>) -> Option<Known> {
        let text = text.trim();
        let at = match text.parse::<Instant>() {
            Ok(at) => at,
            Err(_) => self.local(text)?,
        };
        let whole = |length: i64| at.as_micros().rem_euclid(length * 1_000_000) == 0;
        let precision = match precision.map(str::trim) {
            Some("approximate" | "approx" | "about") if whole(3_600) => Precision::Hour,
            Some("approximate" | "approx" | "about") => Precision::FiveMinutes,
            named => named.and_then(Precision::from_key).unwrap_or(if whole(60) {
                Precision::Minute
            } else {
                Precision::Second
            }),
        };
        Some(Known { at, precision })
    }

    fn local(&mut self, text: &str) -> Option<Instant> {
        let civil: DateTime = text.parse().ok()?;
        let zone = self.zone.clone().unwrap_or_else(|| {
            self.guessed = true;
            TimeZone::UTC
        });
        civil.to_zoned(zone).ok().map(|zoned| Instant::from_timestamp(zoned.timestamp()))
    }
}

/// The first length in `text`: numbers with units, as long as they follow each other (`1d 5h 47m`, `38 minutes`).
pub(super) fn length(text: &str) -> Option<Span> {
    let mut rest = text.trim_start();
    let mut total: Option<i64> = None;
    while let Some(end) = rest.find(|c: char| !c.is_ascii_digit()) {
        let Ok(number) = rest[..end].parse::<i64>() else { break };
        let after = rest[end..].trim_start();
        let word = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let seconds = match &after[..word] {
            "d" | "day" | "days" => 86_400,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            _ => break,
        };
        total = Some(total.unwrap_or(0).saturating_add(number.saturating_mul(seconds)));
        rest = after[word..].trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        rest = rest.strip_prefix("and ").unwrap_or(rest).trim_start();
    }
    total.map(Span::seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_as_people_write_them() {
        for (text, minutes) in [
            ("4h 9m", Some(249)),
            ("7h (during support hours 10:00-17:00)", Some(420)),
            ("1d 5h 47m", Some(1_787)),
            ("673h 34m", Some(40_414)),
            ("8m", Some(8)),
            ("2 hours and 5 minutes", Some(125)),
            ("99999999999999999999h", None),
            ("9223372036854775807d", Some(153_722_867_280)),
            ("", None),
            ("about an hour", None),
        ] {
            assert_eq!(length(text).map(|span| span.as_minutes().min(153_722_867_280)), minutes, "{text}");
        }
    }

    #[test]
    fn times_without_an_offset_belong_to_the_zone_of_the_file() {
        let mut times = Times::of(Some("Europe/London"));
        let known = times.known("2020-08-04T13:30", None).unwrap();
        assert_eq!(
            (known.at.to_string().as_str(), known.precision),
            ("2020-08-04T12:30:00Z", Precision::Minute)
        );
        assert!(!times.guessed && times.known("yesterday", None).is_none());
        let mut unsaid = Times::of(Some("not stated"));
        assert_eq!(unsaid.known("2020-08-04T13:30", None).unwrap().at.to_string(), "2020-08-04T13:30:00Z");
        assert!(unsaid.guessed);
    }

    #[test]
    fn about_means_an_hour_at_a_full_hour() {
        let mut times = Times::of(None);
        let mut precision = |text, said| times.known(text, said).unwrap().precision;
        assert_eq!(precision("2026-01-01T17:00:00Z", Some("approximate")), Precision::Hour);
        assert_eq!(precision("2026-01-01T17:30:00Z", Some("approximate")), Precision::FiveMinutes);
        assert_eq!(precision("2026-01-01T17:30:05Z", None), Precision::Second);
    }
}
