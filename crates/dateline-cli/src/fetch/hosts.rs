//! Politeness: one request at a time to a host, with a pause before the next.

use super::Problem;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A site that wants longer pauses than this is asked later instead of waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// When a host was last asked.
#[derive(Debug, Default)]
struct Turns {
    /// For anything.
    any: Option<Instant>,
    /// For a page; robots.txt does not count against the pause it asks for.
    page: Option<Instant>,
}

/// What was last asked of each host.
#[derive(Debug, Default)]
pub struct Hosts(Mutex<HashMap<String, Arc<Mutex<Turns>>>>);

impl Hosts {
    /// Does `work` when it is the turn of `host`: no other request to it is under way, the last one ended `gap` ago, and the last page
    /// `delay` ago. No `delay` is for robots.txt itself.
    ///
    /// # Errors
    /// Where the pause would be longer than a minute; nothing is asked of the host.
    pub fn turn<T>(
        &self,
        host: &str,
        gap: Duration,
        delay: Option<Duration>,
        work: impl FnOnce() -> T,
    ) -> Result<T, Problem> {
        let turns = {
            let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(hosts.entry(host.to_string()).or_default())
        };
        let mut turns = turns.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |last: Option<Instant>, pause: Duration| {
            last.map_or(Duration::ZERO, |last| pause.saturating_sub(last.elapsed()))
        };
        let pause = left(turns.any, gap).max(left(turns.page, delay.unwrap_or_default()));
        if pause > PATIENCE {
            let message = format!("robots.txt of {host} asks for a pause of {} s more", pause.as_secs());
            return Err(Problem { message, passing: true, wait: Some(pause) });
        }
        std::thread::sleep(pause);
        let done = work();
        turns.any = Some(Instant::now());
        if delay.is_some() {
            turns.page = turns.any;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_to_a_host_follow_each_other_with_a_pause() {
        let hosts = Hosts::default();
        let gap = Duration::from_millis(400);
        let started = Instant::now();
        let times: Vec<Duration> = std::thread::scope(|scope| {
            let turn = || hosts.turn("town.example", gap, Some(Duration::ZERO), || started.elapsed()).unwrap();
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(turn)).collect();
            hosts.turn("other.example", gap, None, || ()).unwrap();
            assert!(started.elapsed() < gap, "another host does not wait");
            let mut times: Vec<Duration> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
            times.sort();
            times
        });
        assert!(times[1] - times[0] >= gap && times[2] - times[1] >= gap, "{times:?}");
    }

    #[test]
    fn long_pauses_are_left_for_later() {
        let hosts = Hosts::default();
        let day = Duration::from_secs(86_400);
        hosts.turn("town.example", Duration::ZERO, None, || ()).unwrap();
        hosts.turn("town.example", Duration::ZERO, Some(day), || ()).unwrap();
        let problem = hosts.turn("town.example", Duration::ZERO, Some(day), || panic!("asked")).unwrap_err();
        assert!(problem.passing && problem.wait > Some(day / 2), "{problem:?}");
    }
}
