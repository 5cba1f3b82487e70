//! Stretches of the response in which nothing was recorded: flagged, so that somebody is asked for an account.

use crate::{Instant, instant::Span};

/// A stretch without a record counts from this length on.
pub const GAP: Span = Span::minutes(15);

/// The stretches between `from` and `to` in which nothing of `recorded` lies, longest possible, in order.
pub fn gaps(
    recorded: impl IntoIterator<Item = Instant>,
    from: Instant,
    to: Instant,
) -> Vec<(Instant, Instant)> {
    let mut inside: Vec<Instant> = recorded.into_iter().filter(|at| *at > from && *at < to).collect();
    inside.sort_unstable();
    let ends: Vec<Instant> = [from].into_iter().chain(inside).chain([to]).collect();
    ends.windows(2).filter(|pair| pair[1].since(pair[0]) >= GAP).map(|pair| (pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_an_hour_without_a_record_is_flagged() {
        let at = |minutes: i64| Instant::from_seconds(minutes * 60);
        let recorded = [at(-60), at(14), at(5), at(29), at(45)];
        assert_eq!(gaps(recorded, at(0), at(50)), [(at(14), at(29)), (at(29), at(45))]);
        assert_eq!(gaps([], at(0), at(14)), []);
        assert_eq!(gaps([], at(5), at(0)), []);
    }
}
