//! What an evaluation leaves for the overview: its counts, the worst offenders, and why checks are unknown.

use crate::{
    StoreError,
    compliance::{
        evaluation_result::{NewEvaluation, NewOffender, TeamTally},
        finding_rows::Fix,
    },
    error::texts,
};
use claviger_domain::{compliance::Tally, ids::AccountId};
use sqlx::{PgConnection, types::Json};
use std::collections::BTreeMap;
use time::Date;

pub(crate) async fn write_posture(
    connection: &mut PgConnection,
    account: &AccountId,
    posture: &[TeamTally],
) -> Result<i32, StoreError> {
    let number = |n: u64| i32::try_from(n).unwrap_or(i32::MAX);
    let each = |pick: fn(&Tally) -> u64| -> Vec<i32> {
        posture.iter().map(|row| number(pick(&row.tally))).collect()
    };
    sqlx::query!("delete from posture where account_id = $1", account.as_str())
        .execute(&mut *connection)
        .await?;
    let fails = each(|tally| tally.fail);
    let fail = fails.iter().sum();
    sqlx::query!(
        "insert into posture (account_id, team, policy_id, pass, fail, unknown, waived)
         select $1, * from unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::int[], $7::int[])",
        account.as_str(),
        &texts(&posture.iter().map(|row| &row.team).collect::<Vec<_>>()),
        &texts(&posture.iter().map(|row| &row.policy).collect::<Vec<_>>()),
        &each(|tally| tally.pass),
        &fails,
        &each(|tally| tally.unknown),
        &each(|tally| tally.waived),
    )
    .execute(connection)
    .await?;
    Ok(fail)
}

/// The parts of a day that the account has a score of.
pub(crate) async fn write_breakdown(
    connection: &mut PgConnection,
    account: &AccountId,
    day: Date,
    evaluation: &NewEvaluation,
) -> Result<(), StoreError> {
    let by_category: BTreeMap<String, [u64; 3]> = evaluation
        .by_category
        .iter()
        .map(|(category, tally)| (category.to_string(), [tally.pass, tally.fail, tally.unknown]))
        .collect();
    let by_team: BTreeMap<&str, [u64; 3]> = evaluation
        .by_team
        .iter()
        .map(|(team, part)| (team.as_str(), [part.score.passed, part.score.of, part.fail]))
        .collect();
    sqlx::query!(
        "insert into posture_breakdown (account_id, day, by_category, by_team)
         select account_id, day, $3, $4 from posture_day where account_id = $1 and day = $2
         on conflict (account_id, day) do update set by_category = excluded.by_category, by_team = excluded.by_team",
        account.as_str(),
        day,
        Json(by_category) as _,
        Json(by_team) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts findings whose checks passed on this day.
pub(crate) async fn write_fixes(
    connection: &mut PgConnection,
    account: &AccountId,
    day: Date,
    fixes: &BTreeMap<Fix, u32>,
) -> Result<(), StoreError> {
    if fixes.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into fixed_finding (account_id, day, team, severity, days_open, findings)
         select $1, $2, * from unnest($3::text[], $4::text[], $5::int[], $6::int[])
         on conflict (account_id, day, team, severity, days_open)
            do update set findings = fixed_finding.findings + excluded.findings",
        account.as_str(),
        day,
        &texts(&fixes.keys().map(|fix| &fix.team).collect::<Vec<_>>()),
        &texts(&fixes.keys().map(|fix| fix.severity).collect::<Vec<_>>()),
        &fixes.keys().map(|fix| fix.days).collect::<Vec<_>>(),
        &fixes.values().map(|n| i32::try_from(*n).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn write_offenders(
    connection: &mut PgConnection,
    account: &AccountId,
    offenders: &[NewOffender],
) -> Result<(), StoreError> {
    let each = |pick: fn(&NewOffender) -> u32| -> Vec<i32> {
        offenders.iter().map(|one| i32::try_from(pick(one)).unwrap_or(i32::MAX)).collect()
    };
    sqlx::query!("delete from posture_offender where account_id = $1", account.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "insert into posture_offender (account_id, resource_id, weight, fails, worst)
         select $1, * from unnest($2::uuid[], $3::int[], $4::int[], $5::text[])",
        account.as_str(),
        &offenders.iter().map(|one| one.resource.0).collect::<Vec<_>>(),
        &each(|one| one.weight),
        &each(|one| one.fails),
        &texts(&offenders.iter().map(|one| one.worst).collect::<Vec<_>>())
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn write_unknown_reasons(
    connection: &mut PgConnection,
    account: &AccountId,
    gaps: &BTreeMap<String, u32>,
) -> Result<(), StoreError> {
    sqlx::query!("delete from posture_gap where account_id = $1", account.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "insert into posture_gap (account_id, says, checks) select $1, * from unnest($2::text[], $3::int[])",
        account.as_str(),
        &gaps.keys().cloned().collect::<Vec<_>>(),
        &gaps.values().map(|n| i32::try_from(*n).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
