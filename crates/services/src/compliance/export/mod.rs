//! Findings as files: the whole filtered list, piece by piece, in the formats that others read.

mod asff;
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod ocsf;

use super::{InForce, findings::titled};
use crate::{
    ComplianceService, FileExport, ServiceError,
    files::{self, format_timestamp},
};
use async_trait::async_trait;
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    compliance::{CheckResult, ExportFormat, FindingQuery, FindingState, view::FindingRow},
    ids::ResourceId,
};
use claviger_policy::compliance::{Control, controls_of};
use serde_json::Value;
use time::OffsetDateTime;

/// Findings read at once.
const EXPORT_CHUNK_ROWS: usize = 500;

/// Findings of which it is noted at once that they come next: each time all are gone through.
const AHEAD: usize = 20_000;

/// A finding with what the formats say beside it.
pub(crate) struct Exported<'a> {
    pub(crate) row: &'a FindingRow,
    pub(crate) controls: &'static [Control],
    pub(crate) at: OffsetDateTime,
}

/// A list on its way out. What is written is what the caller may see.
pub struct FindingExport {
    service: ComplianceService,
    visible: VisibleAccounts,
    query: FindingQuery,
    format: ExportFormat,
    policies: Vec<InForce>,
    at: OffsetDateTime,
    /// Whether everything was scanned and evaluated when it began.
    is_whole: bool,
    step: Step,
    /// What comes next, the first last.
    waiting: Vec<(ResourceId, String)>,
    /// Whether any finding was written.
    has_any: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    First,
    Next,
    /// Nothing comes after what is waiting.
    Last,
    Over,
}

impl ComplianceService {
    /// Begins an export of the findings that a URL's query asks for.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn export_findings(
        &self,
        caller: &Caller,
        format: ExportFormat,
        url_query: &str,
    ) -> Result<FindingExport, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let query = url_query.parse::<FindingQuery>()?.asked_by(&caller.person.subject);
        Ok(FindingExport {
            is_whole: self.progress_service.unfinished_evaluation(&visible).await?.is_none(),
            service: self.clone(),
            visible,
            query: query.after(None),
            format,
            policies: self.policy_service.in_force().await?,
            at: self.clock.now(),
            step: Step::First,
            waiting: Vec::new(),
            has_any: false,
        })
    }
}

#[async_trait]
impl FileExport for FindingExport {
    fn content_type(&self) -> &'static str {
        match self.format {
            ExportFormat::Csv => "text/csv; charset=utf-8",
            ExportFormat::Json | ExportFormat::Asff => "application/json",
            ExportFormat::Ocsf => "application/x-ndjson",
        }
    }

    fn file_name(&self) -> String {
        let ending = match self.format {
            ExportFormat::Csv => "csv",
            ExportFormat::Json => "json",
            ExportFormat::Asff => "asff.json",
            ExportFormat::Ocsf => "ocsf.ndjson",
        };
        files::name("findings", self.at, self.is_whole, ending)
    }

    /// The worst findings first.
    async fn piece(&mut self) -> Result<Option<String>, ServiceError> {
        if self.step == Step::Over {
            return Ok(None);
        }
        let mut text = if self.step == Step::First { self.head()? } else { String::new() };
        let store = &self.service.findings;
        if self.waiting.is_empty() && self.step != Step::Last {
            let found = store.next_findings(&self.visible, &self.query, AHEAD, self.at).await?;
            self.waiting = found.refs;
            self.waiting.reverse();
            self.step = if found.next.is_some() { Step::Next } else { Step::Last };
            self.query = self.query.after(found.next);
        }
        let rest = self.waiting.len().saturating_sub(EXPORT_CHUNK_ROWS);
        let mut next = self.waiting.split_off(rest);
        next.reverse();
        if rest == 0 && self.step == Step::Last {
            self.step = Step::Over;
        }
        let mut rows =
            titled(store.read_findings(&self.visible, &next, self.at).await?, &self.policies);
        // What was resolved, or came under an exception, since it was noted is of another list now.
        let has = |state: FindingState| self.query.states.contains(&state);
        rows.retain(|row| {
            (row.resolved_at.is_none() || has(FindingState::Resolved))
                && (row.exception.is_none()
                    || row.resolved_at.is_some()
                    || has(FindingState::Excepted))
        });
        for row in &rows {
            let policy = self.policies.iter().find(|policy| policy.policy.id == row.policy);
            let exported = Exported {
                row,
                controls: policy.map_or(&[], |policy| controls_of(&policy.policy.rule)),
                at: self.at,
            };
            self.write(&mut text, &exported, !self.has_any)?;
            self.has_any = true;
        }
        if self.step == Step::Over {
            text.push_str(match self.format {
                ExportFormat::Csv | ExportFormat::Ocsf => "",
                ExportFormat::Json => "\n]}\n",
                ExportFormat::Asff => "\n]\n",
            });
        }
        Ok(Some(text))
    }
}

impl FindingExport {
    pub(crate) fn head(&self) -> Result<String, ServiceError> {
        Ok(match self.format {
            ExportFormat::Csv => csv::head()?,
            ExportFormat::Ocsf => String::new(),
            ExportFormat::Asff => "[".into(),
            ExportFormat::Json => format!(
                "{{\"exported_at\":{},\"filter\":{},\"findings\":[",
                Value::from(format_timestamp(self.at)),
                Value::from(self.query.to_url_query()),
            ),
        })
    }

