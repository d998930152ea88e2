//! Failures, and their frequency. The same seed gives the same failures in the same order.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

/// One failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// `ThrottlingException`, though the quota is not used up.
    Throttle,
    /// 503 with `Retry-After`.
    RetryAfter,
    /// 500.
    ServerError,
    /// Half of a response.
    Truncate,
    /// A connection that breaks within the response.
    Reset,
    /// No response in time.
    Hang,
    /// The session is reported as expired.
    ExpiredToken,
    /// An empty page, with a token for the next one.
    EmptyPage,
    /// The page comes a second time.
    RepeatedPage,
    /// The role cannot be assumed.
    Vanish,
}

const IN_LISTS: [FaultKind; 9] = [
    FaultKind::Throttle,
    FaultKind::RetryAfter,
    FaultKind::ServerError,
    FaultKind::Truncate,
    FaultKind::Reset,
    FaultKind::Hang,
    FaultKind::ExpiredToken,
    FaultKind::EmptyPage,
    FaultKind::RepeatedPage,
];

#[derive(Debug, Clone)]
pub struct Faults {
    state: Arc<Mutex<State>>,
    /// How many of a thousand calls fail.
    per_mille: u64,
    /// Every failure is of this kind.
    only: Option<FaultKind>,
}

#[derive(Debug)]
struct State {
    random: u64,
    left: u32,
    made: BTreeMap<FaultKind, u32>,
}

impl Faults {
    /// Longer than a test client's timeout.
    pub const HANG: Duration = Duration::from_millis(1_500);

    /// At most `most` failures, one in `1000 / per_mille` calls.
    pub fn new(seed: u64, per_mille: u64, most: u32) -> Self {
        let state = State { random: seed | 1, left: most, made: BTreeMap::new() };
        Self { state: Arc::new(Mutex::new(state)), per_mille, only: None }
    }

    /// The same, and every failure is a rejection for the rate of calls, which clients repeat; STS rejects none.
    pub fn throttling(seed: u64, per_mille: u64, most: u32) -> Self {
        Self { only: Some(FaultKind::Throttle), ..Self::new(seed, per_mille, most) }
    }

    /// The number of remaining failures.
    pub fn left(&self) -> u32 {
        self.state.lock().expect("nobody panics while holding it").left
    }

    pub(super) fn next(&self, operation: &str) -> Option<FaultKind> {
        let mut state = self.state.lock().expect("nobody panics while holding it");
        // Marsaglia's xorshift: good enough to choose failures.
        state.random ^= state.random << 13;
        state.random ^= state.random >> 7;
        state.random ^= state.random << 17;
        if state.left == 0 || state.random % 1_000 >= self.per_mille {
            return None;
        }
        let at = usize::try_from(state.random / 1_000 % 9).unwrap_or_default();
        let kind = match (self.only, operation) {
            (Some(_), "AssumeRole") => return None,
            (Some(kind), _) => kind,
            (None, "AssumeRole") => FaultKind::Vanish,
            (None, _) => IN_LISTS[at],
        };
        // Failures of lists do not apply to other calls.
        let is_list = operation == "ListSecrets" || operation == "DescribeParameters";
        if !is_list && matches!(kind, FaultKind::EmptyPage | FaultKind::RepeatedPage) {
            return None;
        }
        state.left -= 1;
        *state.made.entry(kind).or_default() += 1;
        Some(kind)
    }

    pub(super) fn made(&self) -> Vec<(FaultKind, u32)> {
        let state = self.state.lock().expect("nobody panics while holding it");
        state.made.iter().map(|(kind, count)| (*kind, *count)).collect()
    }
}
