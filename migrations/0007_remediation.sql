-- Mending: plans of calls, who let them happen, and how each call went.

create table plan (
    id bigint generated always as identity primary key,
    title text not null,
    reason text not null,
    -- A person, as JSON; null where a policy made it.
    author jsonb,
    state text not null,
    needs_approval boolean not null,
    -- Over title, reason and calls: what an approval signs.
    hash text not null,
    decision jsonb,
    created_at timestamptz not null,
    ended_at timestamptz
);

create index plan_open on plan (id) where state in ('waiting', 'running', 'stopped');

create table plan_step (
    plan_id bigint not null references plan (id),
    position integer not null,
    resource_id uuid not null references resource (id),
    account_id text not null references account (id),
    policy_id text not null,
    -- The call and its changes, as planned.
    call jsonb not null,
    changes jsonb not null,
    -- AWS's ClientRequestToken, so that a call made twice is one.
    token uuid not null,
    state text not null default 'pending',
    says text,
    attempts integer not null default 0,
    began_at timestamptz,
    ended_at timestamptz,
    primary key (plan_id, position)
);

create index plan_step_open on plan_step (plan_id, account_id) where state in ('pending', 'running');
create index plan_step_began on plan_step (began_at) where began_at is not null;
create index plan_step_resource on plan_step (resource_id, policy_id);

-- Pulled while it has a row: no call is made.
create table brake (
    is_one boolean primary key default true check (is_one),
    pulled_by text not null,
    reason text not null,
    at timestamptz not null
);

-- Not every notification is about a grant any more.
alter table notice alter column grant_id drop not null;
