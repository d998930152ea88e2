-- The head of the audit trail that was last put on its way to the event webhook, so that one replica of all publishes it.

create table audit_head (
    only_row boolean primary key default true check (only_row),
    seq bigint not null,
    published_at timestamptz not null
);
