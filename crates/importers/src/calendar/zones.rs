//! Zones that a calendar defines itself (RFC 5545, section 3.6.5), as Outlook does for the names it gives them: which
//! offset begins when, once or every year. One that cannot be read whole is not used at all.

use super::{local, parameter, property};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday},
    tz::Offset,
};
use std::collections::HashMap;

/// The most offsets, and the most times at which they begin, of one zone.
const MOST: usize = 400;

/// The zones of a calendar by their names.
#[derive(Debug, Default)]
pub(super) struct Zones(HashMap<String, Option<Zone>>);

/// Its offsets; at least one.
#[derive(Debug, PartialEq)]
struct Zone(Vec<Offsets>);

/// An offset with the one that it follows.
#[derive(Debug, PartialEq)]
struct Offsets {
    before: Offset,
    after: Offset,
    /// When it begins, by the clock that ends there.
    begins: Vec<DateTime>,
    /// When it begins again each year.
    yearly: Option<Yearly>,
}

/// A rule such as “the last Sunday of March”, from the first beginning on.
#[derive(Debug, PartialEq)]
struct Yearly {
    first: DateTime,
    month: i8,
    day: Day,
    until: Option<DateTime>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Day {
    /// Of the month.
    Date(i8),
    /// The second Sunday, or the last one: -1.
    Nth(i8, Weekday),
    /// The first Sunday on or after a day of the month.
    On(i8, Weekday),
}

impl Zones {
    /// Those that the lines of a calendar define, wherever they stand.
    pub(super) fn of(lines: &[String]) -> Self {
        let mut zones = Self::default();
        let mut inside: Option<Vec<&str>> = None;
        for text in lines {
            if text.eq_ignore_ascii_case("BEGIN:VTIMEZONE") {
                inside = Some(Vec::new());
            } else if text.eq_ignore_ascii_case("END:VTIMEZONE") {
                zones.define(&inside.take().unwrap_or_default());
            } else if let Some(inside) = &mut inside {
                inside.push(text);
            }
        }
        zones
    }

    fn define(&mut self, lines: &[&str]) {
        let named = lines.iter().filter_map(|text| property(text)).find(|(name, ..)| name == "TZID");
        let Some((_, _, name)) = named else { return };
        let zone = zone(lines);
        match self.0.get_mut(&name) {
            // Of two that differ under one name, either would be a guess.
            Some(known) if *known != zone => *known = None,
            Some(_) => {}
            None => {
                self.0.insert(name, zone);
            }
        }
    }

    /// The instant of a local time in the zone of that name, if the calendar defines it.
    pub(super) fn instant(&self, name: &str, local: DateTime) -> Option<Timestamp> {
        self.0.get(name)?.as_ref()?.offset(local)?.to_timestamp(local).ok()
    }
}

impl Zone {
    /// The offset at a local time: of those that have begun the last, and before the first what that one followed. A time
    /// that there are two of is the first of them, and one that is left out is counted as if it were not.
    fn offset(&self, local: DateTime) -> Option<Offset> {
        let begun = self.0.iter().filter_map(|it| Some((it.last_beginning(local)?, it)));
        let Some((at, last)) = begun.max_by_key(|(at, _)| *at) else {
            let first = self.0.iter().min_by_key(|it| it.begins.iter().min().copied())?;
            return Some(first.before);
        };
        let left_out = i64::from(last.after.seconds()) - i64::from(last.before.seconds());
        let there_again = at.checked_add(left_out.max(0).seconds()).ok()?;
        Some(if local < there_again { last.before } else { last.after })
    }
}

impl Offsets {
    fn last_beginning(&self, local: DateTime) -> Option<DateTime> {
        let once = self.begins.iter().copied().filter(|at| *at <= local).max();
        let every = self.yearly.as_ref().and_then(|rule| rule.last(local));
        once.max(every)
    }
}

impl Yearly {
    fn last(&self, local: DateTime) -> Option<DateTime> {
        let end = self.until.map_or(local, |until| until.min(local));
        let year = end.date().year();
        let mut candidates = [year, year.saturating_sub(1)].into_iter().filter_map(|year| self.of_year(year));
        candidates.find(|at| *at <= end && *at >= self.first)
    }

