-- Secrets whose details were never read: numbers that come from them are incomplete, and pages say so at every look.
create index resource_details_not_read on resource (account_id)
    where kind = 'secret' and gone_at is null and is_listed and deep_read_at is null;
