-- What the console's own role may do. Run by the owner of the schema, in a transaction in which the setting
-- `claviger.grant_to` names the role. Running it again renews the grants: new tables are granted too.
--
-- The role reads and writes every table of the console and of its queue, with two exceptions: of the audit log it may only
-- read and add entries, and what tells the applied migrations it may only read. It owns nothing, so it can neither change
-- nor disable the trigger that protects the audit log.
do $$
declare
    grantee constant text := current_setting('claviger.grant_to');
    item record;
    rights text;
begin
    if not exists (select 1 from pg_roles where rolname = grantee) then
        raise exception 'there is no role %', quote_ident(grantee) using errcode = 'undefined_object';
    end if;
    if exists (
        select 1 from pg_class c
        where c.oid = 'audit_entry'::regclass and pg_has_role(grantee::name, c.relowner, 'member')
    ) then
        raise exception 'the role % owns the audit log, or is a member of the role that does', quote_ident(grantee)
            using errcode = 'invalid_grant_operation';
    end if;
    execute format('grant connect on database %I to %I', current_database(), grantee);
    execute format('grant usage on schema %I, graphile_worker to %I', current_schema(), grantee);
    execute format('grant execute on all functions in schema graphile_worker to %I', grantee);
    for item in
        select c.oid::regclass as name, c.relname, c.relkind, c.relrowsecurity, n.nspname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where (n.nspname = current_schema() or n.nspname = 'graphile_worker')
            and c.relkind in ('r', 'p', 'v', 'S')
            and pg_has_role(current_user, c.relowner, 'usage')
            and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    loop
        rights := case
            when item.relkind = 'S' then 'usage, select'
            when item.relname = 'audit_entry' and item.nspname = current_schema() then 'select, insert'
            when item.relname in ('_sqlx_migrations', 'migrations') then 'select'
            else 'select, insert, update, delete'
        end;
        if item.relkind = 'S' then
            execute format('grant %s on sequence %s to %I', rights, item.name, grantee);
        else
            -- A right that an earlier version gave too much of goes.
            execute format('revoke all on table %s from %I', item.name, grantee);
            execute format('grant %s on table %s to %I', rights, item.name, grantee);
        end if;
        -- The queue's tables have row level security: without a policy nobody but their owner sees a row.
        if item.relrowsecurity and not exists (
            select 1 from pg_policy p where p.polrelid = item.name and p.polname = left('claviger ' || grantee, 63)
        ) then
            execute format(
                'create policy %I on %s to %I using (true) with check (true)',
                left('claviger ' || grantee, 63), item.name, grantee
            );
        end if;
    end loop;
end $$;
