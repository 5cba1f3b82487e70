//! Who was affected, when and how much: intervals per service and audience, joined and never added up where they
//! overlap (domain.md 4.3).

use super::Precision;
use crate::{Instant, instant::Span};
use serde::{Deserialize, Serialize};

/// How much was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Degree {
    /// It did not work at all.
    Full,
    /// It worked worse than it should.
    #[default]
    Degraded,
}

impl Degree {
    /// Every degree, worst first.
    pub const ALL: [Self; 2] = [Self::Full, Self::Degraded];

    /// Its share of a full loss in the weighted impact: 1, or 0.5.
    pub const fn weight(self) -> f64 {
        match self {
            Self::Full => 1.0,
            Self::Degraded => 0.5,
        }
    }

    /// The name in the record.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Degraded => "degraded",
        }
    }

    /// The name people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Full => "did not work at all",
            Self::Degraded => "worked worse",
        }
    }

    /// The degree of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|degree| degree.key() == key)
    }
}

/// From when to when a service was affected for an audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// What was affected.
    pub service: String,
    /// For whom; empty for everybody who uses it.
    pub audience: String,
    /// From here.
    pub from: Instant,
    /// Until here; `None` while it goes on.
    pub to: Option<Instant>,
    /// How exactly both ends are known.
    pub precision: Precision,
    /// How much was lost.
    pub degree: Degree,
    /// The share of its users that was affected, in hundredths of a percent from 0 to 10,000.
    pub share: Option<u16>,
    /// How many were affected.
    pub affected: Option<u64>,
}

/// The most hundredths of a percent.
pub const WHOLE: u16 = 10_000;

/// Whether the record says that only a part was affected: something was, and nothing of it fully and for everybody
/// (domain.md, rule EX-1).
pub fn is_partial(intervals: &[Interval]) -> bool {
    let whole = |it: &Interval| {
        it.degree == Degree::Full
            && it.audience.trim().is_empty()
            && it.share.is_none_or(|share| share >= WHOLE)
    };
    !intervals.is_empty() && !intervals.iter().any(whole)
}

impl Interval {
    /// Its ends, an open one at `now`; `None` when it has no length.
    pub fn ends(&self, now: Instant) -> Option<(Instant, Instant)> {
        let to = self.to.unwrap_or(now);
        (to > self.from).then_some((self.from, to))
    }
}

/// The length of the union: overlapping and touching intervals are joined; those without length count nothing.
pub fn union(ends: impl IntoIterator<Item = (Instant, Instant)>) -> Span {
    let mut ends: Vec<_> = ends.into_iter().filter(|(from, to)| to > from).collect();
    ends.sort_unstable();
    let (mut total, mut open): (i64, Option<(Instant, Instant)>) = (0, None);
    for (from, to) in ends {
        open = match open {
            Some((start, end)) if from <= end => Some((start, end.max(to))),
            before => {
                total = total.saturating_add(before.map_or(0, |(start, end)| end.since(start).as_micros()));
                Some((from, to))
            }
        };
    }
    Span::micros(total.saturating_add(open.map_or(0, |(start, end)| end.since(start).as_micros())))
}

/// How long something was affected, under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Felt {
    /// The service.
    pub service: String,
    /// The audience; `None` for all of them together.
    pub audience: Option<String>,
    /// The union of its intervals.
    pub length: Span,
}

/// The impact of an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Impact {
    /// The union over everything; `None` when no interval is known.
    pub length: Option<Span>,
    /// For each service: all audiences together.
    pub services: Vec<Felt>,
    /// For each service and audience.
    pub audiences: Vec<Felt>,
    /// Minutes weighted by the share affected and by how much was lost, or why they cannot be told.
    pub weighted_minutes: Result<f64, String>,
    /// Minutes times people affected, or why they cannot be told.
    pub user_minutes: Result<f64, String>,
    /// Whether an interval is still open, so that everything ends at the instant it was asked.
    pub open: bool,
}

/// Measures the impact; open intervals end at `now`.
pub fn impact(intervals: &[Interval], now: Instant) -> Impact {
    let ends = |it: &Interval| it.ends(now);
    let mut services: Vec<Felt> = Vec::new();
    let mut audiences: Vec<Felt> = Vec::new();
    for one in intervals {
        if !services.iter().any(|felt| felt.service == one.service) {
            let same = intervals.iter().filter(|it| it.service == one.service).filter_map(ends);
            services.push(Felt { service: one.service.clone(), audience: None, length: union(same) });
        }
        let is_same =
            |felt: &Felt| felt.service == one.service && felt.audience.as_ref() == Some(&one.audience);
        if !audiences.iter().any(is_same) {
            let same = intervals
                .iter()
                .filter(|it| it.service == one.service && it.audience == one.audience)
                .filter_map(ends);
            let audience = Some(one.audience.clone());
            audiences.push(Felt { service: one.service.clone(), audience, length: union(same) });
        }
    }
    let none = || Err("no impact interval is written down yet".to_owned());
    let missing = |what: &str, one: &Interval| Err(format!("{what} is not known for {}", one.service));
    let weighted_minutes = match intervals.iter().find(|it| it.share.is_none()) {
        _ if intervals.is_empty() => none(),
        Some(one) => missing("the share of users affected", one),
        None => Ok(sliced(intervals, now, |now_on| {
            let weight =
                |it: &&Interval| f64::from(it.share.unwrap_or(0)) / f64::from(WHOLE) * it.degree.weight();
            now_on.iter().map(weight).fold(0.0, f64::max)
        })),
    };
    let user_minutes = match intervals.iter().find(|it| it.affected.is_none()) {
        _ if intervals.is_empty() => none(),
        Some(one) => missing("the number affected", one),
        None => Ok(sliced(intervals, now, affected_at_once)),
    };
    Impact {
        length: (!intervals.is_empty()).then(|| union(intervals.iter().filter_map(ends))),
        services,
        audiences,
        weighted_minutes,
        user_minutes,
        open: intervals.iter().any(|it| it.to.is_none()),
    }
}

