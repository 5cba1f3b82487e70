//! Times as people see them: in their zone, with UTC one hover away.

use domain::Instant;
use jiff::{civil::DateTime, tz::TimeZone};
use std::fmt;

/// The zone in which a person reads times.
#[derive(Debug, Clone)]
pub struct Zone {
    name: Option<String>,
    rules: TimeZone,
}

impl Zone {
    /// The cookie in which a browser names its own zone.
    pub const COOKIE: &str = "zone";

    /// The zone of that IANA name; UTC, which a script replaces by the browser's zone, without one.
    pub fn of(name: Option<&str>) -> Self {
        let found = name.and_then(|name| TimeZone::get(name).ok().map(|rules| (name.to_owned(), rules)));
        match found {
            Some((name, rules)) => Self { name: Some(name), rules },
            None => Self { name: None, rules: TimeZone::UTC },
        }
    }

    /// The zone's rules, for calendars.
    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }

    /// The zone's name for people.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("UTC")
    }

    /// Whether this zone is known, from the person or their browser; otherwise a script may know better.
    pub fn chosen(&self) -> bool {
        self.name.is_some()
    }

    /// `at` on this zone's clock (strftime directives).
    pub fn say(&self, at: Instant, pattern: &str) -> String {
        at.format(&self.rules, pattern)
    }

    /// A `<time>` element: 14 November 2026, 05:47.
    pub fn moment(&self, at: Instant) -> Time<'_> {
        Time { zone: self, at, shape: Shape::Moment }
    }

    /// A `<time>` element: 14 November 2026.
    pub fn day(&self, at: Instant) -> Time<'_> {
        Time { zone: self, at, shape: Shape::Day }
    }

    /// The value of a `datetime-local` field.
    pub fn field(&self, at: Instant) -> String {
        self.say(at, "%Y-%m-%dT%H:%M:%S")
    }

    /// The instant that a `datetime-local` field names in this zone. A time that the clocks skip is read as
    /// the one after the gap; one that happens twice as the earlier.
    pub fn read_field(&self, text: &str) -> Option<Instant> {
        let civil: DateTime = text.trim().parse().ok()?;
        let zoned = self.rules.to_ambiguous_zoned(civil).compatible().ok()?;
        Some(Instant::from_timestamp(zoned.timestamp()))
    }

    /// Every IANA name, for a list to choose from.
    pub fn every_name() -> Vec<String> {
        let mut names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        names.sort();
        names
    }
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    Moment,
    Day,
}

impl Shape {
    const fn pattern(self) -> &'static str {
        match self {
            Self::Moment => "%-d %B %Y, %H:%M",
            Self::Day => "%-d %B %Y",
        }
    }

    /// What the script that knows the browser's zone makes of it.
    const fn key(self) -> &'static str {
        match self {
            Self::Moment => "datetime",
            Self::Day => "date",
        }
    }
}

/// An instant as a `<time>` element. Its text consists of digits and month names, so it needs no escaping.
#[derive(Debug, Clone, Copy)]
pub struct Time<'a> {
    zone: &'a Zone,
    at: Instant,
    shape: Shape,
}

impl fmt::Display for Time<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = self.at.format(&TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ");
        let hover = self.at.format(&TimeZone::UTC, "%-d %B %Y, %H:%M UTC");
        let words = self.zone.say(self.at, self.shape.pattern());
        if self.zone.chosen() {
            write!(f, "<time datetime=\"{utc}\" title=\"{hover}\">{words}</time>")
        } else {
            let shape = self.shape.key();
            write!(f, "<time datetime=\"{utc}\" title=\"{hover}\" data-show=\"{shape}\">{words}</time>")
        }
    }
}

impl askama::filters::HtmlSafe for Time<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_shows_the_persons_clock_and_keeps_utc() {
        let zone = Zone::of(Some("Europe/Amsterdam"));
        assert_eq!(
            zone.moment(at("2026-11-14T04:47:00Z")).to_string(),
            "<time datetime=\"2026-11-14T04:47:00Z\" title=\"14 November 2026, 04:47 UTC\">14 November 2026, 05:47</time>"
        );
        let unknown = Zone::of(Some("Nowhere/Else"));
        assert!(
            unknown.day(at("2026-11-14T04:47:00Z")).to_string().contains("data-show=\"date\">14 November")
        );
    }

    #[test]
    fn fields_are_read_on_the_persons_clock() {
        let zone = Zone::of(Some("Europe/Amsterdam"));
        for (field, utc) in [
            ("2026-11-14T05:47", "2026-11-14T04:47:00Z"),
            ("2026-07-01T12:00:30", "2026-07-01T10:00:30Z"),
            ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
            ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
        ] {
            assert_eq!(zone.read_field(field), Some(at(utc)), "{field}");
        }
        assert_eq!(zone.read_field("tomorrow"), None);
        assert_eq!(zone.field(at("2026-11-14T04:47:00Z")), "2026-11-14T05:47:00");
    }
}