    fn of_year(&self, year: i16) -> Option<DateTime> {
        let month = Date::new(year, self.month, 1).ok()?;
        let date = match self.day {
            Day::Date(day) => Date::new(year, self.month, day).ok()?,
            Day::Nth(nth, weekday) => month.nth_weekday_of_month(nth, weekday).ok()?,
            Day::On(day, weekday) => {
                let from = Date::new(year, self.month, day).ok()?;
                from.yesterday().ok()?.nth_weekday(1, weekday).ok()?
            }
        };
        Some(date.to_datetime(self.first.time()))
    }
}

/// The zone that the lines between its beginning and its end define; `None` if one of its offsets cannot be read.
fn zone(lines: &[&str]) -> Option<Zone> {
    let mut all = Vec::new();
    let mut inside: Option<Vec<(String, String, String)>> = None;
    for text in lines {
        let (name, parameters, value) = property(text)?;
        match (name.as_str(), value.to_ascii_uppercase().as_str(), &mut inside) {
            ("BEGIN", "STANDARD" | "DAYLIGHT", None) => inside = Some(Vec::new()),
            ("END", "STANDARD" | "DAYLIGHT", Some(_)) => all.push(offsets(&inside.take()?)?),
            (_, _, Some(own)) => own.push((name, parameters, value)),
            (_, _, None) => {}
        }
    }
    let times: usize = all.iter().map(|it| it.begins.len()).sum();
    (!all.is_empty() && all.len() <= MOST && times <= MOST).then_some(Zone(all))
}

fn offsets(own: &[(String, String, String)]) -> Option<Offsets> {
    let get = |name: &str| own.iter().find(|(known, ..)| known == name).map(|(_, _, value)| value.as_str());
    let (before, after) = (offset(get("TZOFFSETFROM")?)?, offset(get("TZOFFSETTO")?)?);
    let first = local(get("DTSTART")?)?;
    let mut begins = vec![first];
    for (_, parameters, value) in own.iter().filter(|(name, ..)| name == "RDATE") {
        // A period, or a time of another zone, is no beginning by this clock.
        if parameter(parameters, "TZID").is_some() || value.contains('/') {
            return None;
        }
        for one in value.split(',').filter(|it| !it.trim().is_empty()) {
            begins.push(local(one.trim())?);
        }
    }
    let yearly = match get("RRULE") {
        Some(rule) => Some(yearly(rule, first, before)?),
        None => None,
    };
    Some(Offsets { before, after, begins, yearly })
}

/// `+0100`, `-0330` or `+012345`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = text.trim().split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let two = |from: usize| digits.get(from..from + 2)?.parse::<i32>().ok();
    let seconds = if digits.len() == 6 { two(4)? } else { 0 };
    if !matches!(digits.len(), 4 | 6) {
        return None;
    }
    Offset::from_seconds(sign * (two(0)? * 3_600 + two(2)? * 60 + seconds)).ok()
}

/// A rule that gives one day each year, by the clock that ends there; `None` for every other.
fn yearly(rule: &str, first: DateTime, before: Offset) -> Option<Yearly> {
    let mut month = first.date().month();
    let (mut weekday, mut days, mut until) = (None, Vec::new(), None);
    let mut is_yearly = false;
    for part in rule.split(';').filter(|it| !it.is_empty()) {
        let (name, value) = part.split_once('=')?;
        match name.to_ascii_uppercase().as_str() {
            "FREQ" => is_yearly = value.eq_ignore_ascii_case("YEARLY"),
            "INTERVAL" if value.trim() == "1" => {}
            "WKST" => {}
            // Notes says the time of the first beginning once more.
            "BYHOUR" if value.trim().parse() == Ok(first.hour()) => {}
            "BYMINUTE" if value.trim().parse() == Ok(first.minute()) => {}
            "BYMONTH" => month = value.trim().parse().ok()?,
            "BYMONTHDAY" => {
                days = value.split(',').map(|it| it.trim().parse().ok()).collect::<Option<Vec<i8>>>()?;
            }
            "BYDAY" => weekday = Some(nth_weekday(value.trim())?),
            "UNTIL" => {
                let at = local(value)?;
                let by_clock = if value.ends_with('Z') { before.seconds() } else { 0 };
                until = Some(at.checked_add(i64::from(by_clock).seconds()).ok()?);
            }
            _ => return None,
        }
    }
    let day = match (weekday, days.as_slice()) {
        (None, []) => Day::Date(first.date().day()),
        (None, [day]) => Day::Date(*day),
        (Some((Some(nth), weekday)), []) => Day::Nth(nth, weekday),
        // Seven days in a row hold one of each.
        (Some((None, weekday)), [day, rest @ ..]) if rest.len() == 6 => Day::On(*day, weekday),
        _ => return None,
    };
    is_yearly.then_some(Yearly { first, month, day, until })
}

