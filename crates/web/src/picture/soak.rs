//! The line of a resting idea: solid for the rest that is over, dashed for what is left.

use std::fmt;

/// A line with its words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Soak {
    share: f64,
    spoken: String,
}

impl Soak {
    /// The line of an idea that has rested for `share` (0 to 1) of `hours`.
    pub(crate) fn new(share: f64, hours: i64) -> Self {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 1.0 };
        let over = (share * hours as f64).floor();
        let spoken = if share >= 1.0 {
            "Fully rested".to_owned()
        } else {
            format!("{over:.0} of {hours} hours rested")
        };
        Self { share, spoken }
    }
}

impl fmt::Display for Soak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let over = self.share * 120.0;
        write!(
            f,
            "<svg class=\"soak\" viewBox=\"0 0 120 6\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\
             <path class=\"line-soaked\" d=\"M0 3H{over:.1}\"/>",
            self.spoken
        )?;
        if self.share < 1.0 {
            write!(f, "<path class=\"line-soak\" d=\"M{over:.1} 3H120\"/>")?;
        }
        f.write_str("</svg>")
    }
}

impl askama::filters::HtmlSafe for Soak {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_solid_as_far_as_it_rested() {
        let half = Soak::new(0.5, 48).to_string();
        assert!(
            half.contains("24 of 48 hours rested")
                && half.contains("M0 3H60.0")
                && half.contains("M60.0 3H120")
        );
        for over in [1.0, 7.0, f64::NAN] {
            assert!(!Soak::new(over, 48).to_string().contains("line-soak\""));
        }
    }
}
