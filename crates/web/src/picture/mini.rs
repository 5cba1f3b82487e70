//! The little bar of a list: unseen, felt, after, on a logarithmic scale from one minute to four days.

use domain::{Instant, instant::Span, timeline::KeyInstant};
use std::{collections::BTreeMap, fmt};

/// How wide the bar is drawn.
pub(crate) const WIDTH: f64 = 112.0;
/// Where the scale ends, in minutes.
const END: f64 = 4.0 * 24.0 * 60.0;

/// A bar and its words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mini {
    unseen: Option<(f64, f64)>,
    felt: Option<(f64, f64)>,
    after: Option<(f64, f64)>,
    /// The end is not known yet.
    open: bool,
    /// The whole length, or why there is none.
    pub(crate) words: String,
    /// All of it in one sentence, for people who do not see the bar.
    pub(crate) spoken: String,
}

/// Where a length ends on the scale, from 0 to [`WIDTH`].
fn place(length: Span) -> f64 {
    let minutes = (length.as_micros().max(0) as f64) / 60e6;
    (WIDTH * (1.0 + minutes).ln() / (1.0 + END).ln()).min(WIDTH)
}

impl Mini {
    /// The bar of an incident with these key instants. Contradicting instants are left out, never turned round.
    pub(crate) fn of(known: &BTreeMap<KeyInstant, Instant>) -> Self {
        use KeyInstant::{Detected, ImpactStart, Mitigated, Resolved};
        let began = known.get(&ImpactStart).copied();
        let Some(start) = began.or_else(|| known.get(&Detected).copied()) else {
            return Self::unknown();
        };
        let after_start =
            |key| known.get(&key).map(|at: &Instant| at.since(start)).filter(|span| !span.is_negative());
        let (seen, limited, over) = (after_start(Detected), after_start(Mitigated), after_start(Resolved));
        let seen_at = seen.unwrap_or(Span::ZERO);
        let felt_until = limited.or(over).filter(|end| *end >= seen_at);
        let part = |from: Span, to: Span| (place(from), place(to));
        let whole = over.or(limited);
        let words = whole.map_or_else(|| "end not known".to_owned(), |whole| whole.to_string());
        let mut spoken = Vec::new();
        match (began, seen) {
            (Some(_), Some(seen)) => spoken.push(format!("unseen for {seen}")),
            (Some(_), None) => spoken.push("not known when it was seen".to_owned()),
            (None, _) => spoken.push("not known when impact started".to_owned()),
        }
        if let Some(limited) = limited {
            spoken.push(format!("limited after {limited}"));
        }
        if let Some(over) = over {
            spoken.push(format!("resolved after {over}"));
        }
        Self {
            unseen: seen.filter(|_| began.is_some()).map(|seen| part(Span::ZERO, seen)),
            felt: felt_until.map(|end| part(seen_at, end)),
            after: limited.zip(over).filter(|(limited, over)| over > limited).map(|(a, b)| part(a, b)),
            open: whole.is_none(),
            words,
            spoken: spoken.join(", "),
        }
    }

    fn unknown() -> Self {
        Self {
            unseen: None,
            felt: None,
            after: None,
            open: true,
            words: "times not known".to_owned(),
            spoken: "key instants are not known yet".to_owned(),
        }
    }
}

impl fmt::Display for Mini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<svg class=\"mini\" viewBox=\"0 0 112 10\" width=\"112\" height=\"10\" aria-hidden=\"true\">"
        )?;
        let base = if self.open { "line-open" } else { "line-rule" };
        write!(f, "<path class=\"{base}\" d=\"M0 5H112\"/>")?;
        if let Some((from, to)) = self.unseen {
            write!(
                f,
                "<rect class=\"hatch\" x=\"{from:.1}\" y=\"1\" width=\"{:.1}\" height=\"8\"/>",
                to - from
            )?;
        }
        if let Some((from, to)) = self.felt {
            let width = (to - from).max(1.0);
            write!(f, "<rect class=\"impact\" x=\"{from:.1}\" y=\"1\" width=\"{width:.1}\" height=\"8\"/>")?;
        }
        if let Some((from, to)) = self.after {
            write!(f, "<path class=\"line-after\" d=\"M{from:.1} 5H{to:.1}\"/>")?;
        }
        f.write_str("</svg>")
    }
}

impl askama::filters::HtmlSafe for Mini {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(minutes: &[(KeyInstant, i64)]) -> BTreeMap<KeyInstant, Instant> {
        minutes.iter().map(|(key, at)| (*key, Instant::from_seconds(at * 60))).collect()
    }

    #[test]
    fn longer_reaches_further_and_nothing_leaves_the_bar() {
        let places: Vec<f64> = [0, 1, 10, 100, 1000, 100_000].map(|m| place(Span::minutes(m))).to_vec();
        assert!(places.windows(2).all(|pair| pair[0] < pair[1] || pair[1] == WIDTH), "{places:?}");
        assert_eq!((places[0], places[5]), (0.0, WIDTH));
    }

    #[test]
    fn what_is_not_known_is_said_and_not_drawn() {
        let nothing = Mini::of(&BTreeMap::new());
        assert_eq!(nothing.words, "times not known");
        assert!(!nothing.to_string().contains("rect"));
        let turned = Mini::of(&known(&[(KeyInstant::ImpactStart, 50), (KeyInstant::Resolved, 10)]));
        assert!(turned.felt.is_none() && turned.open);
        let whole = Mini::of(&known(&[
            (KeyInstant::ImpactStart, 0),
            (KeyInstant::Detected, 20),
            (KeyInstant::Mitigated, 135),
            (KeyInstant::Resolved, 142),
        ]));
        assert_eq!(whole.words, "2 h 22 min");
        assert_eq!(whole.spoken, "unseen for 20 min, limited after 2 h 15 min, resolved after 2 h 22 min");
    }

    proptest! {
        #[test]
        fn any_instants_can_be_drawn(times in prop::collection::vec(any::<i64>(), 5), mask in 0u8..32) {
            let known: BTreeMap<_, _> = KeyInstant::ALL.into_iter().zip(times).enumerate()
                .filter(|(n, _)| mask & (1 << n) != 0)
                .map(|(_, (key, at))| (key, Instant::from_micros(at))).collect();
            let mini = Mini::of(&known);
            for (from, to) in [mini.unseen, mini.felt, mini.after].into_iter().flatten() {
                prop_assert!((0.0..=WIDTH).contains(&from) && (from..=WIDTH).contains(&to));
            }
        }
    }
}
