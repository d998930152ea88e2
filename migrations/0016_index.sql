-- What the index in memory has not seen yet is found by the transaction that wrote it: a number from a sequence would
-- hide a row whose transaction commits later than a younger one's. Columns that the index does not hold do not count.
alter table resource add column written bigint not null default (pg_current_xact_id()::text::bigint);

create function mark_written() returns trigger language plpgsql as $$
begin
    new.written := pg_current_xact_id()::text::bigint;
    return new;
end $$;

create trigger resource_written before update on resource for each row
    when ((old.fingerprint, old.gone_at, old.is_listed, old.replica_regions, old.used_on, old.owner, old.owner_class)
        is distinct from
        (new.fingerprint, new.gone_at, new.is_listed, new.replica_regions, new.used_on, new.owner, new.owner_class))
    execute function mark_written();

create index resource_written on resource (written);

alter table account add column written bigint not null default (pg_current_xact_id()::text::bigint);

create trigger account_written before update on account for each row
    when ((old.name, old.ou_path) is distinct from (new.name, new.ou_path))
    execute function mark_written();
