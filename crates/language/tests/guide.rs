//! The guide says what the rules say.

use language::{Aid, guide};

#[test]
fn the_guide_is_current() {
    let written = include_str!("../../../docs/language.md");
    let (_, rules) = written.split_once("<!-- rules: cargo run -p language --example guide -->\n").unwrap();
    assert!(
        rules == guide(&Aid::english().unwrap()),
        "docs/language.md is older than the rules; put what the example prints below its mark"
    );
}
