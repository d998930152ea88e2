//! Work over many rows, shared among the processors.

use std::{ops::Range, panic::resume_unwind, thread};

/// Fewer are worked through sooner than another thread begins.
const MIN_ROWS_TO_SHARE: usize = 100_000;
const MAX_THREADS: usize = 4;

/// Works through shares side by side and adds their outcomes up, in order. A share begins at a multiple of 64, so that
/// bits of shares follow upon each other.
pub(crate) fn in_shares<T: Send>(
    count: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
    add: impl Fn(&mut T, T),
) -> T {
    let hands = if count < MIN_ROWS_TO_SHARE {
        1
    } else {
        thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS)
    };
    let each = count.div_ceil(hands).max(1).next_multiple_of(64);
    let share = |from: usize| from..count.min(from + each);
    thread::scope(|scope| {
        let (work, share) = (&work, &share);
        let others: Vec<_> = (each..count)
            .step_by(each)
            .map(|from| scope.spawn(move || work(share(from))))
            .collect();
        let mut all = work(share(0));
        for other in others {
            match other.join() {
                Ok(more) => add(&mut all, more),
                Err(panic) => resume_unwind(panic),
            }
        }
        all
    })
}
