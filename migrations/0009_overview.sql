-- What the overview would ask of every open finding is counted when an account is judged.

-- Failures whose day had passed then.
alter table evaluation add column overdue integer not null default 0;

-- Why checks are unknown.
create table posture_gap (
    account_id text not null references account (id),
    says text not null,
    checks integer not null,
    primary key (account_id, says)
);

-- The worst of each account: those of the whole are among them.
create table posture_offender (
    account_id text not null references account (id),
    resource_id uuid not null references resource (id),
    weight integer not null,
    fails integer not null,
    worst text not null,
    primary key (account_id, resource_id)
);

-- What falls due between two judgings.
create index finding_due on finding (account_id, due_at)
    where resolved_at is null and waiver_id is null and verdict = 'fail';

-- What is new, the worst first: what is unknown or borne is not in the way.
create index finding_news on finding (severity_rank, opened_at desc, id)
    where resolved_at is null and waiver_id is null and verdict = 'fail';

-- What is judged already is counted at the next occasion.
update evaluation set next_at = at;
