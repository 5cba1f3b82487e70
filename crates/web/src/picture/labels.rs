//! Labels that never touch: each key instant has a line with words to its right, in the uppermost row where
//! neither words nor lines meet.

/// A label before it has a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wish {
    /// Where its line stands, as a share from 0 to 1 of the drawn range.
    pub(super) share: f64,
    /// How wide its words are.
    pub(super) width: f64,
}

/// A label with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    /// Which wish, by position.
    pub(super) of: usize,
    /// Where its line stands.
    pub(super) x: f64,
    /// From where to where its words reach.
    pub(super) words: (f64, f64),
    /// Its row, 0 at the top.
    pub(super) row: usize,
}

/// How wide words are, in letters of usual width: capitals are a little wider, and a sign of Chinese is as wide as
/// two.
pub(super) fn letters(words: &str) -> f64 {
    words.chars().map(letter).sum()
}

fn letter(c: char) -> f64 {
    match c {
        'M' | 'W' | '@' => 1.6,
        c if c.is_ascii_uppercase() => 1.1,
        '\u{1f000}'.. => 2.4,
        '\u{1100}'..='\u{1fff}' | '\u{2e80}'.. => 2.0,
        _ => 1.0,
    }
}

/// At most so many letters of a name, give or take half a one.
pub(super) fn shortened(name: &str, most: usize) -> String {
    let room = most as f64 + 0.5;
    if letters(name) <= room {
        return name.to_owned();
    }
    let mut room = room - 1.0;
    let fits = |c: &char| {
        room -= letter(*c);
        room >= 0.0
    };
    let kept: String = name.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// Between a line and its words.
pub(super) const INDENT: f64 = 5.0;
/// Between words and the next line.
pub(super) const GAP: f64 = 8.0;

/// The right end of the range that leaves room for every label inside `right`.
pub(super) fn room(wishes: &[Wish], left: f64, right: f64) -> f64 {
    wishes
        .iter()
        .filter(|wish| wish.share > 0.01)
        .map(|wish| left + (right - INDENT - wish.width - left) / wish.share)
        .fold(right, f64::min)
        .max(left + (right - left) * 0.4)
}

/// Gives every label its row. A label goes below all earlier ones whose words reach past its line; so its
/// line, drawn from its own row downwards, crosses no words, and no words in one row meet.
pub(super) fn place(wishes: &[Wish], left: f64, right: f64) -> Vec<Placed> {
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_by(|a, b| wishes[*a].share.total_cmp(&wishes[*b].share));
    let mut placed: Vec<Placed> = Vec::with_capacity(order.len());
    for of in order {
        let x = left + wishes[of].share * (right - left);
        let row = placed.iter().filter(|p| p.words.1 + GAP > x).map(|p| p.row + 1).max().unwrap_or(0);
        placed.push(Placed { of, x, words: (x + INDENT, x + INDENT + wishes[of].width), row });
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_far_apart_share_the_top_row() {
        let wishes = [Wish { share: 0.0, width: 80.0 }, Wish { share: 0.5, width: 80.0 }];
        assert!(place(&wishes, 0.0, 600.0).iter().all(|placed| placed.row == 0));
    }

    #[test]
    fn a_name_is_cut_to_its_room_whatever_its_script() {
        assert_eq!(shortened("Ticket gates", 12), "Ticket gates");
        assert_eq!(shortened("Ticket gates of the north hall", 13), "Ticket gates…");
        assert_eq!(shortened("北ホールの改札", 12), "北ホールの…");
        for name in ["WWWWWWWWWWWW", "北ホールの改札", "🚇🚇🚇🚇🚇🚇🚇🚇", "i", ""] {
            assert!(letters(&shortened(name, 10)) <= 10.5, "{name}");
        }
    }

    #[test]
    fn a_label_at_the_end_still_fits() {
        let wishes = [Wish { share: 1.0, width: 110.0 }];
        let end = room(&wishes, 140.0, 1180.0);
        assert!(place(&wishes, 140.0, end)[0].words.1 <= 1180.0);
    }

    proptest! {
        #[test]
        fn words_never_meet_words_or_lines(
            wishes in prop::collection::vec((0.0..=1.0f64, 20.0..160.0f64), 0..8)
        ) {
            let wishes: Vec<Wish> = wishes.into_iter().map(|(share, width)| Wish { share, width }).collect();
            for (left, right) in [(140.0, 1180.0), (8.0, 340.0)] {
                let placed = place(&wishes, left, room(&wishes, left, right));
                prop_assert_eq!(placed.len(), wishes.len());
                for a in &placed {
                    prop_assert!(a.words.1 <= right + 0.01, "words leave the picture");
                    for b in placed.iter().filter(|b| b.of != a.of) {
                        let meet = a.words.0 < b.words.1 && b.words.0 < a.words.1;
                        prop_assert!(!(meet && a.row == b.row), "words meet in a row");
                        let crosses = b.row < a.row && b.x > a.words.0 && b.x < a.words.1;
                        prop_assert!(!crosses, "a line crosses words");
                    }
                }
            }
        }
    }
}
