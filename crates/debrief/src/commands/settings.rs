//! `debrief settings`: the commented default file is the documentation.

use crate::{commands::put, failure::Failure};

/// Prints every setting with its default.
pub fn run() -> Result<(), Failure> {
    put(include_bytes!("../../debrief.default.toml"), None)
}
