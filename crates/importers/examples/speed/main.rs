//! How fast each reader is, and how much memory it takes: `make readers`, or
//! `cargo run --release -p importers --example speed [-- FILE…]`.
//!
//! Read are files that are made here, each record another one, as large files are: [`SIZE`] bytes of each (`MB=` says
//! otherwise). Every file is read several times and the best time counts:
//! by the clock, which is what people wait for, and on all processors together, which others on the machine cannot
//! change. The peaks are what memory the process had at most, the file with it: brought in, and looked at only, as
//! `debrief inspect` does; they are told where Linux tells them. Files that are named are read instead, repeated to that size.

#![expect(clippy::print_stdout, reason = "how fast it is is what is printed")]

mod deliveries;
mod made;

use importers::{Export, Looked, NamedBytes, Options};
use made::Kind;
use std::{env, error::Error, fs, hint::black_box, path::PathBuf, process::Command, time::Instant};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How much is read.
const SIZE: usize = 32_000_000;
/// How often.
const TIMES: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let size = env::var("MB").ok().and_then(|it| it.parse::<usize>().ok()).map_or(SIZE, |it| it * 1_000_000);
    let mut named = env::args().skip(1);
    // A process for each, so that no peak is that of another file.
    if let (Some("--one"), Some(name)) = (named.next().as_deref(), named.next()) {
        return measure(&name, size);
    }
    let named: Vec<String> = env::args().skip(1).collect();
    println!(
        "{:<28} {:>6} {:>7} {:>7} {:>9} {:>9} {:>9}  source",
        "file", "MB", "MB/s", "per cpu", "evidence", "peak MB", "looked at"
    );
    let all = if named.is_empty() { kinds().map(|(name, _)| (*name).to_owned()).collect() } else { named };
    for name in all {
        let ended = Command::new(env::current_exe()?).args(["--one", &name]).status()?;
        if !ended.success() {
            return Err(format!("{name} could not be measured").into());
        }
    }
    Ok(())
}

fn kinds() -> impl Iterator<Item = &'static (&'static str, Kind)> {
    made::KINDS.iter().chain(deliveries::KINDS)
}

/// A file that is made, or one that is there, repeated to `size`.
fn file(name: &str, size: usize) -> Result<NamedBytes, Box<dyn Error>> {
    if let Some((name, make)) = kinds().find(|(made, _)| *made == name) {
        return Ok(NamedBytes { name: (*name).to_owned(), bytes: made::file(*make, size) });
    }
    let path = PathBuf::from(name);
    let mut bytes = fs::read(&path)?;
    let once = bytes.len();
    while bytes.len() < size && once > 0 {
        bytes.extend_from_within(..once);
    }
    Ok(NamedBytes { name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes })
}

/// Seconds that this process had a processor, all threads together and those that ended, where Linux tells.
fn processor() -> Option<f64> {
    let told = fs::read_to_string("/proc/self/stat").ok()?;
    // The fields after the name, which may hold anything (proc(5)): utime and stime are the 14th and 15th.
    let mut fields = told.rsplit_once(") ")?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

/// Forgets the highest memory so far.
fn begin_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The highest memory since then, in megabytes.
fn peak() -> f64 {
    let told = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|it| it.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().map_or(f64::NAN, |kib| kib * 1.024 / 1e3)
}

fn measure(name: &str, size: usize) -> Result<(), Box<dyn Error>> {
    let file = file(name, size)?;
    let source = importers::recognise(&file.bytes);
    let files = [file];
    begin_peak();
    let looked = black_box(importers::look(&files, &Options::default())?);
    let looked_at = peak();
    let there_are: usize = looked.iter().map(Looked::records).sum();
    let (mut best, mut least, mut read, mut highest) = (f64::INFINITY, f64::INFINITY, 0, 0.0);
    for _ in 0..TIMES {
        begin_peak();
        let (began, on_processor) = (Instant::now(), processor());
        let exports = black_box(importers::read(&files, &Options::default())?);
        best = best.min(began.elapsed().as_secs_f64());
        let took = on_processor.zip(processor()).map(|(before, after)| after - before);
        least = least.min(took.unwrap_or(f64::INFINITY));
        highest = peak();
        read = exports.iter().map(|export| Export::evidence(export).count()).sum();
    }
    assert_eq!(read, there_are, "{}: looking counts what reading brings", files[0].name);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let megabytes = files[0].bytes.len() as f64 / 1e6;
    println!(
        "{:<28} {megabytes:>6.1} {:>7.0} {:>7.0} {read:>9} {highest:>9.0} {looked_at:>9.0}  {}",
        files[0].name,
        megabytes / best,
        megabytes / least,
        source.key()
    );
    Ok(())
}
