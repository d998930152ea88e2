//! Random policies: the analysis compared with a simple evaluator over all callers.
//! `cargo xtask fuzz public-policy` runs it over a million and more.

mod inputs;

use super::{
    plain_evaluator::{Request, Who, lets_in},
    *,
};
use inputs::{
    ARN, Had, KEYS, NOW, OUTSIDERS, OWN, SISTER, SISTERS, STRANGER, STRANGERS, TRUTHS, had,
};
use serde_json::{Map, Value, json};

/// A generator that gives the same numbers for the same seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// One value, sometimes several.
    fn some(&mut self, all: &[&'static str]) -> Value {
        let count = if self.one_in(3) { 2 } else { 1 };
        let values: Vec<Value> = (0..count).map(|_| json!(self.pick(all))).collect();
        if values.len() == 1 && self.one_in(2) { values[0].clone() } else { json!(values) }
    }
}

fn condition(dice: &mut Dice, block: &mut Map<String, Value>) {
    let (key, operators, values) = dice.pick(KEYS);
    let (operator, value) = if dice.one_in(12) {
        ("Null".to_owned(), json!(dice.pick(TRUTHS)))
    } else {
        let mut operator = dice.pick(operators).to_owned();
        if dice.one_in(5) {
            operator.push_str("IfExists");
        }
        let is_set = key.ends_with("OrgPaths") || key.ends_with("TagKeys");
        if is_set || dice.one_in(8) {
            operator = format!("{}:{operator}", dice.pick(&["ForAnyValue", "ForAllValues"]));
        }
        (operator, dice.some(values))
    };
    let keys = block.entry(operator).or_insert_with(|| json!({}));
    keys[key] = value;
}

fn statement(dice: &mut Dice, effect: &str) -> Value {
    let principals = [
        json!("*"),
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": OWN}),
        json!({"AWS": [format!("arn:aws:iam::{SISTER}:root"), STRANGER]}),
        json!({"AWS": "arn:aws:iam::458812704336:role/etl"}),
        json!({"AWS": "arn:aws:iam::773100984412:role/etl"}),
        json!({"Service": "lambda.amazonaws.com"}),
        json!({"Service": "lambda.amazonaws.com", "AWS": OWN}),
    ];
    // Most are for everyone: those matter here.
    let at = if dice.one_in(2) { 0 } else { dice.below(principals.len()) };
    let actions = [
        json!("secretsmanager:GetSecretValue"),
        json!("secretsmanager:*"),
        json!(["secretsmanager:DescribeSecret", "secretsmanager:Get*"]),
        json!("secretsmanager:DeleteSecret"),
        json!("*"),
    ];
    let is_not = principals[at] != "*" && principals[at]["AWS"] != "*" && dice.one_in(4);
    let mut found = json!({"Effect": effect});
    found[if is_not { "NotPrincipal" } else { "Principal" }] = principals[at].clone();
    found[if dice.one_in(10) { "NotAction" } else { "Action" }] =
        actions[dice.below(actions.len())].clone();
    let resource = if dice.one_in(10) {
        ["arn:aws:secretsmanager:eu-west-1:441205839201:secret:b-*", ARN][dice.below(2)]
    } else {
        "*"
    };
    found[if dice.one_in(20) { "NotResource" } else { "Resource" }] = json!(resource);
    let count =
        dice.pick(if effect == "Allow" { &[0, 0, 1, 1, 2, 3] } else { &[0, 1, 1, 1, 2, 2] });
    let mut block = Map::new();
    for _ in 0..count {
        condition(dice, &mut block);
    }
    if !block.is_empty() {
        found["Condition"] = Value::Object(block);
    }
    found
}

fn policy(dice: &mut Dice) -> Value {
    let (allows, denies) = (dice.pick(&[1, 1, 1, 2]), dice.pick(&[0, 0, 1, 1, 2, 3]));
    let mut all: Vec<Value> = (0..allows).map(|_| statement(dice, "Allow")).collect();
    all.extend((0..denies).map(|_| statement(dice, "Deny")));
    json!({"Version": "2012-10-17", "Statement": all})
}

/// The keys that a policy uses: the others do not matter.
fn keys_of(policy: &Value) -> Vec<&'static str> {
    let text = policy.to_string().to_lowercase();
    KEYS.iter()
        .filter(|(key, ..)| text.contains(&format!("\"{}\"", key.to_lowercase())))
        .map(|(key, ..)| *key)
        .collect()
}

/// Whether any of the caller's possible values gains access; if requested, only values that anyone may have.
fn gets_in(
    policy: &Value,
    who: &'static Who,
    action: &str,
    keys: &[String],
    with_guarded: bool,
) -> bool {
    let all: Vec<Vec<Option<Had>>> = keys.iter().map(|key| had(who, key)).collect();
    let mut at = vec![0; keys.len()];
    loop {
        let chosen: Vec<(&str, &Had)> = keys
            .iter()
            .zip(all.iter().zip(&at))
            .filter_map(|(key, (values, at))| Some((key.as_str(), values[*at].as_ref()?)))
            .collect();
        if with_guarded || !chosen.iter().any(|(_, (_, guarded))| *guarded) {
            let context =
                chosen.into_iter().map(|(key, (values, _))| (key, values.clone())).collect();
            if lets_in(policy, &Request { who, action, resource: ARN, context }) {
                return true;
            }
        }
        let Some(next) = (0..keys.len()).find(|key| at[*key] + 1 < all[*key].len()) else {
            return false;
        };
        at[next] += 1;
        at[..next].fill(0);
    }
}

/// The results over many policies.
#[derive(Debug, Default)]
struct Found {
    policies: u64,
    unknown: u64,
    public: u64,
    /// Reported as public, although no caller known to the evaluator has access.
    alarms: u64,
    faults: Vec<String>,
}

