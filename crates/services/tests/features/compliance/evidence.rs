//! Evidence packs: what their controls say, within whose scope, and what leaves the console.

use super::fixture::{Fixture, OWNER, ada, code, person, unowned};
use claviger_domain::{
    compliance::evidence::{ControlResult, EvidenceFormat, EvidencePack},
    exceptions::{ExceptionState, ExceptionTransition},
    problem::ProblemCode,
};
use claviger_services::{ExceptionSubject, FileExport};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS};
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;

fn control<'a>(
    pack: &'a EvidencePack,
    id: &str,
) -> &'a claviger_domain::compliance::evidence::EvidenceControl {
    pack.controls.iter().find(|control| control.id == id).unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_control_is_as_good_as_its_checks_within_the_callers_scope(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    let evidence = fixture.services.evidence();
    // Before the first scan nothing is known, so nothing passes.
    let before = evidence.evidence(&ada(), "soc-2").await.unwrap();
    assert_eq!(control(&before, "CC6.2").result, ControlResult::Unknown);
    assert!(before.incomplete.is_some());

    fixture.aws.put(unowned(PAYMENTS, "ledger"));
    fixture.aws.put(unowned(CHECKOUT, "tokens"));
    fixture.scan().await;
    let pack = evidence.evidence(&ada(), "soc-2").await.unwrap();
    let owners = control(&pack, "CC6.2");
    assert_eq!((owners.result, owners.tally.fail), (ControlResult::Fail, 2));
    assert_eq!(owners.policies[0].rule, "owner");
    // No policy uses a rule of this control.
    assert_eq!(control(&pack, "CC6.6").result, ControlResult::NotChecked);
    assert_eq!((pack.findings_count, pack.findings.len()), (2, 2));
    assert!(pack.scope.whole_organization);
    assert!(pack.head.is_some());

    // A part of the Organization: its own findings, and nothing about the audit log.
    let part = evidence.evidence(&person("pia", "payments-engineers"), "soc-2").await.unwrap();
    assert_eq!((part.findings_count, part.scope.accounts.len()), (1, 1));
    assert!(!part.scope.whole_organization);
    assert_eq!(part.head, None);
    let nobody = evidence.evidence(&person("nil", "nobody"), "soc-2").await.unwrap_err();
    assert_eq!(code(nobody), ProblemCode::Forbidden);
    let absent = evidence.evidence(&ada(), "hipaa").await.unwrap_err();
    assert_eq!(code(absent), ProblemCode::NotFound);

    // Frameworks without a rule that any policy uses have no findings, and not those of other policies.
    let none = evidence.evidence(&ada(), "aws-fsbp").await.unwrap();
    assert_eq!((none.findings_count, none.findings.len(), none.exceptions.len()), (0, 0, 0));
    let listed = evidence.frameworks(&ada()).await.unwrap();
    let fsbp = listed.frameworks.last().unwrap();
    assert_eq!(fsbp.results, [(ControlResult::NotChecked, 5)]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn exceptions_are_in_the_pack_with_their_approvals_and_files_have_all(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "ledger"));
    fixture.scan().await;
    let exceptions = fixture.services.exceptions();
    let about = ExceptionSubject { policy: "owner".into(), target: format!("account:{PAYMENTS}") };
    let until = claviger_domain::clock::Clock::now(&*fixture.clock) + Duration::days(30);
    let until = until.date().to_string();
    let id = exceptions.request_exception(&ada(), &about, "Moved soon.", &until).await.unwrap();
    let sol = person("sol", "admins");
    exceptions
        .transition_exception(&sol, &id.to_string(), ExceptionTransition::Approve, "")
        .await
        .unwrap();
    fixture.work().await;
    let evidence = fixture.services.evidence();
    let pack = evidence.evidence(&ada(), "iso-27001").await.unwrap();
    let inventory = control(&pack, "A.5.9");
    assert_eq!((inventory.result, inventory.tally.waived), (ControlResult::Excepted, 1));
    let exception = &pack.exceptions[0];
    assert_eq!((exception.id, exception.state), (id, ExceptionState::Approved));
    assert_eq!(exception.decision.as_ref().unwrap().by.name, "sol");

    let text = |format| {
        let evidence = evidence.clone();
        async move {
            let mut file = evidence.export_evidence(&ada(), "iso-27001", format).await.unwrap();
            let mut text = String::new();
            while let Some(piece) = file.piece().await.unwrap() {
                text.push_str(&piece);
            }
            text
        }
    };
    let csv = text(EvidenceFormat::Csv).await;
    assert!(csv.contains("# framework: ISO/IEC 27001:2022\n"), "{csv}");
    assert!(csv.contains("# scope: the whole Organization"), "{csv}");
    let records: Vec<&str> = csv.lines().filter(|line| !line.starts_with('#')).collect();
    let of = |kind: &str| records.iter().filter(|line| line.starts_with(kind)).count();
    assert_eq!((of("control,"), of("exception,"), of("finding,")), (pack.controls.len(), 1, 1));
    assert!(csv.contains("exception,A.5.9,"), "{csv}");

    let lines: Vec<Value> = text(EvidenceFormat::Ocsf)
        .await
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), pack.controls.len() + 1);
    assert!(lines.iter().all(|line| line["class_uid"] == 2003));
    let inventory = lines.iter().find(|line| line["compliance"]["control"] == "A.5.9").unwrap();
    assert_eq!(inventory["compliance"]["status"], "Warning");
    assert_eq!(inventory["unmapped"]["exceptions"][0]["approved_by"], "sol");
    let finding = lines.last().unwrap();
    assert_eq!(finding["compliance"]["requirements"], serde_json::json!(["A.5.9"]));

    let logged = fixture.services.audit().audit(&ada(), "action=export-evidence").await.unwrap();
    assert_eq!(logged.rows.len(), 2);
    assert_eq!(logged.rows[0].subject, "iso-27001");
}
