//! Random policies: what the analysis says of them against what a plain evaluator says of everybody.
//! `cargo xtask fuzz public-policy` runs it over a million and more.

use super::{
    plain_evaluator::{Request, Who, lets_in},
    *,
};
use serde_json::{Map, Value, json};

const ARN: &str = "arn:aws:secretsmanager:eu-west-1:441205839201:secret:a-AbCdEf";
const OWN: &str = "441205839201";
const SISTER: &str = "458812704336";
/// An account outside that policies name.
const STRANGER: &str = "773100984412";
const NOW: OffsetDateTime = time::macros::datetime!(2026-11-24 12:00 UTC);
const NOW_TEXT: &str = "2026-11-24T12:00:00Z";

const fn who(
    account: &'static str,
    arn: &'static str,
    organization: &'static str,
    path: &'static str,
) -> Who {
    Who { account, arn, organization, path, service: "" }
}

/// Whom no policy names: in no Organization, and in one of their own.
const OUTSIDERS: [Who; 3] = [
    who("250000000052", "arn:aws:iam::250000000052:role/deploy", "", ""),
    who(
        "250000000052",
        "arn:aws:iam::250000000052:user/mallory",
        "o-far",
        "o-far/r-far1/ou-far1-x/",
    ),
    who("260000000062", "arn:aws:iam::260000000062:role/app-far", "o-far", "o-far/r-far1/ou-prod/"),
];
const STRANGERS: [Who; 2] = [
    who(STRANGER, "arn:aws:iam::773100984412:role/etl", "", ""),
    who(STRANGER, "arn:aws:iam::773100984412:user/deploy", "o-other", "o-other/r-b/ou-b-1/"),
];
const SISTERS: [Who; 2] = [
    who(SISTER, "arn:aws:iam::458812704336:role/etl", "o-ours", "o-ours/r-a/ou-prod/"),
    who(SISTER, "arn:aws:iam::458812704336:role/other", "o-ours", "o-ours/r-a/ou-test/"),
];

/// A generator that gives the same numbers for the same seed (SplitMix64).
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

const TEXT: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
const ARNS: &[&str] = &[
    "ArnLike",
    "ArnNotLike",
    "ArnEquals",
    "ArnNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEquals",
];
const BOOL: &[&str] = &["Bool"];
const IPS: &[&str] = &["IpAddress", "NotIpAddress"];
const DATES: &[&str] = &["DateGreaterThan", "DateLessThan"];
const NUMBERS: &[&str] = &["NumericLessThan", "NumericGreaterThan"];
const TRUTHS: &[&str] = &["true", "false"];

