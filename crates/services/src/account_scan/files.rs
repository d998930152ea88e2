//! The result as files that other tools read.

use super::{AccountScan, sarif};
use crate::{
    ServiceError,
    compliance::export::{Exported, csv, json, ocsf},
    files::format_timestamp,
};
use claviger_domain::{
    VariantArray,
    compliance::{Severity, view::FindingRow},
    facts::Kind,
};
use claviger_policy::compliance::controls_of;
use serde_json::{Value, json};

impl AccountScan {
    /// Failing and unknown checks, in the columns of the findings' export.
    pub fn to_csv(&self) -> Result<String, ServiceError> {
        let mut text = csv::head()?;
        for exported in self.exported() {
            text.push_str(&csv::line(&exported)?);
        }
        Ok(text)
    }

    /// Failing and unknown checks as OCSF Compliance Findings, one per line.
    pub fn to_ocsf(&self) -> String {
        let mut text = String::new();
        for exported in self.exported() {
            text.push_str(&ocsf::finding(&exported).to_string());
            text.push('\n');
        }
        text
    }

    /// Everything, as one JSON document.
    pub fn to_json(&self) -> String {
        let findings: Vec<Value> = self.exported().map(|one| json::finding(&one)).collect();
        let checks: serde_json::Map<String, Value> = Severity::VARIANTS
            .iter()
            .map(|severity| {
                let tally = self.tallies.get(severity).copied().unwrap_or_default();
                let counts =
                    json!({"fail": tally.fail, "unknown": tally.unknown, "pass": tally.pass});
                (severity.to_string(), counts)
            })
            .collect();
        let regions: Vec<Value> = self
            .resources
            .iter()
            .map(|(region, counts)| {
                let count = |kind| counts.get(&kind).copied().unwrap_or_default();
                json!({"region": region, "secrets": count(Kind::Secret), "parameters": count(Kind::Parameter)})
            })
            .collect();
        let policies: Vec<Value> = self
            .policies
            .iter()
            .map(|p| json!({"id": p.id, "title": p.title, "severity": p.severity}))
            .collect();
        let document = json!({
            "tool": {"name": "claviger scan", "version": env!("CARGO_PKG_VERSION")},
            "scanned_at": format_timestamp(self.at),
            "account_id": self.account,
            "complete": self.is_whole(),
            "regions": regions,
            "policy_source": self.policy_source,
            "policies": policies,
            "skipped_policies": self.skipped,
            "checks": checks,
            "not_read": self.not_read,
            "findings": findings,
            "facts": self.recorded,
        });
        format!("{document:#}\n")
    }

    /// SARIF 2.1.0, for code scanning.
    pub fn to_sarif(&self) -> String {
        format!("{:#}\n", sarif::log(self))
    }

    /// Failing checks first.
    fn exported(&self) -> impl Iterator<Item = Exported<'_>> {
        self.failing.iter().chain(&self.unknown).map(|row| self.export(row))
    }

    pub(super) fn export<'a>(&'a self, row: &'a FindingRow) -> Exported<'a> {
        let policy = self.policies.iter().find(|policy| policy.id == row.policy);
        Exported {
            row,
            controls: policy.map_or(&[], |policy| controls_of(&policy.rule)),
            at: self.at,
        }
    }
}
