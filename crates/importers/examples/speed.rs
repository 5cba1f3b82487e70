//! How fast each reader is: `make readers`, or `cargo run --release -p importers --example speed [-- FILE…]`.
//!
//! Each fixture of the tests is repeated to [`SIZE`] bytes and read several times; the best time counts, and where the
//! system tells it, time on the processor and not on the clock, because others use the machine too. Files that are named
//! are read instead, as often. `evidence` counts what was understood, repeats left out.

#![expect(clippy::print_stdout, reason = "how fast it is is what is printed")]

use importers::{Export, NamedBytes, Options};
use std::{env, error::Error, fs, hint::black_box, path::PathBuf, time::Instant};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How much is read.
const SIZE: usize = 32 << 20;
/// How often.
const TIMES: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let named: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let files = if named.is_empty() { fixtures()? } else { named };
    println!("{:<28} {:>9} {:>9} {:>9}  source", "file", "MB", "MB/s", "evidence");
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = repeated(&fs::read(&path)?);
        measure(NamedBytes { name, bytes })?;
    }
    Ok(())
}

fn fixtures() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files = fs::read_dir(folder)?.map(|it| it.map(|it| it.path())).collect::<Result<Vec<_>, _>>()?;
    // A feed is one document, and the other two are no product's.
    let left_out = ["broken-lines.json", "statuspage-history.atom", "file.txt"];
    files.retain(|path| {
        path.extension().is_some_and(|it| it != "expected") && !left_out.iter().any(|it| path.ends_with(it))
    });
    files.sort();
    Ok(files)
}

fn repeated(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(SIZE + bytes.len());
    while all.len() < SIZE {
        all.extend_from_slice(bytes);
    }
    all
}

/// Seconds that this process had a processor, where Linux tells.
fn processor() -> Option<f64> {
    let told = fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(told.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

fn measure(file: NamedBytes) -> Result<(), Box<dyn Error>> {
    let (mut best, mut read) = (f64::INFINITY, 0);
    let source = importers::recognise(&file.bytes);
    let files = [file];
    for _ in 0..TIMES {
        let (began, on_processor) = (Instant::now(), processor());
        let exports = black_box(importers::read(&files, &Options::default())?);
        let took = on_processor.zip(processor()).map(|(before, after)| after - before);
        best = best.min(took.unwrap_or_else(|| began.elapsed().as_secs_f64()));
        read = exports.iter().map(|export| Export::evidence(export).count()).sum();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let megabytes = files[0].bytes.len() as f64 / 1e6;
    println!("{:<28} {megabytes:>9.1} {:>9.0} {read:>9}  {}", files[0].name, megabytes / best, source.key());
    Ok(())
}
