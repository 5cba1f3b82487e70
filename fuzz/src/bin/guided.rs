//! libFuzzer, which follows coverage, on the target that `FUZZ_TARGET` names.
#![no_main]

use fuzz::{Target, be_quiet, hex, target, try_one};
use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

static TARGET: OnceLock<Target> = OnceLock::new();
static SLOWEST: AtomicU64 = AtomicU64::new(0);

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let chosen = TARGET.get_or_init(|| {
        // In place of libFuzzer's hook, which would end the process at panics that the product catches.
        be_quiet();
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        target(&name).unwrap_or_else(|| std::process::abort())
    });
    match try_one(*chosen, bytes) {
        Ok(took) => {
            let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            if millis > SLOWEST.fetch_max(millis, Ordering::Relaxed) {
                eprintln!("slowest_ms={millis}");
            }
        }
        Err(said) => {
            eprintln!("panicked: {said}\n  again: seeded one {} {}", chosen.name, hex(bytes));
            std::process::abort();
        }
    }
});
