-- For an incident: no new access until an admin resumes it, and, account by account, a time before which every session of the
-- access role is denied, whether this database knows the session or not.
create table access_pause (
    only_row boolean primary key default true check (only_row),
    paused_by text not null,
    reason text not null,
    at timestamptz not null
);

create table access_cutoff (
    account_id text primary key references account (id),
    -- AWS denies every session that was issued before this time.
    issued_before timestamptz not null,
    asked_at timestamptz not null,
    -- When the last of these sessions has ended by itself, so that the statement can go.
    needed_until timestamptz not null,
    put_at timestamptz,
    confirmed_at timestamptz,
    collected_at timestamptz,
    fault text
);
