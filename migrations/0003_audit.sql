-- The audit trail: an entry is added and never changed. Each holds the hash of the one before it.

create table audit_entry (
    seq bigint primary key,
    -- The entry whole, as it was hashed. The columns beside are what queries need of it.
    body text not null,
    previous bytea not null,
    hash bytea not null,
    at timestamptz not null,
    deed text not null,
    phase text not null,
    subject text not null,
    succeeded boolean,
    started bigint
);

create index audit_subject on audit_entry (subject, seq);
-- Deeds begun and not ended.
create index audit_started on audit_entry (started) where started is not null;

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only';
end $$;

create trigger audit_entry_unchanged before update or delete or truncate on audit_entry
    for each statement execute function audit_is_append_only();