    fn write(
        &self,
        text: &mut String,
        exported: &Exported<'_>,
        is_first: bool,
    ) -> Result<(), ServiceError> {
        let value = match self.format {
            ExportFormat::Csv => {
                text.push_str(&csv::line(exported)?);
                return Ok(());
            }
            ExportFormat::Ocsf => {
                text.push_str(&ocsf::finding(exported).to_string());
                text.push('\n');
                return Ok(());
            }
            ExportFormat::Json => json::finding(exported),
            ExportFormat::Asff => asff::finding(exported),
        };
        text.push_str(if is_first { "\n" } else { ",\n" });
        text.push_str(&value.to_string());
        Ok(())
    }
}

impl Exported<'_> {
    /// The same for the same check of the same resource, whenever it is exported.
    pub(crate) fn id(&self) -> String {
        format!("claviger/{}/{}", self.row.policy, self.row.resource)
    }

    /// As it stands: what is resolved passes.
    pub(crate) fn verdict(&self) -> CheckResult {
        if self.row.resolved_at.is_some() { CheckResult::Pass } else { self.row.verdict }
    }

    /// The state as the findings' list filters by it.
    fn state(&self) -> &'static str {
        match self.row {
            row if row.resolved_at.is_some() => "resolved",
            row if row.exception.is_some() => "waived",
            row if row.due_at < self.at && row.verdict == CheckResult::Fail => "overdue",
            _ => "open",
        }
    }

    /// `NIST 800-53 r5 AC-2(1)`.
    pub(crate) fn requirements(&self) -> Vec<String> {
        self.controls
            .iter()
            .map(|control| format!("{} {}", control.framework, control.id))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::{
        compliance::{Evidence, Severity, view::ExceptionRef},
        facts::Kind,
    };
    use time::macros::datetime;

    fn row() -> FindingRow {
        FindingRow {
            resource: "01a213aa-88bc-74f2-bf97-ab9c48ac4bf4".parse().unwrap(),
            arn: "arn:aws:secretsmanager:eu-west-1:441205839201:secret:=pay,ments-AbCdEf"
                .parse()
                .unwrap(),
            name: "=pay,ments".into(),
            kind: Kind::Secret,
            account_id: "441205839201".parse().unwrap(),
            account_name: "Payments \"Prod\"".into(),
            region: "eu-west-1".parse().unwrap(),
            team: None,
            policy: "rotation-enabled".into(),
            policy_title: "Rotation is on".into(),
            severity: Severity::High,
            verdict: CheckResult::Fail,
            says: "Rotation is off.".into(),
            evidence: vec![Evidence { fact: "RotationEnabled".into(), value: "false".into() }],
            opened_at: datetime!(2026-11-01 08:00 UTC),
            due_at: datetime!(2026-11-15 08:00 UTC),
            resolved_at: None,
            reopened: 1,
            exception: None,
            triage: claviger_domain::compliance::triage::Triage::default(),
        }
    }

    const AT: OffsetDateTime = datetime!(2026-11-25 17:00 UTC);
    const CONTROLS: &[Control] =
        &[Control { framework: "AWS Security Hub", id: "SecretsManager.1" }];

    fn each(of: impl Fn(&Exported<'_>) -> Value) -> [Value; 4] {
        let exception =
            ExceptionRef { id: "W-1".parse().unwrap(), until: datetime!(2026-12-25 00:00 UTC) };
        let resolved_at = Some(datetime!(2026-11-20 08:00 UTC));
        [
            row(),
            FindingRow { verdict: CheckResult::Unknown, ..row() },
            FindingRow { exception: Some(exception), ..row() },
            FindingRow { resolved_at, ..row() },
        ]
        .map(|row| of(&Exported { row: &row, controls: CONTROLS, at: AT }))
    }

    #[test]
    fn asff_says_what_security_hub_takes() {
        let [open, unknown, waived, resolved] = each(asff::finding);
        insta::assert_snapshot!(serde_json::to_string_pretty(&open).unwrap());
        assert_eq!(unknown["Compliance"]["Status"], "NOT_AVAILABLE");
        assert_eq!(
            (&waived["Workflow"]["Status"], &waived["RecordState"]),
            (&"SUPPRESSED".into(), &"ACTIVE".into())
        );
        assert_eq!(resolved["Compliance"]["Status"], "PASSED");
        assert_eq!(
            (&resolved["Workflow"]["Status"], &resolved["RecordState"]),
            (&"RESOLVED".into(), &"ARCHIVED".into())
        );
        let long = FindingRow { says: "é".repeat(2000), policy_title: "t".repeat(300), ..row() };
        let cut = asff::finding(&Exported { row: &long, controls: CONTROLS, at: AT });
        assert_eq!(cut["Description"].as_str().unwrap().chars().count(), 1024);
        assert_eq!(cut["Title"].as_str().unwrap().chars().count(), 256);
    }

    #[test]
    fn ocsf_is_a_compliance_finding() {
        let [open, unknown, waived, resolved] = each(ocsf::finding);
        insta::assert_snapshot!(serde_json::to_string_pretty(&open).unwrap());
        assert_eq!(unknown["compliance"]["status_id"], 0);
        assert_eq!(waived["status_id"], 3);
        assert_eq!(
            (&resolved["status_id"], &resolved["activity_id"], &resolved["type_uid"]),
            (&4.into(), &3.into(), &200_303.into())
        );
        assert_eq!(resolved["compliance"]["status_id"], 1);
    }

    #[test]
    fn csv_quotes_and_no_cell_is_a_formula() {
        let row = row();
        let line = csv::line(&Exported { row: &row, controls: CONTROLS, at: AT }).unwrap();
        assert!(line.contains(r#""'=pay,ments""#), "{line}");
        assert!(line.contains(r#""Payments ""Prod""""#), "{line}");
        assert!(line.contains(",overdue,"), "{line}");
        let columns =
            |text: &str| ::csv::Reader::from_reader(text.as_bytes()).headers().unwrap().len();
        assert_eq!(columns(&csv::head().unwrap()), columns(&line));
    }
}