/// How many people intervals of one slice affected: audiences are different people; two services of one audience
/// are taken to be the same people, because adding them up would count them twice.
#[expect(clippy::cast_precision_loss, reason = "numbers of people lie far below 2^52")]
fn affected_at_once(now_on: &[&Interval]) -> f64 {
    let mut seen: Vec<(&str, u64)> = Vec::new();
    for one in now_on {
        let count = one.affected.unwrap_or(0);
        match seen.iter_mut().find(|(audience, _)| *audience == one.audience) {
            Some((_, most)) => *most = count.max(*most),
            None => seen.push((&one.audience, count)),
        }
    }
    seen.into_iter().map(|(_, count)| count as f64).sum()
}

/// Minutes of every slice between two ends times what `value` says of the intervals that cover it.
#[expect(clippy::cast_precision_loss, reason = "microseconds of an incident lie far below 2^52")]
fn sliced(intervals: &[Interval], now: Instant, value: impl Fn(&[&Interval]) -> f64) -> f64 {
    let ends: Vec<(Instant, Instant, &Interval)> =
        intervals.iter().filter_map(|it| it.ends(now).map(|(from, to)| (from, to, it))).collect();
    let mut cuts: Vec<Instant> = ends.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2)
        .map(|cut| {
            let here = |(from, to, _): &&(Instant, Instant, &Interval)| *from <= cut[0] && *to >= cut[1];
            let covering: Vec<&Interval> = ends.iter().filter(here).map(|(_, _, it)| *it).collect();
            cut[1].since(cut[0]).as_micros() as f64 / 60e6 * value(&covering)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minutes: i64) -> Instant {
        Instant::from_seconds(minutes * 60)
    }

    fn interval(service: &str, audience: &str, from: i64, to: Option<i64>) -> Interval {
        Interval {
            service: service.into(),
            audience: audience.into(),
            from: at(from),
            to: to.map(at),
            precision: Precision::Minute,
            degree: Degree::Full,
            share: Some(WHOLE),
            affected: Some(10),
        }
    }

    #[test]
    fn overlapping_intervals_are_joined_and_never_added_up() {
        let all = [
            interval("Gates", "Passengers", 0, Some(60)),
            interval("Gates", "Passengers", 30, Some(90)),
            interval("Gates", "Staff", 90, Some(100)),
            interval("App", "Passengers", 40, Some(50)),
        ];
        let impact = impact(&all, at(500));
        assert_eq!(impact.length, Some(Span::minutes(100)));
        assert_eq!(impact.services.iter().map(|it| it.length.as_minutes()).collect::<Vec<_>>(), [100, 10]);
        assert_eq!(
            impact.audiences.iter().map(|it| it.length.as_minutes()).collect::<Vec<_>>(),
            [90, 10, 10]
        );
        // Ten passengers for 90 minutes, ten of the staff for 10: nobody counts twice.
        assert_eq!(impact.user_minutes, Ok(1_000.0));
        assert_eq!(impact.weighted_minutes, Ok(100.0));
    }

    #[test]
    fn a_lesser_loss_of_a_part_weighs_less() {
        let half = Interval {
            degree: Degree::Degraded,
            share: Some(2_000),
            ..interval("Gates", "Passengers", 0, Some(60))
        };
        assert_eq!(impact(std::slice::from_ref(&half), at(0)).weighted_minutes, Ok(6.0));
        let unknown = Interval { share: None, affected: None, ..half };
        let impact = impact(&[unknown], at(0));
        assert_eq!(
            impact.weighted_minutes.unwrap_err(),
            "the share of users affected is not known for Gates"
        );
        assert!(impact.user_minutes.is_err());
    }

    #[test]
    fn what_goes_on_ends_now_and_nothing_is_not_zero() {
        let open = impact(&[interval("Gates", "", 0, None)], at(7));
        assert_eq!((open.length, open.open), (Some(Span::minutes(7)), true));
        assert_eq!(impact(&[], at(7)).length, None);
        assert_eq!(impact(&[interval("Gates", "", 9, None)], at(7)).length, Some(Span::ZERO));
    }

    proptest! {
        #[test]
        fn the_union_is_what_counting_minutes_gives(all in prop::collection::vec((0i64..200, -5i64..60), 0..30)) {
            let ends: Vec<_> = all.iter().map(|(from, length)| (at(*from), at(from + length))).collect();
            let counted = (0..300).filter(|minute| all.iter().any(|(from, length)| minute >= from && *minute < from + length));
            prop_assert_eq!(union(ends).as_minutes(), counted.count() as i64);
        }
    }
}
