-- The plans of the audit log's pages: `psql -X -q -f bench/inventory/audit.sql "$DATABASE_URL"` over a database with a million
-- entries. The parameters are those of `matching!` in crates/store/src/audit/search.rs.
prepare page (bigint, bigint, text[], text[], text[], text[], timestamptz, timestamptz, text[], bigint) as
select seq, body, previous, hash from audit_entry where seq between $1 and $2
    and (cardinality($3::text[]) = 0 or deed = any($3))
    and (cardinality($4::text[]) = 0 or subject = any($4))
    and (cardinality($5::text[]) = 0
        or audit_actor(body) = any($5))
    and (cardinality($6::text[]) = 0
        or 'failed' = any($6) and succeeded = false
        or 'started' = any($6) and phase = 'started'
        or 'succeeded' = any($6) and phase <> 'started' and succeeded is distinct from false)
    and ($7::timestamptz is null or at >= $7) and ($8::timestamptz is null or at < $8)
    and (cardinality($9::text[]) = 0 or lower(body) like all($9)
        and lower(regexp_replace(body, '"[A-Za-z0-9_-]+":', ' ', 'g')) like all($9))
order by seq desc limit $10;
prepare counted (bigint, bigint, text[], text[]) as
select count(*) from (select seq from audit_entry where seq between $1 and $2
    and (cardinality($3::text[]) = 0 or deed = any($3))
    and (cardinality($4::text[]) = 0 or subject = any($4)) limit 10001) counted;

set plan_cache_mode = force_custom_plan;
\echo '-- the newest page'
explain (analyze, buffers, costs off) execute page (1, 1000000, '{}', '{}', '{}', '{}', null, null, '{}', 51);
\echo '-- an action'
explain (analyze, buffers, costs off) execute page (1, 1000000, '{reveal}', '{}', '{}', '{}', null, null, '{}', 51);
\echo '-- an action without entries'
explain (analyze, buffers, costs off) execute page (1, 1000000, '{deny}', '{}', '{}', '{}', null, null, '{}', 51);
\echo '-- a target'
explain (analyze, buffers, costs off) execute page (1, 1000000, '{}', '{G-77}', '{}', '{}', null, null, '{}', 51);
\echo '-- a person'
explain (analyze, buffers, costs off) execute page (1, 1000000, '{}', '{}', '{u-33}', '{}', null, null, '{}', 51);
\echo '-- a person and an action that they never did'
explain (analyze, buffers, costs off) execute page (1, 1000000, '{reveal}', '{}', '{u-35}', '{}', null, null, '{}', 51);
\echo '-- failures'
explain (analyze, buffers, costs off) execute page (1, 1000000, '{}', '{}', '{}', '{failed}', null, null, '{}', 51);
\echo '-- the range of a week'
explain (analyze, buffers, costs off) select min(seq), max(seq) from
    (select seq from audit_entry where at >= '2026-03-01' and at < '2026-03-08' offset 0) found;
\echo '-- a week'
explain (analyze, buffers, costs off) execute page (254880, 285119, '{}', '{}', '{}', '{}', '2026-03-01', '2026-03-08', '{}', 51);
\echo '-- a word that no entry has'
explain (analyze, buffers, costs off) execute page (950001, 1000000, '{}', '{}', '{}', '{}', null, null, '{%nothing%}', 51);
\echo '-- a word that is a key of every entry'
explain (analyze, buffers, costs off) execute page (950001, 1000000, '{}', '{}', '{}', '{}', null, null, '{%purpose%}', 51);
\echo '-- how many entries of an action'
explain (analyze, buffers, costs off) execute counted (1, 1000000, '{reveal}', '{}');
