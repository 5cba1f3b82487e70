//! Instants and lengths of time, and how people read them.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// A point in time: whole microseconds since 1970-01-01T00:00:00Z, between the years −9999 and 9999.
///
/// Stored as a 64-bit integer on every database, because text forms of time do not sort alike
/// everywhere. Written outside as RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(i64);

/// A text that is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a time such as 2026-11-14T05:47:00Z")]
pub struct NotAnInstant(String);

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Instant {
    /// The earliest instant that has a calendar date.
    pub const MIN: Self = Self(-377_705_023_201_000_000);
    /// The latest instant that has a calendar date.
    pub const MAX: Self = Self(253_402_207_200_000_000);

    /// From microseconds since the epoch; values outside the calendar are clamped to it.
    pub const fn from_micros(micros: i64) -> Self {
        if micros < Self::MIN.0 {
            Self::MIN
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// From whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// From a jiff timestamp, dropping what is finer than a microsecond.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        Self::from_micros(timestamp.as_microsecond())
    }

    /// As a jiff timestamp, for calendars and zones.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// This instant moved by `span`; stops at the ends of the calendar.
    pub const fn plus(self, span: Span) -> Self {
        Self::from_micros(self.0.saturating_add(span.0))
    }

    /// The length from `earlier` to this instant; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// Reads RFC 3339 with any offset; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        plain(text.as_bytes()).or_else(|| text.parse::<Timestamp>().ok().map(Self::from_timestamp))
    }

    /// A date and a time of day in UTC, of the years 1970 to 9998; `None` if there is no such date or time.
    pub fn of_date(
        (year, month, day): (i64, i64, i64),
        (hour, minute, second): (i64, i64, i64),
    ) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let longest = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        let sound = (1970..=9998).contains(&year)
            && (1..=longest).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second);
        // Days since 1970 by years that begin in March, so that the leap day is their last.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
        sound.then(|| Self::from_seconds(days * 86_400 + hour * 3_600 + minute * 60 + second))
    }

    /// The instant seen on a wall clock, for instance `format(zone, "%H:%M")` (strftime directives).
    pub fn format(self, zone: &TimeZone, pattern: &str) -> String {
        self.timestamp().to_zoned(zone.clone()).strftime(pattern).to_string()
    }
}

