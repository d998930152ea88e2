-- Who can read a secret, and why: the roles and users of each account with their policies, the SCPs and RCPs of the
-- Organization, and the policies and grants of customer managed keys.
create table iam_document (
    -- SHA-256 of the text: AWS managed policies are the same in every account.
    hash bytea primary key,
    text text not null,
    -- When an account last had it.
    seen_at timestamptz not null
);

create table iam_principal (
    account_id text not null references account (id) on delete cascade,
    arn text not null,
    -- Each policy with its source, its name, and the hash of its document.
    policies jsonb not null,
    boundary jsonb,
    tags jsonb not null,
    takes_session_tags boolean not null,
    primary key (account_id, arn)
);

alter table account
    add column principals_read_at timestamptz,
    -- Why they could not be read then.
    add column principals_fault text;

create table guardrail (
    id text primary key,
    kind text not null check (kind in ('scp', 'rcp')),
    name text not null,
    content text not null,
    targets text[] not null
);

create table guardrail_reading (
    kind text primary key check (kind in ('scp', 'rcp')),
    read_at timestamptz not null,
    -- Null where AWS did not tell.
    is_enabled boolean,
    fault text
);

alter table kms_key add column access jsonb;
