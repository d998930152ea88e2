-- Governance: what lists leave out of a secret, the policies, and what they say of everything.

-- Who the Organization is, so that policies can be told inside from outside.
create table organization (
    is_one boolean primary key default true check (is_one),
    id text not null,
    management_account text not null,
    read_at timestamptz not null
);

-- Read secret by secret: resource policy, dates of versions, state of replicas. Null until that was done.
alter table resource add column deep jsonb;
alter table resource add column deep_read_at timestamptz;
-- The secret's LastChangedDate when it was read.
alter table resource add column deep_of_change timestamptz;

create table policy (
    id text primary key,
    version integer not null,
    -- YAML, as it was saved.
    document text not null,
    saved_by text not null,
    saved_at timestamptz not null,
    -- Out of force; its versions stay.
    retired_at timestamptz
);

create table policy_version (
    policy_id text not null references policy (id),
    version integer not null,
    -- Null where the version took it out of force.
    document text,
    saved_by text not null,
    saved_at timestamptz not null,
    primary key (policy_id, version)
);

-- What fails or is unknown. A pass has no row; it is counted.
create table finding (
    id uuid primary key,
    resource_id uuid not null references resource (id),
    policy_id text not null references policy (id),
    account_id text not null references account (id),
    category text not null,
    severity text not null,
    severity_rank smallint not null,
    verdict text not null,
    says text not null,
    evidence jsonb not null,
    team text,
    opened_at timestamptz not null,
    due_at timestamptz not null,
    resolved_at timestamptz,
    reopened integer not null default 0,
    unique (resource_id, policy_id)
);

create index finding_open on finding (account_id, policy_id) where resolved_at is null;
create index finding_order on finding (severity_rank, opened_at desc, id) where resolved_at is null;
create index finding_resolved on finding (resolved_at desc, id) where resolved_at is not null;

-- How many checks came out how, by account, owner and policy. Teams without a name are ''.
create table posture (
    account_id text not null references account (id),
    team text not null,
    policy_id text not null references policy (id),
    pass integer not null,
    fail integer not null,
    unknown integer not null,
    primary key (account_id, team, policy_id)
);

-- The score of a day by account, as of its last evaluation.
create table posture_day (
    day date not null,
    account_id text not null references account (id),
    passed bigint not null,
    total bigint not null,
    fail integer not null,
    primary key (day, account_id)
);

-- When an account was judged last, and when time alone will change a verdict.
create table evaluation (
    account_id text primary key references account (id),
    at timestamptz not null,
    next_at timestamptz
);