/// Keys with the operators and values that policies of this world use.
const KEYS: &[(&str, &[&str], &[&str])] = &[
    ("aws:PrincipalOrgID", TEXT, &["o-ours", "o-other", "o-*", "*", "o-our?"]),
    (
        "aws:PrincipalOrgPaths",
        TEXT,
        &["o-ours/*", "o-ours/r-a/ou-prod/*", "o-other/r-b/*", "o-*/r-a/*", "*/ou-prod/", "*"],
    ),
    ("aws:PrincipalAccount", TEXT, &[OWN, SISTER, STRANGER, "25*", "4*", "*", "77310098441?"]),
    (
        "aws:PrincipalArn",
        ARNS,
        &[
            "arn:aws:iam::441205839201:role/app",
            "arn:aws:iam::458812704336:role/etl",
            "arn:aws:iam::458812704336:*",
            "arn:aws:iam::773100984412:role/*",
            "arn:aws:iam::*:role/deploy",
            "arn:aws:iam::*:role/app-*",
            "arn:*:iam::*:user/*",
            "*",
        ],
    ),
    ("aws:PrincipalTag/team", TEXT, &["payments", "pay*", "${aws:PrincipalTag/x}"]),
    ("aws:PrincipalIsAWSService", BOOL, TRUTHS),
    ("aws:PrincipalServiceName", TEXT, &["lambda.amazonaws.com", "*.amazonaws.com"]),
    ("aws:SourceAccount", TEXT, &[OWN, SISTER, STRANGER, "25*"]),
    (
        "aws:SourceArn",
        ARNS,
        &[
            "arn:aws:sns:eu-west-1:441205839201:t",
            "arn:aws:sns:*:773100984412:*",
            "arn:aws:sns:*:*:t",
            "arn:aws:s3:::bucket",
            "arn:aws:s3:::bucket-*",
        ],
    ),
    ("aws:SourceOrgID", TEXT, &["o-ours", "o-*"]),
    (
        "aws:SourceIp",
        IPS,
        &[
            "192.0.2.0/24",
            "10.0.0.0/8",
            "0.0.0.0/1",
            "128.0.0.0/1",
            "0.0.0.0/0",
            "2001:db8::/32",
            "::/0",
        ],
    ),
    ("aws:VpcSourceIp", IPS, &["10.0.0.0/8", "10.1.2.0/24"]),
    ("aws:SourceVpc", TEXT, &["vpc-1", "vpc-2", "vpc-*", "*"]),
    ("aws:SourceVpce", TEXT, &["vpce-1", "vpce-*"]),
    ("aws:userid", TEXT, &["AIDAOWN", "AROAOWN:*", "*:session"]),
    ("aws:username", TEXT, &["deploy", "mallory", "*"]),
    ("aws:SourceIdentity", TEXT, &["alice", "a*"]),
    ("aws:SecureTransport", BOOL, TRUTHS),
    ("aws:ViaAWSService", BOOL, TRUTHS),
    ("aws:MultiFactorAuthPresent", BOOL, TRUTHS),
    ("aws:MultiFactorAuthAge", NUMBERS, &["3600", "0"]),
    ("aws:CurrentTime", DATES, &["2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]),
    ("aws:TagKeys", TEXT, &["team", "cost", "t*"]),
    ("aws:RequestedRegion", TEXT, &["eu-west-1", "us-east-1"]),
    ("secretsmanager:VersionStage", TEXT, &["AWSCURRENT", "AWSP*"]),
    ("aws:NobodyKnowsThis", TEXT, &["x"]),
];

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
    // Most are for everybody: those are what it is about.
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

/// A value under a key; `true` where only somebody in a certain network, or under a certain id, has it.
type Had = (Vec<&'static str>, bool);

fn open(value: &'static str) -> Option<Had> {
    Some((vec![value], false))
}

/// What a caller may have under a key; `None` is absent.
fn had(who: &'static Who, key: &str) -> Vec<Option<Had>> {
    let settled = |value: &'static str| {
        if value.is_empty() { vec![None] } else { vec![open(value)] }
    };
    let absent_or = |values: &[&'static str]| -> Vec<Option<Had>> {
        std::iter::once(None).chain(values.iter().copied().map(open)).collect()
    };
    let guarded = |value: &'static str| Some((vec![value], true));
    let is_service = !who.service.is_empty();
    let is_user = who.arn.contains(":user/");
    match key {
        "aws:principalorgid" => settled(who.organization),
        "aws:principalorgpaths" => settled(who.path),
        "aws:principalaccount" => settled(who.account),
        "aws:principalarn" => settled(who.arn),
        "aws:principalisawsservice" => settled(if is_service { "true" } else { "false" }),
        "aws:principalservicename" => settled(who.service),
        "aws:principaltag/team" if !is_service => absent_or(&["payments", "other"]),
        "aws:username" if is_user => {
            settled(if who.arn.ends_with("deploy") { "deploy" } else { "mallory" })
        }
        "aws:sourceidentity" if !is_user && !is_service => absent_or(&["alice", "bob"]),
        "aws:userid" if !is_service => vec![open("AROAFAR:session"), guarded("AIDAOWN")],
        "aws:multifactorauthpresent" if !is_service => absent_or(TRUTHS),
        "aws:multifactorauthage" if !is_service => absent_or(&["30", "7200"]),
        "aws:securetransport" | "aws:viaawsservice" => TRUTHS.iter().copied().map(open).collect(),
        "aws:currenttime" => settled(NOW_TEXT),
        "aws:requestedregion" => settled("eu-west-1"),
        "aws:tagkeys" => {
            let mut found = absent_or(&["team", "other"]);
            found.push(Some((vec!["team", "cost"], false)));
            found
        }
        "secretsmanager:versionstage" => absent_or(&["AWSCURRENT", "AWSPREVIOUS"]),
        "aws:sourceip" => {
            let mut found = absent_or(&["8.8.8.8", "130.1.1.1", "2600::1"]);
            found.extend([guarded("192.0.2.5"), guarded("2001:db8::1")]);
            found
        }
        "aws:vpcsourceip" => absent_or(&["10.1.2.3", "10.9.9.9"]),
        "aws:sourcevpc" => {
            let mut found = absent_or(&["vpc-far"]);
            found.extend([guarded("vpc-1"), guarded("vpc-2")]);
            found
        }
        "aws:sourcevpce" => {
            let mut found = absent_or(&["vpce-far"]);
            found.push(guarded("vpce-1"));
            found
        }
        "aws:sourceaccount" => absent_or(if is_service {
            &[OWN, SISTER, STRANGER, "250000000052"]
        } else {
            std::slice::from_ref(&who.account)
        }),
        "aws:sourceorgid" if !who.organization.is_empty() => {
            absent_or(std::slice::from_ref(&who.organization))
        }
        "aws:sourcearn" => {
            let mut found = absent_or(&["arn:aws:s3:::bucket-far"]);
            found.push(guarded("arn:aws:s3:::bucket"));
            found.push(match who.account {
                SISTER => open("arn:aws:sns:eu-west-1:458812704336:t"),
                STRANGER => open("arn:aws:sns:eu-west-1:773100984412:t"),
                _ => open("arn:aws:sns:eu-west-1:250000000052:t"),
            });
            found
        }
        "aws:nobodyknowsthis" => absent_or(&["x", "y"]),
        _ => vec![None],
    }
}

/// The keys that a policy speaks of: the others do not matter.
fn keys_of(policy: &Value) -> Vec<&'static str> {
    let text = policy.to_string().to_lowercase();
    KEYS.iter()
        .filter(|(key, ..)| text.contains(&format!("\"{}\"", key.to_lowercase())))
        .map(|(key, ..)| *key)
        .collect()
}

/// Whether anything that the caller may have under the keys lets it in; only what anybody may have, where that is asked.
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

/// What was found over many policies.
#[derive(Debug, Default)]
struct Found {
    policies: u64,
    unknown: u64,
    public: u64,
    /// Said to be public, though nobody that the evaluator knows gets in.
    alarms: u64,
    faults: Vec<String>,
}

const EVERY_ACTION: [&str; 3] = [
    "secretsmanager:GetSecretValue",
    "secretsmanager:DescribeSecret",
    "secretsmanager:DeleteSecret",
];

impl Found {
    fn hold(&mut self, policy: &Value, around: &Surroundings) {
        let own: AccountId = OWN.parse().unwrap();
        let found = analyse(&policy.to_string(), ARN, &own, around, NOW).unwrap();
        let is_public = found.grantees.iter().any(|one| one.standing == Standing::Everyone);
        let is_unknown = !is_public && found.grantees.iter().any(|one| one.may_be_anyone);
        let may_be_outside = found.grantees.iter().any(|one| one.standing >= Standing::Undecided);
        let is_shared = may_be_outside
            || found.grantees.iter().any(|one| one.standing == Standing::InOrganization);
        let reads_outside = found
            .grantees
            .iter()
            .any(|one| one.reads && (one.standing == Standing::Everyone || one.may_be_anyone));
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

fn around() -> Surroundings {
    Surroundings {
        organization: Some("o-ours".into()),
        accounts: [OWN, SISTER].iter().map(|id| id.parse().unwrap()).collect(),
    }
}

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The short form runs with the other tests; `cargo xtask fuzz public-policy` says how many, from which seed and for how
/// long.
#[test]
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
    let rate = |part: u64| part as f64 * 100.0 / found.policies.max(1) as f64;
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
    // Both answers came up: else nothing was compared.
    assert!(found.public * 10 > found.policies && found.public * 10 < found.policies * 9);
}

/// Resource policies as AWS's own guides write them: what each comes to, and that few stay undecided.
#[test]
fn real_policies_are_decided() {
    let table: Value =
        serde_json::from_str(include_str!("../../cases/real-policies.json")).unwrap();
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
