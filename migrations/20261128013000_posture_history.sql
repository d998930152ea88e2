-- The posture of past days in parts, and how long findings were open until their check passed: written by evaluations, and
-- deleted after `posture_days`.
create table posture_breakdown (
    account_id text not null references account (id) on delete cascade,
    day date not null,
    -- By category: checks that passed, failed and are unknown.
    by_category jsonb not null,
    -- By team ('' where no owner is named): points of passed checks, points of all, and checks that failed.
    by_team jsonb not null,
    primary key (account_id, day)
);

create table fixed_finding (
    account_id text not null references account (id) on delete cascade,
    -- The day on which the check passed again.
    day date not null,
    team text not null,
    severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
    -- Whole days from its opening.
    days_open integer not null,
    findings integer not null,
    primary key (account_id, day, team, severity, days_open)
);

insert into fixed_finding (account_id, day, team, severity, days_open, findings)
select f.account_id, (f.resolved_at at time zone 'UTC')::date, coalesce(f.team, ''), f.severity,
    extract(day from f.resolved_at - f.opened_at)::integer, count(*)
from finding f join account a on a.id = f.account_id
where f.resolved_at is not null and f.verdict = 'fail' and f.waiver_id is null
group by 1, 2, 3, 4, 5;

-- The last day of an account before another.
create index posture_day_account on posture_day (account_id, day) include (passed, total, fail);
create index plan_ended on plan (ended_at) where ended_at is not null;
