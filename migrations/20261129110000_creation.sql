-- New secrets and parameters: their shape, who approved it, and what came of it. Never a value.
create table creation (
    id bigint generated always as identity primary key,
    account_id text not null references account (id),
    -- Everything but the value.
    shape jsonb not null,
    -- Over shape and reason: what an approval signs.
    hash text not null,
    reason text not null,
    -- A person, as JSON.
    requester jsonb not null,
    -- The checks that it fails, as accepted by the requester.
    failing jsonb not null,
    needs_approval boolean not null,
    state text not null,
    decision jsonb,
    -- AWS's ClientRequestToken, which is the id of the first version.
    token uuid not null,
    message text,
    arn text,
    plan_id bigint references plan (id),
    created_at timestamptz not null,
    -- Until when it can be decided, or the value entered.
    expires_at timestamptz not null,
    value_minutes integer not null,
    attempted_at timestamptz,
    ended_at timestamptz
);

create index creation_open on creation (id) where state in ('waiting', 'approved', 'creating');
create index creation_attempted on creation (attempted_at) where attempted_at is not null;
create index creation_account on creation (account_id, id);
create index creation_plan on creation (plan_id) where plan_id is not null;
