//! The simulator's content: computed from numbers, with a test's changes.

use sqlx::PgPool;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Mutex,
};

/// The Regions that are enabled by default.
pub const REGIONS: [&str; 17] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
];

/// The first account's id; the others follow it.
const FIRST_ACCOUNT: u64 = 300_000_000_000;

/// An Organization of `accounts` x `regions` x (`secrets` + `parameters`).
#[derive(Debug)]
pub struct SimulatedOrganization {
    pub accounts: u64,
    pub regions: Vec<String>,
    /// In each account and Region.
    pub secrets: u32,
    pub parameters: u32,
    pub(super) has_edge_cases: bool,
    changes: Mutex<HashMap<(u64, String), Changes>>,
}

#[derive(Debug, Default)]
struct Changes {
    removed: HashSet<u32>,
    revised: BTreeMap<u32, u32>,
    added: u32,
}

/// The content, ARN by ARN, each with its description.
pub type Truth = BTreeMap<String, String>;

/// The content of the inventory that is not deleted.
///
/// # Panics
/// If the database cannot be read, or if anything occurs twice.
pub async fn as_inventoried(pool: &PgPool) -> Truth {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select arn, coalesce(facts ->> 'description', '') from resource where gone_at is null",
    )
    .fetch_all(pool)
    .await
    .expect("the inventory is read");
    let count = rows.len();
    let truth: Truth = rows.into_iter().collect();
    assert_eq!(truth.len(), count, "nothing is there twice");
    truth
}

impl SimulatedOrganization {
    pub fn new(accounts: u64, regions: &[&str], secrets: u32, parameters: u32) -> Self {
        Self {
            accounts,
            regions: regions.iter().map(|region| (*region).to_owned()).collect(),
            secrets,
            parameters,
            has_edge_cases: false,
            changes: Mutex::default(),
        }
    }

    /// With secrets that posture tools differ about: pending deletion, AWS managed keys, an empty owner tag,
    /// resource policies of many kinds.
    #[must_use]
    pub fn with_edge_cases(self) -> Self {
        Self { has_edge_cases: true, ..self }
    }

    pub fn account(&self, n: u64) -> u64 {
        FIRST_ACCOUNT + n
    }

    /// Another account of the Organization; the account itself if there is no other.
    pub(super) fn sister(&self, account: u64) -> u64 {
        FIRST_ACCOUNT + (account - FIRST_ACCOUNT + 1) % self.accounts
    }

    pub(super) fn has(&self, account: u64) -> bool {
        (FIRST_ACCOUNT..FIRST_ACCOUNT + self.accounts).contains(&account)
    }

    /// Deletes a secret.
    pub fn remove(&self, account: u64, region: &str, n: u32) {
        self.change(account, region, |changes| {
            changes.removed.insert(n);
        });
    }

    /// Changes a secret's description.
    pub fn revise(&self, account: u64, region: &str, n: u32) {
        self.change(account, region, |changes| *changes.revised.entry(n).or_default() += 1);
    }

    /// Creates more secrets.
    pub fn add(&self, account: u64, region: &str, more: u32) {
        self.change(account, region, |changes| changes.added += more);
    }

    fn change(&self, account: u64, region: &str, change: impl FnOnce(&mut Changes)) {
        let mut changes = self.changes.lock().expect("nobody panics while holding it");
        change(changes.entry((account, region.to_owned())).or_default());
    }

    /// Up to a number of secrets of an account and Region with their revisions, from one number on; and the next number.
    pub(super) fn secrets(
        &self,
        account: u64,
        region: &str,
        from: u32,
        most: usize,
    ) -> (Vec<(u32, u32)>, Option<u32>) {
        let changes = self.changes.lock().expect("nobody panics while holding it");
        let here = changes.get(&(account, region.to_owned()));
        let all = self.secrets + here.map_or(0, |changes| changes.added);
        let mut found = Vec::new();
        let mut at = from;
        while at < all && found.len() < most {
            if here.is_none_or(|changes| !changes.removed.contains(&at)) {
                let revised = here.and_then(|changes| changes.revised.get(&at).copied());
                found.push((at, revised.unwrap_or(0)));
            }
            at += 1;
        }
        (found, (at < all).then_some(at))
    }

    /// A secret's revision, if it exists.
    pub(super) fn secret(&self, account: u64, region: &str, n: u32) -> Option<u32> {
        self.secrets(account, region, n, 1)
            .0
            .first()
            .filter(|found| found.0 == n)
            .map(|found| found.1)
    }

    /// All secrets and parameters.
    pub fn truth(&self) -> Truth {
        let mut truth = Truth::new();
        for account in (0..self.accounts).map(|n| self.account(n)) {
            for region in &self.regions {
                for (n, revision) in self.secrets(account, region, 0, usize::MAX).0 {
                    let told = description(account, region, n, revision);
                    truth.insert(secret_arn(account, region, n), told);
                }
                for n in 0..self.parameters {
                    truth.insert(
                        format!("arn:aws:ssm:{region}:{account}:parameter{}", parameter_name(n)),
                        String::new(),
                    );
                }
            }
        }
        truth
    }
}

pub(crate) fn team(n: u32) -> String {
    format!("team-{:02}", n % 40)
}

pub(crate) fn secret_name(n: u32) -> String {
    const ENVIRONMENTS: [&str; 3] = ["prod", "staging", "dev"];
    let environment = ENVIRONMENTS[n as usize % 3];
    format!("{environment}/{}/service-{}/secret-{n:06}", team(n), n % 7)
}

pub(crate) fn parameter_name(n: u32) -> String {
    format!("/{}/config/parameter-{n:06}", team(n))
}

pub(crate) fn secret_arn(account: u64, region: &str, n: u32) -> String {
    // Six characters, as Secrets Manager appends them; these are always the same.
    let signs = format!("{:06}", (u64::from(n) * 7_919 + account) % 1_000_000);
    format!("arn:aws:secretsmanager:{region}:{account}:secret:{}-{signs}", secret_name(n))
}

/// The number of a secret by its ARN or name.
pub(crate) fn number_of(id: &str) -> Option<u32> {
    let (_, tail) = id.rsplit_once("/secret-")?;
    tail.get(..6)?.parse().ok()
}

/// All are different.
pub(crate) fn description(account: u64, region: &str, n: u32, revision: u32) -> String {
    format!(
        "What service-{} of {account} needs in {region}, number {n}, revision {revision}",
        n % 7
    )
}