const EVERY_ACTION: [&str; 3] = [
    "secretsmanager:GetSecretValue",
    "secretsmanager:DescribeSecret",
    "secretsmanager:DeleteSecret",
];

impl Found {
    fn hold(&mut self, policy: &Value, around: &OrganizationMembers) {
        let own: AccountId = OWN.parse().unwrap();
        let found = analyse(&policy.to_string(), ARN, &own, around, NOW).unwrap();
        let is_public =
            found.grantees.iter().any(|one| one.location == PrincipalLocation::Everyone);
        let is_unknown = !is_public && found.grantees.iter().any(|one| one.may_be_anyone);
        let may_be_outside =
            found.grantees.iter().any(|one| one.location >= PrincipalLocation::Undecided);
        let is_shared = may_be_outside
            || found.grantees.iter().any(|one| one.location == PrincipalLocation::InOrganization);
        let reads_outside = found.grantees.iter().any(|one| {
            one.reads && (one.location == PrincipalLocation::Everyone || one.may_be_anyone)
        });
        self.policies += 1;
        self.unknown += u64::from(is_unknown);
        self.public += u64::from(is_public);
        let keys: Vec<String> = keys_of(policy).into_iter().map(str::to_lowercase).collect();
        let any = |all: &'static [Who], actions: &[&str], with_guarded: bool| {
            all.iter().any(|who| {
                actions.iter().any(|action| gets_in(policy, who, action, &keys, with_guarded))
            })
        };
        let anyone = any(&OUTSIDERS, &EVERY_ACTION, false);
        let mut fault = |what: &str| self.faults.push(format!("{what}: {policy}\n{found:?}"));
        if anyone && !is_public && !is_unknown {
            fault("somebody outside gets in, and it passes public-policy");
        }
        if !reads_outside && any(&OUTSIDERS, &EVERY_ACTION[..1], false) {
            fault("somebody outside reads, and is said not to");
        }
        if !may_be_outside
            && (any(&OUTSIDERS, &EVERY_ACTION, true) || any(&STRANGERS, &EVERY_ACTION, true))
        {
            fault("somebody outside gets in, and it passes shared-outside");
        }
        if !is_shared && any(&SISTERS, &EVERY_ACTION, true) {
            fault("another account gets in, and it passes shared-with-account");
        }
        self.alarms += u64::from(is_public && !anyone);
    }

    fn add(&mut self, other: Self) {
        self.policies += other.policies;
        self.unknown += other.unknown;
        self.public += other.public;
        self.alarms += other.alarms;
        self.faults.extend(other.faults);
    }
}

fn around() -> OrganizationMembers {
    OrganizationMembers {
        organization: Some("o-ours".into()),
        accounts: [OWN, SISTER].iter().map(|id| id.parse().unwrap()).collect(),
    }
}

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The short version runs with the other tests; `cargo xtask fuzz public-policy` sets the number, the seed and the
/// time limit.
#[test]
#[expect(clippy::print_stdout, reason = "the rates are what is asked for")]
fn fuzz_public_policy() {
    let count = from_environment("CLAVIGER_FUZZ_POLICIES", 3_000);
    let seed = from_environment("CLAVIGER_FUZZ_SEED", 20_261_124);
    let seconds = from_environment("CLAVIGER_FUZZ_SECONDS", 600);
    let ends = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let around = around();
    let mut found = Found::default();
    std::thread::scope(|scope| {
        let around = &around;
        let all: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    let mut found = Found::default();
                    for n in (thread..count).step_by(usize::try_from(threads).unwrap()) {
                        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9).wrapping_add(n));
                        dice.next();
                        found.hold(&policy(&mut dice), around);
                        if found.faults.len() >= 5 || std::time::Instant::now() > ends {
                            break;
                        }
                    }
                    found
                })
            })
            .collect();
        for one in all {
            found.add(one.join().unwrap());
        }
    });
    let rate = |part: u64| {
        let parts = |number: u64| f64::from(u32::try_from(number).unwrap());
        parts(part) * 100.0 / parts(found.policies.max(1))
    };
    println!(
        "{} random policies (seed {seed}): {} let an outsider in and pass; {:.2} % unknown, {:.1} % public, {:.1} % said to be public though none of the evaluator's outsiders gets in",
        found.policies,
        found.faults.len(),
        rate(found.unknown),
        rate(found.public),
        rate(found.alarms),
    );
    assert!(found.faults.is_empty(), "{}", found.faults.join("\n\n"));
    assert!(found.policies >= count, "the time was over after {} policies", found.policies);
    // Both results occurred: otherwise nothing was compared.
    assert!(found.public * 10 > found.policies && found.public * 10 < found.policies * 9);
}

/// Resource policies from AWS's guides: the result of each, and that few are undetermined.
#[test]
#[expect(clippy::print_stdout, reason = "the rate is what is asked for")]
fn real_policies_are_decided() {
    let table: Value =
        serde_json::from_str(include_str!("../../../cases/real-policies.json")).unwrap();
    let rows = table.as_array().unwrap();
    let (mut found, mut wrong) = (Found::default(), Vec::new());
    for row in rows {
        let before = (found.public, found.unknown);
        found.hold(&row["policy"], &around());
        let came = match (found.public > before.0, found.unknown > before.1) {
            (true, _) => "fail",
            (_, true) => "unknown",
            _ => "pass",
        };
        if row["public"] != came {
            wrong.push(format!("{}: {came}", row["name"]));
        }
    }
    println!("{} of {} real policies unknown", found.unknown, rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found.faults.is_empty(), "{}", found.faults.join("\n\n"));
    assert!(found.unknown * 20 <= rows.len() as u64);
}
