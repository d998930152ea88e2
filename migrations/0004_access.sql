-- Just-in-time access: who asked, who decided, what was granted, which sessions were issued and ended.

-- Everybody who has signed in, so that approvers can be told. Groups are as of the last sign-in.
create table person (
    subject text primary key,
    name text not null,
    email text,
    groups text[] not null,
    seen_at timestamptz not null
);

create table access_request (
    id bigint generated always as identity primary key,
    requester text not null,
    -- The terms whole, as they were hashed.
    terms jsonb not null,
    hash text not null,
    created_at timestamptz not null
);

create index access_request_requester on access_request (requester, id desc);

-- One account's part of a request under one rule.
create table access_grant (
    id bigint generated always as identity primary key,
    request_id bigint not null references access_request (id),
    account_id text not null references account (id),
    requester text not null,
    -- The approval rule as it stood.
    rule jsonb not null,
    state jsonb not null,
    word text not null,
    -- When time alone moves it on.
    next_at timestamptz,
    minutes integer not null,
    session_name text not null unique,
    reminders integer not null default 0,
    remind_at timestamptz,
    -- Whether the holder was told that it ends soon.
    warned boolean not null default false,
    created_at timestamptz not null
);

create index access_grant_request on access_grant (request_id);
create index access_grant_requester on access_grant (requester, id desc);
create index access_grant_open on access_grant (word, id) where word in ('requested', 'approved', 'claimable', 'active');
create index access_grant_next on access_grant (next_at) where next_at is not null;

create table access_grant_resource (
    grant_id bigint not null references access_grant (id),
    position integer not null,
    resource_id uuid not null references resource (id),
    resource jsonb not null,
    primary key (grant_id, position)
);

create index access_grant_resource_of on access_grant_resource (resource_id);

-- One person decides once about a grant, however often they click.
create table access_decision (
    grant_id bigint not null references access_grant (id),
    subject text not null,
    decided jsonb not null,
    at timestamptz not null,
    primary key (grant_id, subject)
);

-- Every AWS session that was asked for; no credentials, ever.
create table access_session (
    id uuid primary key,
    grant_id bigint not null references access_grant (id),
    purpose text not null,
    begun_at timestamptz not null,
    -- When the session ends at the latest, whatever became of the asking.
    expires_at timestamptz not null,
    issued_at timestamptz,
    -- What CloudTrail shows of it; an identifier, not a secret.
    access_key_id text
);

create index access_session_grant on access_session (grant_id);

-- Live sessions to be ended at AWS before their time.
create table access_denial (
    grant_id bigint primary key references access_grant (id),
    account_id text not null references account (id),
    session_name text not null,
    asked_at timestamptz not null,
    -- When the last session has ended by itself, so that the statement can go.
    needed_until timestamptz not null,
    put_at timestamptz,
    confirmed_at timestamptz,
    collected_at timestamptz,
    fault text,
    wide boolean not null default false
);

create index access_denial_account on access_denial (account_id) where collected_at is null;

create table access_review (
    grant_id bigint primary key references access_grant (id),
    opened_at timestamptz not null,
    closed_at timestamptz,
    closed_by jsonb,
    note text
);

create index access_review_open on access_review (grant_id) where closed_at is null;

-- What CloudTrail says about a grant's sessions.
create table access_trail (
    grant_id bigint primary key references access_grant (id),
    read_at timestamptz not null,
    readable boolean not null
);

create table access_trail_event (
    event_id text not null,
    grant_id bigint not null references access_grant (id),
    at timestamptz not null,
    name text not null,
    error text,
    source_ip text,
    primary key (grant_id, event_id)
);
