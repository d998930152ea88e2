-- The plans of the inventory's main queries over a database that `cargo xtask bench --only inventory` has filled:
-- psql -X -q -f bench/inventory/explain.sql "$DATABASE_URL"
\set ON_ERROR_STOP on
\pset tuples_only on
\pset format unaligned
select id as one, arn as one_arn, account_id as account, region as region
from resource where kind = 'secret' order by id limit 1 offset 77 \gset
create temporary table ids as select id from resource order by name limit 50;
create temporary table page as
    select arn, fingerprint from resource where account_id = :'account' and region = :'region' limit 100;
select array_agg(id) as visible from account \gset
select array_agg(id) as ids from ids \gset
select array_agg(arn) as arns, array_agg(fingerprint) as fingerprints from page \gset

\echo '## Rows written since the last answer'
explain (analyze, buffers, costs off, summary on)
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    exists (select 1 from resource where written >= 9000000000000000), exists (select 1 from account where written >= 9000000000000000);

\echo '## Rows of a page'
explain (analyze, buffers, costs off, summary on)
select r.id, r.region, r.owner, r.owner_class, a.name, r.account_id, r.replica_regions, r.facts, r.used_on, r.deleted_at, r.gone_at
from resource r join account a on a.id = r.account_id where r.id = any(:'ids') and r.account_id = any(:'visible');

\echo '## Whether any account was ever read completely'
explain (analyze, buffers, costs off, summary on)
select exists (select 1 from scan where account_id = any(:'visible') and complete_at is not null);

\echo '## OUs of the visible accounts'
explain (analyze, buffers, costs off, summary on)
select id, parent_id, name, path from ou
where path <> '' and id in (select unnest(ou_path) from account where id = any(:'visible')) order by path collate "C";

\echo '## One secret'
explain (analyze, buffers, costs off, summary on)
select r.facts, r.owner, r.owner_class, r.account_id, a.name, r.region, r.arn, r.primary_arn, r.first_seen_at,
    coalesce(r.last_seen_at, s.complete_at), r.gone_at, s.fault
from resource r join account a on a.id = r.account_id
left join scan s on s.account_id = r.account_id and s.region = r.region
where r.id = :'one' and r.account_id = any(:'visible');

\echo '## Its replicas'
explain (analyze, buffers, costs off, summary on)
select r.id, r.region from resource r left join scan s on s.account_id = r.account_id and s.region = r.region
where r.arn = :'one_arn' or r.primary_arn = :'one_arn' order by r.arn <> :'one_arn', r.region;

\echo '## Its change history'
explain (analyze, buffers, costs off, summary on)
select c.id, c.at, c.what, c.field, c.before, c.after from resource_change c where c.resource_id = :'one'
order by c.id desc limit 100;

\echo '## Changes of the last week, newest first'
explain (analyze, buffers, costs off, summary on)
select c.id, c.at, c.what, c.field, r.name, a.name
from resource_change c join resource r on r.id = c.resource_id join account a on a.id = c.account_id
where c.account_id = any(:'visible') and c.at > now() - interval '7 days' and r.is_listed order by c.id desc limit 101;

\echo '## A page of ListSecrets compared with known resources'
explain (analyze, buffers, costs off, summary on)
select r.arn, is_same from unnest(:'arns'::text[], :'fingerprints'::bytea[]) as x (arn, fingerprint)
join resource r on r.arn = x.arn
cross join lateral (select r.fingerprint = x.fingerprint and r.gone_at is null) as s (is_same);

\echo '## Resources that a region scan did not see'
explain (analyze, buffers, costs off, summary on)
select arn, name from resource
where account_id = :'account' and region = :'region' and kind = 'secret' and gone_at is null and not (arn = any(:'arns'))
order by arn;
