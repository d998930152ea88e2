-- How many findings an account has of each kind, as its last judging that changed any left them: so that a list of millions
-- need not be counted for each page.
create table finding_group (
    account_id text not null references account (id) on delete cascade,
    policy_id text not null,
    category text not null,
    severity text not null,
    verdict text not null,
    -- '-' where nobody owns it.
    team text not null,
    -- As of groups_at.
    state text not null,
    count integer not null
);
create index finding_group_account on finding_group (account_id);

-- When they were counted and in which round; null where they never were.
alter table evaluation add column groups_at timestamptz, add column groups_round bigint;

create index finding_closed on finding (account_id) where resolved_at is not null;

insert into finding_group (account_id, policy_id, category, severity, verdict, team, state, count)
select f.account_id, f.policy_id, f.category, f.severity, f.verdict, coalesce(f.team, '-'),
    case when f.resolved_at is not null then 'resolved' when f.waiver_id is not null then 'waived'
        when f.verdict = 'fail' and f.due_at < e.at then 'overdue' else 'open' end, count(*)
from finding f join evaluation e on e.account_id = f.account_id
group by 1, 2, 3, 4, 5, 6, 7;

update evaluation set groups_at = at, groups_round = round;
