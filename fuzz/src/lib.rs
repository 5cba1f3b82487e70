//! What is fuzzed, with inputs to begin from. Two drivers use it: `guided` (libFuzzer, follows coverage, needs
//! a nightly compiler) and `seeded` (repeats itself, needs nothing).

mod compose;
pub mod mutate;
mod seeds;
mod targets;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

/// A parser, or another place that takes what anybody may send.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Takes any bytes; panics when a promise is broken.
    pub run: fn(&[u8]),
    /// Inputs that are sound, or nearly.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: &[Target] = targets::ALL;

/// The target of that name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}

/// Panics inside are part of the plan where the product catches them: they are not printed.
pub fn be_quiet() {
    std::panic::set_hook(Box::new(|_| {}));
}

/// Runs one input. Answers how long it took, or what the panic said.
pub fn try_one(target: Target, bytes: &[u8]) -> Result<Duration, String> {
    let began = Instant::now();
    match catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))) {
        Ok(()) => Ok(began.elapsed()),
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default()),
    }
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
