-- Secrets that were reported as leaked: what was ended, what was planned, and who was known to have read them.
create table leak (
    id bigint generated always as identity primary key,
    resource_id uuid not null references resource (id),
    account_id text not null references account (id),
    reason text not null,
    -- A person, as JSON.
    reporter jsonb not null,
    reported_at timestamptz not null,
    -- Grants that ended with the report.
    ended jsonb not null,
    plan_id bigint references plan (id),
    -- Why there is no plan.
    no_plan jsonb,
    -- Uses of the value that were known at the time.
    reads jsonb not null,
    check ((plan_id is null) <> (no_plan is null))
);

create index leak_resource on leak (resource_id, id);
create index leak_account on leak (account_id, id);
create index leak_plan on leak (plan_id) where plan_id is not null;
