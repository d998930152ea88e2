//! Words of columns, audit entries, URLs and `/v1`.

use crate::json;
use claviger_domain::{
    accounts::{
        AccountState,
        readiness::{Compliance, ReadinessItem, ReadinessState},
        roles::{AccountRoles, OptInRole, RoleState},
    },
    audit::{AuditAction, AuditFormat, Outcome, Phase},
    authz::{Permission, Role},
    changes::ChangeKind,
    compliance::{
        self, Category, ExportFormat, FindingSort, FindingState, Mode, Severity,
        triage::TriageAction,
    },
    exceptions::{ExceptionId, ExceptionState, ExceptionTransition},
    facts::{KeyClass, Kind, ParameterType},
    grants::{self, Action, EndReason, GrantId, GrantStateName, RequestId},
    inventory::{Column, Direction, LifeState, OwnerClass, Sort, WorstFinding},
    key::KeyManager,
    notifications::{Channel, DeliveryState, notice::NoticeKind},
    problem::ProblemCode,
    remediation::{PlanId, PlanState, PlanTransition, StepState},
    rotation::RotationClass,
    scan::{RegionScanFault, RegionScanList, RegionScanStatus, ScanTrigger},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt::{Debug, Display, Write},
    str::FromStr,
};

/// Every variant of an enum without fields. A new variant that is not named here does not compile.
macro_rules! every {
    ($type:path: $($variant:ident)+) => {{
        use $type as Every;
        let known = |value: &Every| match value { $(Every::$variant => (),)+ };
        let all = [$(Every::$variant),+];
        all.iter().for_each(known);
        all
    }};
}

/// One line each: as JSON, as text, and parsed again from both.
fn spelled<T>(table: &mut String, what: &str, all: &[T])
where
    T: Serialize + DeserializeOwned + Display + FromStr + PartialEq + Debug,
{
    let _ = writeln!(table, "{what}:");
    for value in all {
        let (json, text) = (serde_json::to_string(value).unwrap(), value.to_string());
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
        assert!(text.parse::<T>().is_ok_and(|read| read == *value), "{what}: {text}");
        let _ = writeln!(table, "  {json} {text}");
    }
}

fn of_resources_and_findings(t: &mut String) {
    spelled(t, "policy mode", &every!(Mode: Observe Notify Enforce));
    spelled(t, "result", &every!(compliance::CheckResult: Pass Fail Unknown NotApplicable));
    spelled(t, "category", &every!(Category: Tags Rotation Encryption Exposure Use));
    spelled(t, "finding", &every!(FindingState: Open Overdue Excepted Resolved Snoozed));
    spelled(t, "findings order", &every!(FindingSort: Severity Due Opened Name Account));
    spelled(t, "triage", &every!(TriageAction: Snooze Assign));
    spelled(t, "findings file", &every!(ExportFormat: Csv Json Asff Ocsf));
    spelled(t, "change", &every!(ChangeKind: Changed FirstSeen Gone Back));
    spelled(t, "kind", &every!(Kind: Secret Parameter));
    spelled(t, "key class", &every!(KeyClass: AwsManaged CustomerManaged Plain));
    spelled(t, "key manager", &every!(KeyManager: Aws Customer));
    spelled(t, "parameter type", &every!(ParameterType: String StringList SecureString));
    spelled(t, "rotation class", &every!(RotationClass: Stuck Overdue Scheduled Off NotApplicable));
    spelled(t, "role", &every!(Role: Viewer Requester Approver SecurityAdmin Auditor));
    spelled(
        t,
        "readiness item",
        &every!(ReadinessItem: InventoryRole AccessRole RemediationRole Trail Regions ConfigRecorder ConfigRules TagPolicies Alarms),
    );
    spelled(t, "readiness", &every!(ReadinessState: Ready Missing Old Unknown));
    spelled(
        t,
        "role in an account",
        &every!(RoleState: Ready Old VersionUnknown Missing WrongExternalId NotTrusted NotAssumable Unknown),
    );
    spelled(t, "opt-in role", &every!(OptInRole: Consumers Iam));
    spelled(
        t,
        "roles of an account",
        &every!(AccountRoles: Ready Missing WrongExternalId NotTrusted Old Unknown NotChecked),
    );
    spelled(
        t,
        "AWS Config",
        &every!(Compliance: Compliant NonCompliant NotApplicable InsufficientData),
    );
    spelled(
        t,
        "scan error",
        &every!(RegionScanFault: AccountNotActive RoleNotAssumable Denied Throttled NoCredentials Unreachable Other),
    );
    spelled(t, "region scan", &every!(RegionScanStatus: Queued Running Complete Failed));
    spelled(t, "list", &every!(RegionScanList: Secrets Parameters ParameterTags));
    spelled(t, "scan trigger", &every!(ScanTrigger: Start Schedule Person));
    spelled(
        t,
        "account",
        &every!(AccountState: PendingActivation Active Suspended PendingClosure Closed Unknown),
    );
    spelled(t, "sort", &every!(Sort: Name Account Region Changed Read Rotation Worst));
    spelled(t, "direction", &every!(Direction: Ascending Descending));
    spelled(t, "life", &every!(LifeState: Live Deleting Gone));
    spelled(t, "worst finding", &every!(WorstFinding: Critical High Medium Low None));
    spelled(t, "owner class", &every!(OwnerClass: Named Missing Unknown));
    spelled(
        t,
        "column",
        &every!(Column: Owner Account Rotation Key Read Changed Next Tags Description Arn Findings),
    );
    let ids = (GrantId(1), RequestId(2), PlanId(3), ExceptionId(4));
    let _ = writeln!(t, "numbers:\n  {} {} {} {}", ids.0, ids.1, ids.2, ids.3);
    t.push_str("only as JSON:\n");
    for reason in every!(EndReason: Time Revoked GivenBack) {
        json(t, &reason);
    }
}

