//! Work shared among threads, results in the order of the work.

use std::collections::BTreeMap;
use std::sync::{Mutex, mpsc};

/// How many pieces of work may wait for each thread: enough to keep all busy, few enough to keep memory flat.
const WAITING: usize = 4;

/// Applies `work` to each item on `jobs` threads and hands the results to `take` in the order of `items`, so that the outcome is the
/// same whatever `jobs` is. Items are drawn as they are needed. Stops early where `take` fails.
pub fn ordered<T: Send, R: Send, E>(
    jobs: usize,
    items: impl Iterator<Item = T>,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    if jobs <= 1 {
        return items.map(work).try_for_each(take);
    }
    let (give, waiting) = mpsc::sync_channel::<(usize, T)>(jobs * WAITING);
    let waiting = Mutex::new(waiting);
    let (done, results) = mpsc::channel::<(usize, R)>();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (done, waiting, work) = (done.clone(), &waiting, &work);
            scope.spawn(move || {
                loop {
                    let next = waiting.lock().expect("no thread panics while it holds the lock").recv();
                    let Ok((number, item)) = next else { return };
                    if done.send((number, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let mut early = BTreeMap::new();
        let (mut given, mut taken) = (0, 0);
        let mut items = items.fuse();
        let mut give = Some(give);
        // The window bounds what is under way, results that wait for a slow predecessor included.
        let window = jobs * WAITING;
        loop {
            while let Some(sender) = give.as_ref().filter(|_| given - taken < window) {
                match items.next().map(|item| sender.send((given, item))) {
                    Some(Ok(())) => given += 1,
                    _ => give = None,
                }
            }
            let Ok((number, result)) = results.recv() else { return Ok(()) };
            early.insert(number, result);
            while let Some(result) = early.remove(&taken) {
                taken += 1;
                take(result)?;
            }
        }
    })
}

/// As many threads as this machine has cores, unless told otherwise.
pub fn jobs(wanted: Option<u16>) -> usize {
    wanted.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_number_of_threads() {
        for jobs in [1, 2, 7] {
            let mut taken = Vec::new();
            let slow_first = |n: u64| {
                std::thread::sleep(std::time::Duration::from_micros(if n.is_multiple_of(10) { 2000 } else { 10 }));
                n * n
            };
            let take = |n| {
                taken.push(n);
                Ok::<(), ()>(())
            };
            ordered(jobs, 0..100, slow_first, take).unwrap();
            assert_eq!(taken, (0..100).map(|n| n * n).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn work_stops_when_nobody_takes_its_results() {
        let mut left = 3;
        let take = |_| {
            left -= 1;
            if left == 0 { Err("closed") } else { Ok(()) }
        };
        assert_eq!(ordered(4, 0.., |n: u64| n, take), Err("closed"));
    }
}
