//! Columns that hold a state take every value that the code writes, and no other.

use claviger_domain::{
    VariantArray,
    accounts::{
        AccountState,
        readiness::{Compliance, ReadinessItem, ReadinessState},
        roles::{OptInRole, RoleState},
    },
    audit::Phase,
    changes::ChangeKind,
    compliance::Severity,
    exceptions::ExceptionState,
    facts::{KeyClass, Kind, ParameterType},
    grants::GrantStateName,
    inventory::OwnerClass,
    notifications::{Channel, DeliveryState},
    remediation::{PlanState, StepState},
    scan::{RegionScanList, RegionScanStatus, ScanTrigger},
};
use sqlx::PgPool;
use std::{collections::BTreeSet, fmt::Display};

fn words<T: Display>(values: &[T]) -> BTreeSet<String> {
    values.iter().map(ToString::to_string).collect()
}

/// The texts in quotes of a constraint as PostgreSQL writes it.
fn allowed(definition: &str) -> BTreeSet<String> {
    definition.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The constraint of a column alone.
async fn check(pool: &PgPool, table: &str, column: &str) -> String {
    sqlx::query_scalar(
        "select pg_get_constraintdef(c.oid) from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
         where c.contype = 'c' and c.conrelid = $1::regclass and a.attname = $2",
    )
    .bind(table)
    .bind(column)
    .fetch_one(pool)
    .await
    .unwrap_or_else(|error| panic!("{table}.{column}: {error}"))
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_state_column_takes_what_the_code_writes_and_nothing_else(pool: PgPool) {
    for (table, column, values) in [
        ("account", "state", words(AccountState::VARIANTS)),
        ("sweep", "trigger", words(ScanTrigger::VARIANTS)),
        ("scan", "status", words(RegionScanStatus::VARIANTS)),
        ("scan_list", "list", words(RegionScanList::VARIANTS)),
        ("resource", "kind", words(Kind::VARIANTS)),
        ("resource", "owner_class", words(OwnerClass::VARIANTS)),
        ("resource", "key_class", words(KeyClass::VARIANTS)),
        ("resource", "parameter_type", words(ParameterType::VARIANTS)),
        ("resource_change", "what", words(ChangeKind::VARIANTS)),
        ("audit_entry", "phase", words(Phase::VARIANTS)),
        ("access_grant", "word", words(GrantStateName::VARIANTS)),
        ("access_session", "purpose", words(&["client", "reveal", "put", "rotate", "console"])),
        ("plan", "state", words(PlanState::VARIANTS)),
        ("plan_step", "state", words(StepState::VARIANTS)),
        ("waiver", "state", words(ExceptionState::VARIANTS)),
        ("readiness", "item", words(ReadinessItem::VARIANTS)),
        // An old role is written as `ready`, because the last release knows no other word; `role_state` says it.
        (
            "readiness",
            "state",
            words(&[ReadinessState::Ready, ReadinessState::Missing, ReadinessState::Unknown]),
        ),
        ("readiness", "role_state", words(RoleState::VARIANTS)),
        ("opt_in_role", "role", words(OptInRole::VARIANTS)),
        ("opt_in_role", "state", words(RoleState::VARIANTS)),
        ("config_result", "compliance", words(Compliance::VARIANTS)),
        ("posture_offender", "worst", words(Severity::VARIANTS)),
        ("fixed_finding", "severity", words(Severity::VARIANTS)),
        ("delivery", "channel", words(Channel::VARIANTS)),
        ("delivery", "state", words(DeliveryState::VARIANTS)),
    ] {
        assert_eq!(allowed(&check(&pool, table, column).await), values, "{table}.{column}");
    }
    let refused = sqlx::query(
        "insert into sweep (id, trigger, started_at) values (gen_random_uuid(), 'cron', now())",
    )
    .execute(&pool)
    .await
    .unwrap_err();
    assert!(refused.to_string().contains("sweep_trigger_check"), "{refused}");
}
