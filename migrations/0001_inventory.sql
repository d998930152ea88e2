-- The inventory: the Organization's accounts, what each holds, and how the sweeps went.

create extension if not exists pg_trgm;

create table ou (
    id text primary key,
    parent_id text,
    name text not null,
    -- Names from below the root down, divided by '/'; empty for the root.
    path text not null
);

create table account (
    id text primary key,
    name text not null,
    email text not null,
    state text not null,
    -- Ids of the units that hold it, from the root down.
    ou_path text[] not null,
    joined_at timestamptz,
    first_seen_at timestamptz not null,
    -- Set when the Organization no longer lists it. Its last data stay.
    left_at timestamptz
);

create index account_ou_path on account using gin (ou_path);

create table sweep (
    id uuid primary key,
    trigger text not null,
    requested_by text,
    started_at timestamptz not null,
    planned_at timestamptz,
    finished_at timestamptz,
    -- Why the Organization could not be read.
    fault text
);

-- One sweep at a time, whatever the number of replicas.
create unique index sweep_one_running on sweep ((true)) where finished_at is null;
create index sweep_started on sweep (started_at desc);

-- One account in one Region: the newest scan, and the newest that was complete.
create table scan (
    account_id text not null references account (id),
    region text not null,
    sweep_id uuid not null references sweep (id),
    status text not null,
    attempted_at timestamptz,
    fault text,
    fault_code text,
    api_calls integer not null default 0,
    complete_at timestamptz,
    primary key (account_id, region)
);

create index scan_sweep on scan (sweep_id);

create table resource (
    id uuid primary key,
    arn text not null unique,
    kind text not null,
    account_id text not null references account (id),
    region text not null,
    name text not null,
    -- The facts whole, as the domain writes them; the columns beside are what queries need of them.
    facts jsonb not null,
    -- Names, description, tags and ARN in lower case, for the search.
    search text not null,
    owner text,
    owner_class text not null,
    parameter_type text,
    key_class text not null,
    rotation_enabled boolean,
    next_rotation_at timestamptz,
    stuck_version text,
    -- Another Region's secret of which this one is a replica.
    primary_arn text,
    -- The Regions of its replicas, and the latest read over all of them.
    replica_regions text[] not null default '{}',
    used_on date,
    -- A replica stands behind its primary and is listed alone only where that is not known.
    is_listed boolean not null,
    accessed_on date,
    changed_at timestamptz,
    deleted_at timestamptz,
    -- Of the facts: an unchanged row is not written again.
    fingerprint bytea not null,
    first_seen_at timestamptz not null,
    facts_changed_at timestamptz not null,
    -- No longer in AWS; last_seen_at then holds the last complete scan that saw it.
    gone_at timestamptz,
    last_seen_at timestamptz
);

create index resource_name on resource (name collate "C", id);
create index resource_place on resource (account_id, region, kind);
create index resource_primary on resource (primary_arn) where primary_arn is not null;
create index resource_search on resource using gin (search gin_trgm_ops);
