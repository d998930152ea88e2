//! What an evaluation leaves for the overview: its counts, the worst offenders, and why checks are unknown.

use crate::{
    StoreError,
    compliance::evaluation_result::{NewOffender, TeamTally},
    error::texts,
};
use claviger_domain::{compliance::Tally, ids::AccountId};
use sqlx::PgConnection;
use std::collections::BTreeMap;

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
