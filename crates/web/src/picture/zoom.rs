//! Looking closer at a part of the picture: from and to are in the address, so that a view can be linked.

use crate::urls::part;
use domain::{Instant, instant::Span};

/// Where one can look from here: what a link says, its key, its address.
pub(crate) type Way = (&'static str, &'static str, String);

/// No part shorter than this is drawn.
const LEAST: Span = Span::seconds(60);

/// The part that was asked for, if it is one.
pub(crate) fn asked(from: &str, to: &str) -> Option<(Instant, Instant)> {
    let (from, to): (Instant, Instant) = (from.parse().ok()?, to.parse().ok()?);
    (to.since(from) >= LEAST).then_some((from, to))
}

/// Closer, wider, earlier, later; all of it once something less is shown. `rest` is what else the address says.
pub(crate) fn ways(url: &str, rest: &str, drawn: (Instant, Instant), zoomed: bool) -> Vec<Way> {
    let (from, to) = drawn;
    let length = to.since(from).as_micros();
    let quarter = Span::micros(length / 4);
    let half = Span::micros(length / 2);
    let address = |from: Instant, to: Instant| {
        format!("{url}?from={}&to={}{rest}#timeline", part(&from.to_string()), part(&to.to_string()))
    };
    let mut ways = Vec::new();
    if length / 2 >= LEAST.as_micros() {
        ways.push(("Closer", "+", address(from.plus(quarter), to.plus(quarter.reversed()))));
    }
    if zoomed {
        ways.push(("Wider", "-", address(from.plus(half.reversed()), to.plus(half))));
        ways.push(("Earlier", ",", address(from.plus(half.reversed()), to.plus(half.reversed()))));
        ways.push(("Later", ".", address(from.plus(half), to.plus(half))));
        ways.push(("All of it", "0", format!("{url}?{}#timeline", rest.trim_start_matches('&'))));
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closer_and_back_again() {
        let at = |minutes: i64| Instant::from_seconds(minutes * 60);
        let ways = ways("/incidents/INC-1", "&lanes=team", (at(0), at(40)), true);
        assert_eq!(
            ways[0].2,
            "/incidents/INC-1?from=1970-01-01T00%3A10%3A00Z&to=1970-01-01T00%3A30%3A00Z&lanes=team#timeline"
        );
        assert_eq!(ways.len(), 5);
        assert_eq!(asked("1970-01-01T00:10:00Z", "1970-01-01T00:30:00Z"), Some((at(10), at(30))));
        assert!(asked("1970-01-01T00:30:00Z", "1970-01-01T00:10:00Z").is_none() && asked("", "x").is_none());
        assert!(super::ways("/", "", (at(0), at(1)), false).is_empty());
    }
}