#[test]
fn words() {
    let mut table = String::new();
    let t = &mut table;
    spelled(
        t,
        "audit action",
        &every!(AuditAction: Request Approve Deny Claim BreakGlass Expire End GiveBack Revoke IssueSession Reveal PutValue ReadKeys Rotate
            DenySession ConfirmDenial CollectDenials PauseAccess ResumeAccess EndAllSessions CloseReview ConsoleLink SavePolicy RetirePolicy PlanRemediation
            ApproveRemediation DenyRemediation WithdrawRemediation StopRemediation ResumeRemediation RetryRemediation
            Remediate PauseRemediation UnpauseRemediation RequestException ApproveException DenyException WithdrawException ReviewException EndException
            ExpireException TestChannel RetryJob DismissSetup RestoreSetup ExportAudit ExportEvidence SnoozeFindings AssignFindings UndoTriage RequestCreation
            ApproveCreation DenyCreation WithdrawCreation ExpireCreation CreateResource TestAlarms CloseAlarm ReportLeak DeclareConsumers),
    );
    spelled(t, "audit outcome", &every!(Outcome: Succeeded Failed Started));
    spelled(t, "audit export", &every!(AuditFormat: Csv Json Ocsf));
    spelled(t, "audit phase", &every!(Phase: Started Completed Done));
    spelled(
        t,
        "notification",
        &every!(NoticeKind: Decide Remind Approved Denied Expired Claimed EndsSoon Ended Revoked GivenBack Failed BreakGlass
            Reviewed),
    );
    spelled(t, "channel", &every!(Channel: Email Chat Events));
    spelled(t, "delivery", &every!(DeliveryState: Waiting Delivered Skipped GivenUp));
    spelled(
        t,
        "grant state",
        &every!(GrantStateName: Requested Approved Claimable Active Ended Revoked GivenBack Denied Expired Failed),
    );
    spelled(t, "grant action", &every!(Action: Read Write Rotate Change));
    spelled(t, "grant decision", &every!(grants::Vote: Approve Deny));
    spelled(t, "plan", &every!(PlanState: Waiting Running Stopped Ended Denied Withdrawn));
    spelled(t, "plan transition", &every!(PlanTransition: Approve Deny Withdraw Stop Resume Retry));
    spelled(t, "plan step", &every!(StepState: Pending Running Done Failed));
    spelled(
        t,
        "exception",
        &every!(ExceptionState: Waiting Approved Denied Withdrawn Ended Expired),
    );
    spelled(
        t,
        "exception transition",
        &every!(ExceptionTransition: Approve Deny Withdraw Review End),
    );
    spelled(t, "severity", &every!(Severity: Critical High Medium Low));
    of_resources_and_findings(t);
    for code in every!(ProblemCode: SignInNeeded Forbidden NotFound InvalidInput Ambiguous Conflict Unavailable Internal)
    {
        json(t, &code);
        let _ = writeln!(t, "  {}", code.status());
    }
    for permission in every!(Permission: ReadInventory ReadAccounts StartScan RequestAccess ReadAccess ReviewAccess
        ReadFindings EditPolicies Remediate ApproveRemediation RequestException DecideException PauseAccess ReadAudit ReadDeliveries
        ReadSettings ManageSettings TriageFindings DeclareConsumers)
    {
        json(t, &permission);
    }
    insta::assert_snapshot!(table);
}
