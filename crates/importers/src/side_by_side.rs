//! Records of a large file are read by several processors at once; what comes out does not depend on how many.

use std::{num::NonZero, ops::Range, thread};

/// Fewer bytes than this are not worth a thread.
const WORTH: usize = 1 << 20;
/// More threads than this are not asked for: others use the machine too.
const MOST: usize = 8;

/// Into how many runs `bytes` are cut: one where a thread would cost more than it brings.
pub fn runs(bytes: usize) -> usize {
    let worth = (bytes / WORTH).min(MOST);
    if worth < 2 {
        // Asking how many processors there are costs as much as reading a small file.
        return 1;
    }
    thread::available_parallelism().map_or(1, NonZero::get).min(worth)
}

/// What `read` makes of each run of `items`, in their order; `runs` says into how many they are cut. It is told where
/// in the whole its run begins.
pub fn each<T: Sync, R: Send>(items: &[T], runs: usize, read: impl Fn(usize, &[T]) -> R + Sync) -> Vec<R> {
    let most = items.len().div_ceil(runs.max(1)).max(1);
    let ranges = (0..items.len()).step_by(most).map(|from| from..(from + most).min(items.len())).collect();
    ranged(ranges, |range| read(range.start, items.get(range).unwrap_or_default()))
}

/// Lets `act` change each of `items`, which are cut into `runs`.
pub fn each_mut<T: Send>(items: &mut [T], runs: usize, act: impl Fn(&mut T) + Sync) {
    let (most, act) = (items.len().div_ceil(runs.max(1)).max(1), &act);
    thread::scope(|scope| {
        for run in items.chunks_mut(most) {
            scope.spawn(move || run.iter_mut().for_each(act));
        }
    });
}

/// What `read` makes of each of `ranges`, in their order, the last one on this thread.
pub fn ranged<R: Send>(mut ranges: Vec<Range<usize>>, read: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    let Some(last) = ranges.pop() else { return Vec::new() };
    let read = &read;
    thread::scope(|scope| {
        let others: Vec<_> = ranges.into_iter().map(|range| scope.spawn(move || read(range))).collect();
        let last = read(last);
        let done = others.into_iter().map(|run| match run.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.chain([last]).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_stays_however_many_runs_there_are() {
        for length in [0, 1, 2, 7, 1_000] {
            let items: Vec<usize> = (0..length).collect();
            for runs in [0, 1, 2, 3, 8, 2_000] {
                let read = each(&items, runs, |from, run| {
                    assert_eq!(run.first(), Some(&from));
                    run.to_vec()
                });
                assert!(read.len() <= runs.max(1));
                assert_eq!(read.concat(), items);
            }
        }
    }

    #[test]
    fn small_files_are_read_where_they_are() {
        assert_eq!((runs(0), runs(WORTH - 1)), (1, 1));
        assert!((1..=MOST).contains(&runs(usize::MAX)));
    }
}
