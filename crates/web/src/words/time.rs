//! Times in lists and gutters: short, in the reader's zone, with UTC one hover away.

use crate::zone::Zone;
use domain::{Instant, instant::Span};
use jiff::tz::TimeZone;
use std::fmt;

/// An instant as a `<time>` element in a form that [`Zone`] does not offer. Its text consists of digits and
/// names of days and months, so it needs no escaping.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    utc: String,
    hover: String,
    words: String,
    local: Option<&'static str>,
}

impl Stamp {
    fn new(zone: &Zone, at: Instant, pattern: &str, local: &'static str) -> Self {
        Self {
            utc: at.format(&TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ"),
            hover: at.format(&TimeZone::UTC, "%-d %B %Y, %H:%M:%S UTC"),
            words: zone.say(at, pattern),
            local: (!zone.chosen()).then_some(local),
        }
    }

    /// 05:47
    pub(crate) fn clock(zone: &Zone, at: Instant) -> Self {
        Self::new(zone, at, "%H:%M", "time")
    }

    /// Sat 14
    pub(crate) fn weekday(zone: &Zone, at: Instant) -> Self {
        Self::new(zone, at, "%a %-d", "day")
    }

    /// Sat 14 Nov, 05:47
    pub(crate) fn short(zone: &Zone, at: Instant) -> Self {
        Self::new(zone, at, "%a %-d %b, %H:%M", "datetime")
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\" title=\"{}\"", self.utc, self.hover)?;
        if let Some(local) = self.local {
            write!(f, " data-show=\"{local}\"")?;
        }
        write!(f, ">{}</time>", self.words)
    }
}

impl askama::filters::HtmlSafe for Stamp {}

/// The days from `from` to `to` and whose time it is: “Saturday 14 November 2026, your time (UTC+1)”.
pub(crate) fn days(zone: &Zone, from: Instant, to: Instant) -> String {
    let (first, last) = (zone.say(from, "%A %-d %B %Y"), zone.say(to, "%A %-d %B %Y"));
    let days = if first == last { first } else { format!("{} to {last}", zone.say(from, "%A %-d %B")) };
    if zone.chosen() { format!("{days}, your time ({})", offset(zone, from)) } else { format!("{days}, UTC") }
}

/// The zone's distance from UTC at an instant: UTC+1, UTC+5:30, UTC.
pub(crate) fn offset(zone: &Zone, at: Instant) -> String {
    let seconds = at.timestamp().to_zoned(zone.rules().clone()).offset().seconds();
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() % 3600 / 60);
    match (seconds, minutes) {
        (0, _) => "UTC".to_owned(),
        (seconds, 0) => format!("UTC{}{hours}", if seconds < 0 { '−' } else { '+' }),
        (seconds, minutes) => format!("UTC{}{hours}:{minutes:02}", if seconds < 0 { '−' } else { '+' }),
    }
}

/// How long is left, roughly: “5 h”, “1 day 3 h”, “20 min”.
pub(crate) fn left(span: Span) -> String {
    let minutes = span.as_minutes();
    let (days, hours) = (minutes / 1440, minutes % 1440 / 60);
    let day = if days == 1 { "day" } else { "days" };
    match (days, hours) {
        (days, 0) if days > 0 => format!("{days} {day}"),
        (days, hours) if days > 0 => format!("{days} {day} {hours} h"),
        (_, hours) if hours > 0 => format!("{hours} h"),
        _ => format!("{} min", minutes.max(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_say_whose_time_it_is() {
        let zone = Zone::of(Some("Europe/Amsterdam"));
        let at = |text: &str| text.parse::<Instant>().unwrap();
        assert_eq!(
            days(&zone, at("2026-11-14T04:47:00Z"), at("2026-11-14T08:10:00Z")),
            "Saturday 14 November 2026, your time (UTC+1)"
        );
        assert_eq!(
            days(&Zone::of(None), at("2026-11-14T22:00:00Z"), at("2026-11-15T01:00:00Z")),
            "Saturday 14 November to Sunday 15 November 2026, UTC"
        );
        assert_eq!(offset(&Zone::of(Some("Asia/Kolkata")), at("2026-11-14T04:47:00Z")), "UTC+5:30");
    }

    #[test]
    fn what_is_left_reads_roughly() {
        for (minutes, words) in
            [(0, "1 min"), (20, "20 min"), (300, "5 h"), (1620, "1 day 3 h"), (2880, "2 days")]
        {
            assert_eq!(left(Span::minutes(minutes)), words);
        }
    }

    #[test]
    fn stamps_keep_utc() {
        let zone = Zone::of(Some("Europe/Amsterdam"));
        let stamp = Stamp::clock(&zone, "2026-11-14T04:47:09Z".parse().unwrap()).to_string();
        assert_eq!(
            stamp,
            "<time datetime=\"2026-11-14T04:47:09Z\" title=\"14 November 2026, 04:47:09 UTC\">05:47</time>"
        );
    }
}
