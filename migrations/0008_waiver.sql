-- Exceptions: what fails and is borne, why, and until when.

create table waiver (
    id bigint generated always as identity primary key,
    -- Null: every policy; of one secret or parameter alone.
    policy_id text references policy (id),
    -- One of the three, or none: the whole Organization.
    resource_id uuid references resource (id),
    account_id text references account (id),
    ou_id text,
    reason text not null,
    -- Who asked for it and answers for it, as JSON.
    owner jsonb not null,
    state text not null,
    created_at timestamptz not null,
    ends_at timestamptz not null,
    decision jsonb,
    -- The latest review, as JSON.
    review jsonb,
    -- Who ended it before its day, as JSON.
    ending jsonb,
    -- When it is to be looked at again.
    review_at timestamptz,
    -- When its owner was told that it ends soon.
    warned_at timestamptz,
    ended_at timestamptz,
    check (num_nonnulls(resource_id, account_id, ou_id) <= 1),
    check (policy_id is not null or resource_id is not null),
    check (ends_at > created_at)
);

create index waiver_open on waiver (ends_at) where state in ('waiting', 'approved');

-- The waiver under which a failure is borne.
alter table finding add column waiver_id bigint references waiver (id);
create index finding_waived on finding (waiver_id) where waiver_id is not null;

-- Failures that are borne count apart.
alter table posture add column waived integer not null default 0;
