//! Whether a caller has a request that an Allow matches and no Deny. Every condition is about one key, so
//! each key keeps its possible values, and each Deny needs one condition that does not match.

use super::{
    callers::{Caller, Scene},
    document::Statement,
    keys::{Candidate, Level, is_known, of_anybody, of_caller},
    network::is_wide,
    operators::{Holds, Slot, Test},
};
use std::{borrow::Cow, cell::Cell};

/// The step limit of a search, after which the question stays undetermined.
const LONGEST_SEARCH: u32 = 2_000;
/// The step limit of all searches of a policy.
const LONGEST_ANALYSIS: u32 = 100_000;

/// A prepared statement.
#[derive(Debug)]
pub(crate) struct Ready<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) tests: Vec<Test>,
    /// The key of each test, by its place among the keys.
    keys: Vec<usize>,
    /// The index of each test among all tests of its key.
    locations: Vec<usize>,
    /// The actions that it matches.
    pub(crate) actions: u64,
}

/// The statements that match a secret.
#[derive(Debug)]
pub(crate) struct Problem<'a> {
    pub(crate) scene: Scene<'a>,
    pub(crate) allows: Vec<Ready<'a>>,
    pub(crate) denies: Vec<Ready<'a>>,
    keys: Vec<String>,
    /// Possible values for keys that do not depend on who calls.
    shared: Vec<Option<Domain>>,
    /// The remainder of [`LONGEST_ANALYSIS`].
    steps: Cell<u32>,
}

/// A caller's possible values for one key, and which of them meet each test.
#[derive(Debug, Clone)]
struct Domain {
    candidates: Vec<Candidate>,
    /// By statement and test, in the order of `Problem::tests_of`: for each candidate, how certainly it meets the test, and
    /// how certainly it does not.
    answers: Vec<Vec<(Option<Level>, Option<Level>)>>,
}

/// A caller with its possible values for each key.
pub(crate) struct Situation<'a> {
    pub(crate) caller: &'a Caller,
    domains: Vec<Cow<'a, Domain>>,
}

impl<'a> Problem<'a> {
    /// `actions` are in lower case, at most 64.
    pub(super) fn of(scene: Scene<'a>, statements: &[&'a Statement], actions: &[String]) -> Self {
        let mut keys: Vec<String> = Vec::new();
        let mut ready = |statement: &&'a Statement| {
            let tests: Vec<Test> = statement.conditions.iter().map(Test::of).collect();
            let of = tests
                .iter()
                .map(|test| {
                    keys.iter().position(|key| *key == test.key).unwrap_or_else(|| {
                        keys.push(test.key.clone());
                        keys.len() - 1
                    })
                })
                .collect();
            let covered = actions.iter().enumerate().filter(|(_, a)| statement.covers_action(a));
            Ready {
                statement,
                tests,
                keys: of,
                locations: Vec::new(),
                actions: covered.fold(0, |all, (at, _)| all | 1 << at),
            }
        };
        let all: Vec<Ready<'a>> = statements.iter().map(&mut ready).collect();
        let (mut allows, mut denies): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|one| one.statement.allows);
        let mut counts = vec![0; keys.len()];
        for one in allows.iter_mut().chain(&mut denies) {
            for key in &one.keys {
                one.locations.push(counts[*key]);
                counts[*key] += 1;
            }
        }
        let steps = Cell::new(LONGEST_ANALYSIS);
        let mut problem = Self { scene, allows, denies, keys, shared: Vec::new(), steps };
        problem.shared =
            problem.keys.iter().enumerate().map(|(at, key)| problem.share(at, key)).collect();
        problem
    }

    fn share(&self, at: usize, key: &str) -> Option<Domain> {
        let depends = (key.starts_with("aws:principal")
            && !key.starts_with("aws:principaltag/")
            && key != "aws:principaltype")
            || (key.starts_with("aws:source")
                && !matches!(
                    key,
                    "aws:sourceip"
                        | "aws:sourcevpc"
                        | "aws:sourcevpce"
                        | "aws:sourcevpcarn"
                        | "aws:sourceidentity"
                ));
        if depends && is_known(key) {
            return None;
        }
        Some(self.domain(at, of_anybody(key, &self.tests(at), self.scene)))
    }

    /// All tests of a key, over all statements.
    fn tests(&self, key: usize) -> Vec<&Test> {
        self.allows
            .iter()
            .chain(&self.denies)
            .flat_map(|one| one.tests.iter().zip(&one.keys))
            .filter(|(_, of)| **of == key)
            .map(|(test, _)| test)
            .collect()
    }

    pub(super) fn all_tests(&self) -> Vec<&Test> {
        self.allows.iter().chain(&self.denies).flat_map(|one| &one.tests).collect()
    }

    fn domain(&self, key: usize, candidates: Vec<Candidate>) -> Domain {
        let is_known = is_known(&self.keys[key]);
        let answers = self
            .tests(key)
            .into_iter()
            .map(|test| candidates.iter().map(|one| answer(test, &one.slot, is_known)).collect())
            .collect();
        Domain { candidates, answers }
    }

    pub(super) fn situation<'b>(&'b self, caller: &'b Caller) -> Situation<'b> {
        let domains = self.keys.iter().enumerate().map(|(at, key)| {
            if let Some(shared) = &self.shared[at] {
                return Cow::Borrowed(shared);
            }
            let tests = self.tests(at);
            let candidates = of_caller(key, caller, &tests)
                .unwrap_or_else(|| of_anybody(key, &tests, self.scene));
            Cow::Owned(self.domain(at, candidates))
        });
        Situation { caller, domains: domains.collect() }
    }

    /// How certainly a caller can do the action at `action` by this Allow; `None` if it cannot.
    pub(super) fn level(
        &self,
        allow: &Ready<'_>,
        situation: &Situation<'_>,
        action: u64,
        leaves_out: Option<&str>,
    ) -> Option<Level> {
        if allow.actions & action == 0 {
            return None;
        }
        let denies: Vec<&Ready<'_>> = self
            .denies
            .iter()
            .filter(|deny| deny.actions & action != 0 && situation.caller.is_meant(deny.statement))
            .collect();
        if denies.iter().any(|deny| deny.tests.is_empty()) {
            return None;
        }
        [Level::Open, Level::Doubtful, Level::Guarded].into_iter().find(|stage| {
            let mut search =
                Search { problem: self, situation, stage: *stage, steps: LONGEST_SEARCH };
            search.is_let_in(allow, &denies, leaves_out)
        })
    }
}