/// `2SU`, `-1SU`, `SU`.
fn nth_weekday(text: &str) -> Option<(Option<i8>, Weekday)> {
    let (nth, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let weekday = match name.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    };
    let nth = if nth.is_empty() { None } else { Some(nth.parse().ok().filter(|nth| *nth != 0)?) };
    Some((nth, weekday))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COAST: &str = "BEGIN:VTIMEZONE
TZID:North Coast Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE";

    fn zones(text: &str) -> Zones {
        Zones::of(&text.lines().map(str::to_owned).collect::<Vec<_>>())
    }

    fn at(zones: &Zones, name: &str, time: &str) -> Option<String> {
        zones.instant(name, time.parse().unwrap()).map(|at| at.to_string())
    }

    #[test]
    fn a_zone_of_the_calendar_gives_its_times_as_the_same_zone_of_the_database_does() {
        let zones = zones(COAST);
        let real = jiff::tz::TimeZone::get("Europe/Oslo").unwrap();
        let mut local: DateTime = "2024-12-30T00:17:00".parse().unwrap();
        // Every eleven minutes over fourteen months: both changes of two years, also within the hours that are twice or never.
        for _ in 0..56_000 {
            let (ours, theirs) =
                (zones.instant("North Coast Standard Time", local), real.to_timestamp(local));
            assert_eq!(ours, theirs.ok(), "{local}");
            local = local.checked_add(11.minutes()).unwrap();
        }
    }

    #[test]
    fn the_other_ways_to_say_when_are_read_as_well() {
        let text = "BEGIN:VTIMEZONE
TZID:Island
BEGIN:STANDARD
DTSTART:19990228T030000
RDATE:20000227T030000,20010225T030000
TZOFFSETFROM:+1300
TZOFFSETTO:+120030
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20100307T020000
TZOFFSETFROM:+120030
TZOFFSETTO:+1300
RRULE:FREQ=YEARLY;UNTIL=20120401T000000Z;BYMONTH=3;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=SU
END:DAYLIGHT
END:VTIMEZONE";
        let zones = zones(text);
        assert_eq!(
            at(&zones, "Island", "1990-01-01T00:00:00").unwrap(),
            "1989-12-31T11:00:00Z",
            "before the first"
        );
        assert_eq!(at(&zones, "Island", "2000-06-01T00:00:00").unwrap(), "2000-05-31T11:59:30Z");
        assert_eq!(at(&zones, "Island", "2030-01-01T00:00:00").unwrap(), "2029-12-31T11:00:00Z");
    }

    #[test]
    fn a_time_that_is_said_twice_is_the_same_time() {
        let name = "North Coast Standard Time";
        let again =
            COAST.replace("INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "BYMINUTE=0;BYHOUR=2;BYDAY=-1SU;BYMONTH=3");
        assert_ne!(again, COAST);
        let summer = at(&zones(COAST), name, "2026-07-01T12:00:00");
        assert!(summer.is_some());
        assert_eq!(at(&zones(&again), name, "2026-07-01T12:00:00"), summer);
        let other = again.replace("BYHOUR=2", "BYHOUR=3");
        assert_eq!(at(&zones(&other), name, "2026-07-01T12:00:00"), None);
    }

    #[test]
    fn what_cannot_be_read_whole_is_not_used() {
        let name = "North Coast Standard Time";
        for (from, to) in [
            ("BYDAY=-1SU;BYMONTH=3", "BYDAY=SU;BYMONTH=3"),
            ("BYDAY=-1SU;BYMONTH=3", "BYDAY=0SU"),
            ("INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "INTERVAL=2"),
            ("FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "FREQ=SECONDLY"),
            ("TZOFFSETTO:+0200", "TZOFFSETTO:é200"),
            ("TZOFFSETTO:+0200", "TZOFFSETTO:+99999"),
            ("DTSTART:16010101T020000", "DTSTART:yesterday"),
        ] {
            let broken = COAST.replace(from, to);
            assert_ne!(broken, COAST);
            assert_eq!(at(&zones(&broken), name, "2026-07-01T12:00:00"), None, "{to}");
        }
        let twice = |second: &str| at(&zones(&format!("{COAST}\n{second}")), name, "2026-07-01T12:00:00");
        assert!(twice(COAST).is_some());
        assert_eq!(twice(&COAST.replace("+0200", "+0300")), None, "which of the two?");
        assert_eq!(at(&zones(COAST), "South Coast", "2026-07-01T12:00:00"), None);
    }
}
