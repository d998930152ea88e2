//! Random steps by several people with a moving clock, compared with a second, simpler model of the rules.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    VariantArray,
    authz::{AccountLocation, Caller, Person, Role, Scope},
    facts::Kind,
    grants::{
        Action, ApprovalRule, Approver, ApproverContext, Decision, DecisionOutcome, EndReason,
        Grant, GrantId, GrantResource, GrantState, GrantStateName, RequestId, RequestTerms,
        StepRule, Vote, request_hash,
    },
};
use std::collections::{BTreeMap, BTreeSet};
use time::{Duration, OffsetDateTime, macros::datetime};

/// A small random generator: the same steps every time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides).unwrap()
    }

    fn number(&mut self, sides: u64) -> u32 {
        u32::try_from(self.throw(sides)).unwrap()
    }
}

/// What the test itself records about a grant.
#[derive(Default)]
struct Memory {
    approved_by: BTreeSet<String>,
    denied: bool,
    claimed: Option<OffsetDateTime>,
    ended: u32,
    minutes: u32,
}

struct Model {
    people: Vec<Caller>,
    location: AccountLocation,
    grants: Vec<(Grant, Memory)>,
    now: OffsetDateTime,
    dice: Dice,
    /// How often each step succeeded.
    done: BTreeMap<&'static str, u32>,
}

fn person(subject: &str, email: &str, groups: &[&str], roles: &[Role]) -> Caller {
    Caller {
        person: Person { subject: subject.into(), name: subject.into(), email: Some(email.into()) },
        groups: groups.iter().map(ToString::to_string).collect(),
        held: roles.iter().map(|role| (*role, Scope::Organization)).collect(),
    }
}

fn rule(dice: &mut Dice) -> ApprovalRule {
    let step = |quorum, approvers| StepRule { name: "step".into(), quorum, approvers };
    let anybody =
        vec![Approver::Team("payments".into()), Approver::Role(Role::Approver), Approver::Owner];
    let mut steps = vec![step(1 + dice.number(2), anybody)];
    if dice.throw(2) == 0 {
        steps.push(step(1, vec![Approver::Role(Role::SecurityAdmin)]));
    }
    ApprovalRule {
        name: "r".into(),
        scope: Scope::Organization,
        actions: vec![Action::Read],
        kinds: Kind::VARIANTS.to_vec(),
        tags: BTreeMap::new(),
        longest_minutes: 120,
        claim_minutes: 60,
        decide_minutes: 120,
        ticket: None,
        steps,
        auto_approve: None,
        break_glass: None,
    }
}

