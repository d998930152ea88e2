-- Events that accounts send about secrets and parameters, so that one is read again at once, and that its timeline says who
-- changed it. Deleted with the changes of the inventory.
create table aws_event (
    seq bigint generated always as identity primary key,
    -- CloudTrail's id, otherwise EventBridge's: the same event may arrive several times.
    id text not null,
    -- Null while the resource is not known.
    resource_id uuid references resource (id) on delete cascade,
    -- Where the resource is.
    account_id text not null references account (id) on delete cascade,
    region text not null,
    kind text not null check (kind in ('secret', 'parameter')),
    -- The ARN or the name in the event.
    named text not null,
    -- CloudTrail's name of the call or event; null for one that names none.
    call text,
    actor text,
    rotation text check (rotation in ('started', 'succeeded', 'failed', 'abandoned')),
    step text,
    error text,
    at timestamptz not null,
    received_at timestamptz not null,
    unique (id, named)
);

create index aws_event_resource on aws_event (resource_id, at desc, seq desc);
create index aws_event_account on aws_event (account_id);
create index aws_event_unknown on aws_event (account_id, region, kind, named) where resource_id is null;
create index aws_event_at on aws_event (at);

-- What each account and Region has sent.
create table event_source (
    account_id text not null references account (id) on delete cascade,
    region text not null,
    events bigint not null,
    last_event_at timestamptz not null,
    last_received_at timestamptz not null,
    last_test_at timestamptz,
    primary key (account_id, region)
);

-- The queue itself, in one row.
create table event_queue (
    is_only boolean primary key default true check (is_only),
    read_at timestamptz,
    failed_at timestamptz,
    reason text,
    counted_at timestamptz,
    waiting bigint,
    -- Null where they cannot be counted.
    dead_letters bigint
);

-- When AWS was last asked about this resource alone: a list can be up to five minutes older.
alter table resource add column described_at timestamptz;