/// `2026-11-14T05:47:00.25+01:00`, the form that nearly every record has; `None` for what takes a closer look.
fn plain(text: &[u8]) -> Option<Instant> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    };
    let sign = |at: usize, sign: u8| (text.get(at) == Some(&sign)).then_some(());
    for (at, mark) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
        sign(at, mark)?;
    }
    let date = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let at = Instant::of_date(date, (number(11, 13)?, number(14, 16)?, number(17, 19)?))?;
    let mut end = 19;
    let mut micros = 0;
    if text.get(end) == Some(&b'.') {
        let digits = text.iter().skip(20).take_while(|it| it.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        let kept = digits.min(6);
        micros = number(20, 20 + kept)? * 10_i64.pow(u32::try_from(6 - kept).ok()?);
        end = 20 + digits;
    }
    let offset = match text.get(end)? {
        b'Z' if text.len() == end + 1 => 0,
        sign @ (b'+' | b'-') if text.len() == end + 6 && text.get(end + 3) == Some(&b':') => {
            let (hours, minutes) = (number(end + 1, end + 3)?, number(end + 4, end + 6)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3_600 + minutes * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    // Before 1970 what is finer than a microsecond is cut the other way.
    let micros = at.as_micros() + micros - offset * MICROS_PER_SECOND;
    (micros >= 0).then(|| Instant::from_micros(micros))
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, with as many decimals as there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 20];
        match f.precision().is_none().then(|| self.plainly(&mut text)).flatten() {
            Some(plain) => f.write_str(plain),
            None => self.timestamp().fmt(f),
        }
    }
}

impl Instant {
    /// `2026-11-14T05:47:00Z`, the form of nearly every instant, written into `text`; `None` for one with decimals and
    /// for years that have not four digits.
    fn plainly(self, text: &mut [u8; 20]) -> Option<&str> {
        let (seconds, rest) = (self.0.div_euclid(1_000_000), self.0.rem_euclid(1_000_000));
        // Up to the year 9998, and not before 1970.
        if rest != 0 || !(0..253_370_764_800).contains(&seconds) {
            return None;
        }
        // The day in years that begin in March, so that the leap day is the last: the way back from `of_date`.
        let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let year = era * 400 + year + i64::from(month > 9);
        let month = if month > 9 { month - 9 } else { month + 3 };
        text.copy_from_slice(b"0000-00-00T00:00:00Z");
        let numbers = [
            (0, year / 100),
            (2, year % 100),
            (5, month),
            (8, day),
            (11, second / 3_600),
            (14, second / 60 % 60),
            (17, second % 60),
        ];
        for (at, number) in numbers {
            let digits = text.get_mut(at..at + 2)?;
            let number = u8::try_from(number).ok()?;
            digits.copy_from_slice(&[b'0' + number / 10, b'0' + number % 10]);
        }
        std::str::from_utf8(text).ok()
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = NotAnInstant;
    /// Reads RFC 3339 with any offset. A time without an offset is refused, because it names no instant.
    fn from_str(text: &str) -> Result<Self, NotAnInstant> {
        Self::read(text).ok_or_else(|| NotAnInstant(text.chars().take(80).collect()))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A length of time in whole microseconds; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From microseconds.
    pub const fn micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// From whole minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// From whole hours.
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }

    /// From days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self::hours(days.saturating_mul(24))
    }

    /// The same length the other way.
    pub const fn reversed(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// In microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// In whole seconds, rounded towards zero.
    pub const fn as_seconds(self) -> i64 {
        self.0 / MICROS_PER_SECOND
    }

    /// In whole minutes, rounded towards zero.
    pub const fn as_minutes(self) -> i64 {
        self.as_seconds() / 60
    }

    /// Whether the length is below zero, which for a duration means that its instants disagree.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl fmt::Display for Span {
    /// As people say it: `40 s`, `4 min`, `2 h 22 min`, `3 d 4 h`; two units at most.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negative() {
            f.write_str("−")?;
        }
        let seconds = self.as_seconds().unsigned_abs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
        let pair = |f: &mut fmt::Formatter<'_>, big: u64, unit: &str, small: u64, small_unit: &str| {
            if small == 0 {
                write!(f, "{big} {unit}")
            } else {
                write!(f, "{big} {unit} {small} {small_unit}")
            }
        };
        match () {
            () if days > 0 => pair(f, days, "d", hours % 24, "h"),
            () if hours > 0 => pair(f, hours, "h", minutes % 60, "min"),
            () if minutes > 0 => write!(f, "{minutes} min"),
            () => write!(f, "{seconds} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn offsets_name_the_same_instant() {
        let cet: Instant = "2026-11-14T06:47:00+01:00".parse().unwrap();
        assert_eq!(cet.to_string(), "2026-11-14T05:47:00Z");
        assert!("2026-11-14T06:47:00".parse::<Instant>().is_err(), "no offset, no instant");
        assert!("yesterday".parse::<Instant>().is_err());
    }

    #[test]
    fn spans_read_as_people_say_them() {
        for (span, words) in [
            (Span::seconds(40), "40 s"),
            (Span::seconds(247), "4 min"),
            (Span::minutes(142), "2 h 22 min"),
            (Span::hours(2), "2 h"),
            (Span::hours(76), "3 d 4 h"),
            (Span::minutes(-5), "−5 min"),
            (Span::ZERO, "0 s"),
        ] {
            assert_eq!(span.to_string(), words);
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_no_instants() {
        for (text, known) in [
            ("2024-02-29T12:00:00Z", true),
            ("2023-02-29T12:00:00Z", false),
            ("2100-02-29T12:00:00Z", false),
            ("2026-04-31T12:00:00Z", false),
            ("2026-13-01T12:00:00Z", false),
            ("2026-11-14T24:00:00Z", false),
            ("2026-11-14T05:60:00Z", false),
            ("0000-00-00T00:00:00Z", false),
            ("2026-11-14T05:47:00.1234567891Z", false),
            ("2026-11-14T05:47:00.Z", false),
        ] {
            assert_eq!(Instant::read(text).is_some(), known, "{text}");
            assert_eq!(text.parse::<Timestamp>().is_ok(), known, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_instant_is_written_as_the_library_writes_it(
            seconds in -86_400_i64..253_402_207_200, micros in prop_oneof![Just(0_i64), 0..1_000_000_i64],
        ) {
            let at = Instant::from_micros(seconds * 1_000_000 + micros);
            prop_assert_eq!(at.to_string(), at.timestamp().to_string());
            prop_assert_eq!(format!("{at:.3}"), format!("{:.3}", at.timestamp()));
        }

        // The form that nearly every record has is read without the library, and means the same.
        #[test]
        fn a_record_is_read_as_the_library_reads_it(
            seconds in -86_400_i64..253_402_000_000, fraction in "(\\.[0-9]{1,9})?", offset in "(Z|[+-][0-2][0-9]:[0-5][0-9])",
            at in 0_usize..35, other in "[0-9TZ:.+ -]",
        ) {
            let whole = Timestamp::from_second(seconds).unwrap().strftime("%Y-%m-%dT%H:%M:%S").to_string();
            let text = format!("{whole}{fraction}{offset}");
            let known = |text: &str| text.trim().parse::<Timestamp>().ok().map(Instant::from_timestamp);
            prop_assert_eq!(Instant::read(&text), known(&text), "{}", text);
            let mut broken = text;
            if broken.get(at..at + 1).is_some() {
                broken.replace_range(at..at + 1, &other);
            }
            prop_assert_eq!(Instant::read(&broken), known(&broken), "{}", broken);
        }

        #[test]
        fn text_keeps_every_microsecond(micros in Instant::MIN.0..=Instant::MAX.0) {
            let instant = Instant::from_micros(micros);
            prop_assert_eq!(instant.to_string().parse::<Instant>(), Ok(instant));
        }

        #[test]
        fn nothing_leaves_the_calendar(micros: i64, span: i64) {
            let moved = Instant::from_micros(micros).plus(Span(span));
            prop_assert!(moved >= Instant::MIN && moved <= Instant::MAX);
            prop_assert!(!moved.format(&TimeZone::UTC, "%Y-%m-%d %H:%M").is_empty());
        }
    }
}