impl Model {
    fn new(seed: u64) -> Self {
        Self {
            people: vec![
                person("ben", "ben@x", &["payments"], &[]),
                // Ben again, from another provider.
                person("ben-2", "BEN@x", &["payments"], &[Role::Approver]),
                person("tom", "tom@x", &[], &[Role::Approver]),
                person("ada", "ada@x", &[], &[Role::SecurityAdmin]),
                person("eva", "eva@x", &["payments"], &[Role::Approver, Role::SecurityAdmin]),
                person("noa", "noa@x", &[], &[]),
            ],
            location: AccountLocation {
                account: "441205839201".parse().unwrap(),
                account_name: "Payments".into(),
                units: vec![("ou-prod".parse().unwrap(), "Production".into())],
            },
            grants: Vec::new(),
            now: datetime!(2026-11-24 12:00 UTC),
            dice: Dice(seed),
            done: BTreeMap::new(),
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    fn ask(&mut self) {
        let minutes = 1 + self.dice.number(120);
        let terms = RequestTerms {
            requester: self.people[self.dice.throw(6)].person.clone(),
            action: Action::Read,
            purpose: "p".into(),
            ticket: None,
            minutes,
            starts_at: (self.dice.throw(4) == 0).then(|| self.now + Duration::minutes(30)),
            created_at: self.now,
            break_glass: false,
            extends: None,
            incident: None,
        };
        let resources = vec![GrantResource {
            id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
            arn: "arn:aws:secretsmanager:us-east-1:441205839201:secret:a-AbCdEf".parse().unwrap(),
            name: "a".into(),
            kind: Kind::Secret,
            region: "us-east-1".parse().unwrap(),
            key: None,
            owner_team: (self.dice.throw(2) == 0).then(|| "payments".into()),
        }];
        let rule = rule(&mut self.dice);
        let id = i64::try_from(self.grants.len()).unwrap() + 1;
        let parts = [(self.location.account.clone(), resources.clone())];
        let grant = Grant {
            id: GrantId(id),
            request: RequestId(id),
            hash: request_hash(&terms, &parts),
            terms,
            account: self.location.account.clone(),
            resources,
            decided: Vec::new(),
            state: GrantState::Requested {
                expires_at: self.now + Duration::minutes(rule.decide_minutes.into()),
            },
            rule,
            minutes,
            session_name: format!("G-{id}-x"),
        };
        self.grants.push((grant, Memory { minutes, ..Memory::default() }));
        self.count("asked");
    }

    fn step(&mut self) {
        let kind = self.dice.throw(20);
        if self.grants.is_empty() || kind == 0 {
            return self.ask();
        }
        if kind == 1 {
            self.now += Duration::minutes(self.dice.number(40).into());
            return;
        }
        let newest = self.grants.len() - 1;
        let at = newest - self.dice.throw(4).min(newest);
        let who = self.people[self.dice.throw(6)].clone();
        let done = match kind {
            2..=9 => self.decide(at, &who),
            10..=13 => self.claim(at, &who),
            14..=17 => self.issue(at),
            _ => self.end(at, &who),
        };
        if let Some(done) = done {
            self.count(done);
        }
    }

    fn decide(&mut self, at: usize, who: &Caller) -> Option<&'static str> {
        let (grant, memory) = &mut self.grants[at];
        let dice = &mut self.dice;
        let (yes, wrong) = (dice.throw(12) > 0, dice.throw(15) == 0);
        let shorter = (dice.throw(4) == 0).then(|| 1 + dice.number(130));
        let decision = Decision {
            verdict: if yes { Vote::Approve } else { Vote::Deny },
            reason: (dice.throw(3) > 0).then(|| "r".into()),
            minutes: shorter,
            hash: if wrong { "0".into() } else { grant.hash.clone() },
        };
        let teams = grant.owner_teams();
        let approver_context =
            ApproverContext { caller: who, location: &self.location, owner_teams: &teams };
        let before = grant.state.clone().at(self.now);
        let Ok(outcome) = grant.decide(approver_context, decision, self.now) else {
            assert_eq!(grant.state, before, "a refused decision changes nothing");
            return None;
        };
        assert!(!wrong, "an approval signs the hash");
        assert!(!grant.terms.requester.is_same_as(&who.person), "nobody decides about their own");
        assert_eq!(before.word(), GrantStateName::Requested);
        if yes {
            let address = who.person.email.clone().unwrap().to_lowercase();
            assert!(memory.approved_by.insert(address), "one person counts once");
            memory.minutes = shorter.unwrap_or(memory.minutes).min(memory.minutes);
        }
        memory.denied |= !yes;
        let got = u32::try_from(memory.approved_by.len()).unwrap();
        let expected = match (yes, got >= grant.rule.approvals_needed()) {
            (false, _) => DecisionOutcome::Denied,
            (true, true) => DecisionOutcome::Approved,
            (true, false) => DecisionOutcome::Counted,
        };
        assert_eq!(outcome, expected);
        Some("decided")
    }

    fn claim(&mut self, at: usize, who: &Caller) -> Option<&'static str> {
        let (grant, memory) = &mut self.grants[at];
        grant.claim(&who.person, self.now).ok()?;
        assert_eq!(grant.terms.requester.subject, who.person.subject);
        assert!(memory.claimed.replace(self.now).is_none(), "claimed once");
        Some("claimed")
    }

    /// A session would be issued now.
    fn issue(&mut self, at: usize) -> Option<&'static str> {
        let (grant, memory) = &self.grants[at];
        let until = grant.live_until(self.now).ok()?;
        let claimed = memory.claimed.unwrap();
        let needed = usize::try_from(grant.rule.approvals_needed()).unwrap();
        assert!(memory.approved_by.len() >= needed && !memory.denied && memory.ended == 0);
        assert_eq!(until, claimed + Duration::minutes(memory.minutes.into()), "nothing widened");
        assert!(self.now < until && memory.minutes <= grant.terms.minutes);
        assert!(grant.terms.starts_at.is_none_or(|start| claimed >= start));
        Some("issued")
    }

    fn end(&mut self, at: usize, who: &Caller) -> Option<&'static str> {
        let (grant, memory) = &mut self.grants[at];
        let teams = grant.owner_teams();
        let approver_context =
            ApproverContext { caller: who, location: &self.location, owner_teams: &teams };
        let why = match (grant.held_by(&who.person), grant.may_revoke(approver_context)) {
            (Ok(()), _) => EndReason::GivenBack,
            (_, true) => EndReason::Revoked,
            _ => return None,
        };
        grant.end(why, self.now).ok()?;
        memory.ended += 1;
        assert_eq!(memory.ended, 1, "ended at most once");
        assert!(grant.live_until(self.now).is_err());
        Some("ended")
    }
}

/// `CLAVIGER_MODEL_STEPS` sets more.
#[test]
fn whatever_people_do_the_rules_hold() {
    let wanted = std::env::var("CLAVIGER_MODEL_STEPS").ok();
    let steps: u64 = wanted.and_then(|steps| steps.parse().ok()).unwrap_or(200_000);
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    // Many grants instead of one: each begins with another rule and another order.
    for life in 1..=(steps / 2_000) {
        let mut model = Model::new(life.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..2_000 {
            model.step();
        }
        for (what, count) in model.done {
            *done.entry(what).or_default() += count;
        }
    }
    for what in ["asked", "decided", "claimed", "issued", "ended"] {
        assert!(done[what] > 100, "the steps came to something: {done:?}");
    }
}
