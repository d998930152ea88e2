-- What leaves the console: one row for each notification and channel, so that none waits for another.

create table delivery (
    id bigint generated always as identity primary key,
    notice_id bigint not null references notice (id) on delete cascade,
    channel text not null check (channel in ('email', 'chat', 'events')),
    -- skipped: nothing is configured to send it, or the person has no address.
    state text not null default 'waiting'
        check (state in ('waiting', 'delivered', 'skipped', 'given-up')),
    attempts integer not null default 0,
    -- When it is tried next. While it is being tried this lies ahead, so that nobody else tries it.
    next_at timestamptz not null,
    -- Of the last attempt that failed.
    failed_at timestamptz,
    reason text,
    ended_at timestamptz,
    unique (notice_id, channel)
);

create index delivery_waiting on delivery (next_at) where state = 'waiting';
create index delivery_delivered on delivery (channel, ended_at) where state = 'delivered';
create index delivery_failed on delivery (channel, failed_at) where failed_at is not null;
