//! Long lists are looked at by several processors at once; what comes out does not depend on how many there are.

use std::{num::NonZero, thread};

/// Lists shorter than this are not worth a thread.
const WORTH: usize = 4_000;
/// More threads than this are not asked for: others use the machine too.
const MOST: usize = 4;

/// What `work` makes of each of `items`, in their order.
pub fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get).min(MOST);
    if items.len() < WORTH || processors == 1 {
        return items.iter().map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let part = |part: &'_ [T]| part.iter().map(work).collect::<Vec<R>>();
        let parts: Vec<_> = items
            .chunks(items.len().div_ceil(processors))
            .map(|items| scope.spawn(move || part(items)))
            .collect();
        let done = parts.into_iter().map(|part| match part.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_stays() {
        for length in [0, 1, WORTH - 1, WORTH, WORTH * 2 + 7] {
            let items: Vec<usize> = (0..length).collect();
            assert_eq!(each(&items, |it| it * 3), items.iter().map(|it| it * 3).collect::<Vec<_>>());
        }
    }
}
