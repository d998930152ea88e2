//! The posture of past days, out of what evaluations stored on them. An account that was not evaluated on a day counts with
//! its last day before.

use crate::{
    OverviewRepository, StoreError,
    error::{column, texts},
};
use claviger_domain::{
    authz::VisibleAccounts,
    compliance::{
        Category, Score, Severity, Tally,
        history::{FixTime, PostureEvent},
        view::DayScore,
    },
    ids::AccountId,
};
use sqlx::types::Json;
use std::collections::{BTreeMap, BTreeSet};
use time::{Date, OffsetDateTime};

/// At most so many events are read.
const MAX_EVENTS: i64 = 200;

/// An account's checks on a day, by category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDay {
    pub day: Date,
    pub account: AccountId,
    pub by_category: BTreeMap<Category, Tally>,
}

/// A team's score on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamDay {
    /// Empty where no owner is named.
    pub team: String,
    pub day: DayScore,
}

fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

impl OverviewRepository {
    /// The score day by day. A day on which an account was known to hold something and had not been evaluated yet is left
    /// out: its score is of a part.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn posture_days(
        &self,
        visible: &VisibleAccounts,
        from: Date,
        to: Date,
    ) -> Result<Vec<DayScore>, StoreError> {
        // Each row adds what it differs by from the account's row before; the sums of all rows up to a day are its numbers.
        let rows = sqlx::query!(
            r#"with late as materialized (
                select f.first, case when f.first is null or f.first > (a.first_seen_at at time zone 'UTC')::date
                    then (select (min(r.first_seen_at) at time zone 'UTC')::date from resource r
                        where r.account_id = a.id and r.gone_at is null) end as held
                from account a cross join lateral
                    (select min(x.day) as first from posture_day x where x.account_id = a.id) f
                where a.id = any($1) and a.left_at is null),
             kept as (
                select p.account_id, p.day, p.passed, p.total, p.fail from posture_day p
                where p.account_id = any($1) and p.day >= $2 and p.day <= $3
                union all
                select b.account_id, b.day, b.passed, b.total, b.fail from unnest($1) as a (id) cross join lateral
                    (select * from posture_day p where p.account_id = a.id and p.day < $2 order by p.day desc limit 1) b),
             step as (
                select greatest(day, $2) as day, passed - lag(passed, 1, 0::bigint) over w as passed,
                    total - lag(total, 1, 0::bigint) over w as total, fail - lag(fail, 1, 0) over w as fail
                from kept window w as (partition by account_id collate "C" order by day)),
             summed as (
                select d.day::date as day, count(s.day) as rows, sum(s.passed) as passed, sum(s.total) as total, sum(s.fail) as fail
                from generate_series($2::date, $3::date, interval '1 day') as d (day) left join step s on s.day = d.day
                group by d.day)
             select day as "day!", passed::bigint as "passed!", total::bigint as "of!", fail::bigint as "fail!"
             from (select day, sum(rows) over w as rows, coalesce(sum(passed) over w, 0) as passed,
                    coalesce(sum(total) over w, 0) as total, coalesce(sum(fail) over w, 0) as fail
                from summed window w as (order by day)) x
             where rows > 0 and not exists (select 1 from late
                where late.held <= x.day and (late.first is null or late.first > x.day))
             order by day"#,
            &texts(&visible.accounts),
            from,
            to,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| DayScore {
                day: row.day,
                score: Score { passed: number(row.passed), of: number(row.of) },
                fail: number(row.fail),
            })
            .collect())
    }

    /// Checks by category of each account on these days. A day is left out where an account's parts are not known, as
    /// before releases that store them.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn categories_on(
        &self,
        visible: &VisibleAccounts,
        days: &[Date],
    ) -> Result<Vec<AccountDay>, StoreError> {
        let rows = sqlx::query!(
            r#"select d.day as "day!", a.id as "account!", b.by_category as "parts?: Json<BTreeMap<String, [i64; 3]>>"
             from unnest($2::date[]) as d (day) cross join unnest($1::text[]) as a (id)
             cross join lateral (select p.day from posture_day p where p.account_id = a.id and p.day <= d.day
                order by p.day desc limit 1) p
             left join posture_breakdown b on b.account_id = a.id and b.day = p.day"#,
            &texts(&visible.accounts),
            days,
        )
        .fetch_all(&self.pool)
        .await?;
        let partial: BTreeSet<Date> =
            rows.iter().filter(|row| row.parts.is_none()).map(|row| row.day).collect();
        rows.into_iter()
            .filter(|row| !partial.contains(&row.day))
            .filter_map(|row| Some((row.day, row.account, row.parts?.0)))
            .map(|(day, account, parts)| {
                let of = |(category, [pass, fail, unknown]): (String, [i64; 3])| {
                    let (pass, fail, unknown) = (number(pass), number(fail), number(unknown));
                    let tally = Tally { pass, fail, unknown, waived: 0 };
                    Ok((column("posture_breakdown", "by_category", &account, &category)?, tally))
                };
                Ok(AccountDay {
                    day,
                    by_category: parts.into_iter().map(of).collect::<Result<_, StoreError>>()?,
                    account: column("posture_breakdown", "account_id", &account, &account)?,
                })
            })
            .collect()
    }

    /// The scores of teams on these days; of `team` alone where it is given. A day is left out where an account's parts are
    /// not known.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn teams_on(
        &self,
        visible: &VisibleAccounts,
        team: Option<&str>,
        days: &[Date],
    ) -> Result<Vec<TeamDay>, StoreError> {
        let rows = sqlx::query!(
            r#"with found as materialized (
                select d.day, b.account_id, b.by_team
                from unnest($2::date[]) as d (day) cross join unnest($1::text[]) as a (id)
                cross join lateral (select p.day from posture_day p where p.account_id = a.id and p.day <= d.day
                    order by p.day desc limit 1) p
                left join posture_breakdown b on b.account_id = a.id and b.day = p.day)
             select f.day as "day!", t.key as "team!", sum((t.value ->> 0)::bigint)::bigint as "passed!",
                sum((t.value ->> 1)::bigint)::bigint as "of!", sum((t.value ->> 2)::bigint)::bigint as "fail!"
             from found f cross join lateral (
                select key, value from jsonb_each(f.by_team) where $3::text is null
                union all select $3, f.by_team -> $3 where f.by_team ? $3) t
             where not exists (select 1 from found x where x.day = f.day and x.account_id is null)
             group by f.day, t.key order by f.day, t.key"#,
            &texts(&visible.accounts),
            days,
            team,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| TeamDay {
                team: row.team,
                day: DayScore {
                    day: row.day,
                    score: Score { passed: number(row.passed), of: number(row.of) },
                    fail: number(row.fail),
                },
            })
            .collect())
    }

    /// How long findings were open whose checks passed since `from`; of `team` alone where it is given.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn fix_times(
        &self,
        visible: &VisibleAccounts,
        team: Option<&str>,
        from: Date,
    ) -> Result<Vec<FixTime>, StoreError> {
        let rows = sqlx::query!(
            r#"select severity, days_open, sum(findings) as "findings!" from fixed_finding
             where account_id = any($1) and day >= $2 and ($3::text is null or team = $3)
             group by severity, days_open order by severity, days_open"#,
            &texts(&visible.accounts),
            from,
            team,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let severity: Severity =
                    column("fixed_finding", "severity", row.days_open, &row.severity)?;
                let days = u32::try_from(row.days_open).unwrap_or(0);
                Ok(FixTime { severity, days, findings: number(row.findings) })
            })
            .collect()
    }

    /// What may have moved the score since `from`: policies that were saved or disabled, and plans that were applied in
    /// these accounts. The newest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn posture_events(
        &self,
        visible: &VisibleAccounts,
        from: OffsetDateTime,
    ) -> Result<Vec<PostureEvent>, StoreError> {
        let rows = sqlx::query!(
            r#"select at as "at!", policy, is_disabled as "is_disabled!", version as "version!", plan, title from (
                (select saved_at as at, policy_id as policy, document is null as is_disabled, version, null::bigint as plan,
                    null::text as title
                 from policy_version where saved_at >= $2 order by saved_at desc limit $3)
                union all
                (select ended_at, null, false, 0, id, p.title from plan p
                 where ended_at >= $2 and state = 'ended'
                    and exists (select 1 from plan_step s where s.plan_id = p.id and s.state = 'done')
                    and not exists (select 1 from plan_step s where s.plan_id = p.id and s.account_id <> all($1))
                 order by ended_at desc limit $3)) e
             order by at desc limit $3"#,
            &texts(&visible.accounts),
            from,
            MAX_EVENTS,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| match (row.policy, row.plan, row.title) {
                (Some(policy), ..) => Some(PostureEvent::Policy {
                    at: row.at,
                    policy,
                    version: row.version,
                    is_disabled: row.is_disabled,
                }),
                (None, Some(plan), Some(title)) => {
                    Some(PostureEvent::Plan { at: row.at, plan, title })
                }
                _ => None,
            })
            .collect())
    }
}
