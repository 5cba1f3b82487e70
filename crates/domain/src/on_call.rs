//! Who was on call for a service, over time: entered by people, or brought in from where schedules are kept.

use crate::{Instant, PersonId};

/// Once before everything: when somebody who was always on call began.
pub const ALWAYS: Instant = Instant::from_micros(0);

/// A stretch of time in which somebody was on call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Who, if they have an account here.
    pub person: Option<PersonId>,
    /// Their name, as it was given.
    pub name: String,
    /// 1 is asked first, 2 after them, and so on.
    pub level: i64,
    /// From then on; [`ALWAYS`] if it has no beginning.
    pub from: Instant,
    /// Until just before then; `None`: there is no end.
    pub to: Option<Instant>,
}

impl Duty {
    /// Whether it holds at some moment from `from` until just before `to`.
    pub fn touches(&self, from: Instant, to: Instant) -> bool {
        self.from < to && self.to.is_none_or(|end| end > from)
    }

    /// Whether it is about the same person and place in line as `other`.
    fn is_like(&self, other: &Self) -> bool {
        let known = self.person.is_some() || other.person.is_some();
        self.level == other.level && if known { self.person == other.person } else { self.name == other.name }
    }

    fn end(&self) -> Instant {
        self.to.unwrap_or(Instant::from_micros(i64::MAX))
    }
}

/// Duties of one schedule after a newer export of it: within its range the export is right, outside of it stands
/// what was known before. Stretches that follow each other without a gap become one, so that two exports with
/// edges in the middle of a duty join again. By beginning and level.
pub fn renewed(known: &[Duty], export: &[Duty], range: (Instant, Instant)) -> Vec<Duty> {
    let (from, to) = range;
    let mut all: Vec<Duty> = Vec::with_capacity(known.len() + export.len());
    for duty in known {
        if !duty.touches(from, to) {
            all.push(duty.clone());
            continue;
        }
        if duty.from < from {
            all.push(Duty { to: Some(from), ..duty.clone() });
        }
        if duty.end() > to {
            all.push(Duty { from: to, ..duty.clone() });
        }
    }
    all.extend(export.iter().filter(|duty| duty.from < duty.end()).cloned());
    all.sort_by(|a, b| (a.level, a.from, &a.name, a.to).cmp(&(b.level, b.from, &b.name, b.to)));
    let mut joined: Vec<Duty> = Vec::with_capacity(all.len());
    for duty in all {
        match joined.iter_mut().rev().find(|last| last.is_like(&duty)) {
            Some(last) if duty.from <= last.end() => {
                if duty.end() > last.end() {
                    last.to = duty.to;
                }
            }
            _ => joined.push(duty),
        }
    }
    joined.sort_by(|a, b| (a.from, a.level, &a.name).cmp(&(b.from, b.level, &b.name)));
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn duty(name: &str, from: i64, to: i64) -> Duty {
        let (from, to) = (Instant::from_seconds(from), Some(Instant::from_seconds(to)));
        Duty { person: None, name: name.into(), level: 1, from, to }
    }

    fn range(from: i64, to: i64) -> (Instant, Instant) {
        (Instant::from_seconds(from), Instant::from_seconds(to))
    }

    #[test]
    fn an_export_is_right_within_its_range_and_joins_at_its_edges() {
        let known = [duty("Wren", 0, 100), duty("Noor", 100, 200)];
        // The same weeks again, cut at 50 and 150, with Otto instead of Noor after 120.
        let export = [duty("Wren", 50, 100), duty("Noor", 100, 120), duty("Otto", 120, 150)];
        let renewed = renewed(&known, &export, range(50, 150));
        let wanted =
            [duty("Wren", 0, 100), duty("Noor", 100, 120), duty("Otto", 120, 150), duty("Noor", 150, 200)];
        assert_eq!(renewed, wanted);
    }

    #[test]
    fn without_a_beginning_or_an_end() {
        let always = Duty { from: ALWAYS, to: None, ..duty("Wren", 0, 1) };
        assert!(always.touches(Instant::from_seconds(5), Instant::from_seconds(6)));
        let renewed = renewed(&[always], &[duty("Noor", 10, 20)], range(10, 20));
        let rest = Duty { from: Instant::from_seconds(20), to: None, ..duty("Wren", 0, 1) };
        assert_eq!(renewed, [Duty { from: ALWAYS, ..duty("Wren", 0, 10) }, duty("Noor", 10, 20), rest]);
    }

    #[test]
    fn edges_belong_to_the_later_one() {
        let duty = duty("Wren", 10, 20);
        let at = Instant::from_seconds;
        assert!(duty.touches(at(19), at(20)) && duty.touches(at(0), at(11)));
        assert!(!duty.touches(at(20), at(30)) && !duty.touches(at(0), at(10)));
    }

    proptest! {
        #[test]
        fn bringing_the_same_in_twice_changes_nothing(
            known in proptest::collection::vec((0_i64..50, 1_i64..20, 0_usize..3), 0..8),
            export in proptest::collection::vec((10_i64..30, 1_i64..10, 0_usize..3), 1..8),
        ) {
            let names = ["Wren", "Noor", "Otto"];
            let of = |all: &[(i64, i64, usize)]| all.iter().map(|(from, long, who)| duty(names[*who], *from, from + long)).collect::<Vec<_>>();
            let export = of(&export);
            let range = (export.iter().map(|it| it.from).min().unwrap(), export.iter().map(Duty::end).max().unwrap());
            let once = renewed(&of(&known), &export, range);
            prop_assert_eq!(&renewed(&once, &export, range), &once);
            // Nobody is on call in the range who is not in the export.
            for second in range.0.as_micros() / 1_000_000..range.1.as_micros() / 1_000_000 {
                let (at, after) = (Instant::from_seconds(second), Instant::from_seconds(second + 1));
                for name in names {
                    let on = |all: &[Duty]| all.iter().any(|it| it.name == name && it.touches(at, after));
                    prop_assert_eq!(on(&once), on(&export));
                }
            }
        }
    }
}
