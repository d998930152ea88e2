-- The audit log is searched by action, actor, time and failure. The actor has no column of its own: the index reads it from
-- the entry's text, so that it cannot differ from what was hashed. `-` is Claviger itself. The function says what reading it
-- costs: PostgreSQL takes the index rather than reading it from many entries.

create function audit_actor(body text) returns text language plpgsql immutable cost 500 as $$
begin
    return coalesce(substring(body from '"actor":\{"subject":"((?:[^"\\]|\\.)*)"'), '-');
end $$;

create index audit_deed on audit_entry (deed, seq);
create index audit_actor on audit_entry (audit_actor(body), seq);
create index audit_at on audit_entry (at, seq);
create index audit_failed on audit_entry (seq) where succeeded = false;