/// How certainly a value meets a test, and how certainly it does not.
fn answer(test: &Test, slot: &Slot, is_known: bool) -> (Option<Level>, Option<Level>) {
    // For a key that AWS does not list, the value of a request is unknown.
    let (open, unsure) = (Some(Level::Open), Some(Level::Doubtful));
    let not = if is_known { open } else { unsure };
    match (test.operator, test.holds(slot)) {
        // AWS rejects such an operator: an Allow is assumed to match, a Deny is undetermined.
        (None, _) => (open, unsure),
        (_, Holds::Yes) => (open, None),
        (_, Holds::No) => (None, not),
        (_, Holds::Unsure) => (unsure, unsure),
        (_, Holds::AsWished) => (open, not),
    }
}

struct Search<'a> {
    problem: &'a Problem<'a>,
    situation: &'a Situation<'a>,
    stage: Level,
    steps: u32,
}

/// For each key, which values remain possible.
type Left = Vec<Vec<bool>>;

impl Search<'_> {
    fn is_let_in(
        &mut self,
        allow: &Ready<'_>,
        denies: &[&Ready<'_>],
        leaves_out: Option<&str>,
    ) -> bool {
        let mut left: Left = self
            .situation
            .domains
            .iter()
            .map(|domain| domain.candidates.iter().map(|one| self.may_be(one)).collect())
            .collect();
        if let Some(key) = leaves_out
            && let Some(at) = self.problem.keys.iter().position(|one| one == key)
        {
            // The absent key, and a value that no condition names.
            left[at].iter_mut().skip(2).for_each(|one| *one = false);
        }
        for test in 0..allow.tests.len() {
            self.keep(&mut left, allow, test, true);
        }
        (0..left.len()).all(|key| self.is_possible(&left, key)) && self.avoid(&left, denies)
    }

    fn may_be(&self, candidate: &Candidate) -> bool {
        candidate.level <= self.stage || matches!(candidate.slot, Slot::Network(_))
    }

    /// Keeps the values that meet a test, or those that do not.
    fn keep(&self, left: &mut Left, of: &Ready<'_>, test: usize, meets: bool) {
        let key = of.keys[test];
        let answers = &self.situation.domains[key].answers[of.locations[test]];
        for (one, (yes, no)) in left[key].iter_mut().zip(answers) {
            let answer = if meets { yes } else { no };
            *one &= answer.is_some_and(|level| level <= self.stage);
        }
    }

    fn is_possible(&self, left: &Left, key: usize) -> bool {
        let domain = &self.situation.domains[key];
        let mut found = left[key].iter().zip(&domain.candidates).filter(|(left, _)| **left);
        if self.stage == Level::Guarded {
            return found.next().is_some();
        }
        let mut pieces = Vec::new();
        for (_, candidate) in found {
            match (&candidate.slot, candidate.level) {
                (Slot::Network(range), Level::Guarded) => pieces.push(range),
                _ => return true,
            }
        }
        is_wide(pieces.into_iter())
    }

    /// Whether each Deny has a condition that does not match.
    fn avoid(&mut self, left: &Left, denies: &[&Ready<'_>]) -> bool {
        let Some((deny, others)) = denies.split_first() else { return true };
        let whole = &self.problem.steps;
        if self.steps == 0 || whole.get() == 0 {
            return self.stage > Level::Open;
        }
        self.steps -= 1;
        whole.set(whole.get() - 1);
        let mut ways: Vec<Left> = Vec::new();
        for test in 0..deny.tests.len() {
            let key = deny.keys[test];
            let mut next = left.clone();
            self.keep(&mut next, deny, test, false);
            if next[key] == left[key] {
                // No remaining value meets it anyway.
                return self.avoid(left, others);
            }
            if self.is_possible(&next, key) {
                ways.push(next);
            }
        }
        ways.iter().any(|next| self.avoid(next, others))
    }
}
