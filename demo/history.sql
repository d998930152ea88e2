-- Sixteen weeks of posture before the demo's first evaluation, in the tables that evaluations write, so that the overview
-- has something to compare with. Only the demo and the browser tests run this, once, over a database in which every account
-- has its first day: days before it are made from it, so that the line ends at the score that was evaluated.
-- Prints t once it has been done.
begin;
select pg_advisory_xact_lock(hashtext('demo history'));

create temp table demo_ready on commit drop as
select exists (select 1 from posture_breakdown)
    and not exists (select 1 from posture_day where day < (now() at time zone 'UTC')::date - 7)
    and not exists (select 1 from sweep where finished_at is null)
    and not exists (select 1 from account a where a.left_at is null
        and exists (select 1 from resource r where r.account_id = a.id and r.gone_at is null)
        and not exists (select 1 from posture_breakdown b where b.account_id = a.id)) as is_ready;

-- How much less passed on a day: most of it long ago, with weeks in which it became worse. Each account has its own course.
create temp table demo_course on commit drop as
select b.account_id, b.day as last, (b.day - n) as day, n,
    greatest(0, least(0.6, (0.05 + (abs(hashtext(b.account_id)) % 100) / 600.0) * power(n / 112.0, 0.8)
        + case when n between 35 and 67 then 0.02 + 0.03 * (n - 35) / 32.0 else 0 end
        + 0.008 * sin(n / 6.0 + abs(hashtext(b.account_id)) % 7) * least(1, n / 10.0))) as lost
from (select distinct on (account_id) * from posture_breakdown order by account_id, day desc) b
cross join generate_series(1, 112) as n
where (select is_ready from demo_ready);

create temp table demo_parts on commit drop as
select c.account_id, c.day,
    (select jsonb_object_agg(key, jsonb_build_array(p.passed, (value ->> 1)::bigint + (value ->> 0)::bigint - p.passed, value -> 2))
     from jsonb_each(b.by_category) cross join lateral
        (select floor((value ->> 0)::bigint * (1 - least(0.9, c.lost * (0.6 + abs(hashtext(key)) % 9 / 10.0))))::bigint as passed) p) as by_category,
    (select jsonb_object_agg(key, jsonb_build_array(p.passed, value -> 1,
            (value ->> 2)::bigint + ceil(((value ->> 0)::bigint - p.passed) / 3.0)::bigint))
     from jsonb_each(b.by_team) cross join lateral
        (select floor((value ->> 0)::bigint * (1 - least(0.9, c.lost * (0.6 + abs(hashtext(key)) % 9 / 10.0))))::bigint as passed) p) as by_team
from demo_course c join posture_breakdown b on b.account_id = c.account_id and b.day = c.last
where b.by_category <> '{}' and b.by_team <> '{}';

insert into posture_breakdown (account_id, day, by_category, by_team)
select account_id, day, by_category, by_team from demo_parts on conflict do nothing;

insert into posture_day (account_id, day, passed, total, fail)
select account_id, day, sum((value ->> 0)::bigint), sum((value ->> 1)::bigint), sum((value ->> 2)::bigint)
from demo_parts cross join lateral jsonb_each(by_team) group by account_id, day on conflict do nothing;

-- What was fixed meanwhile: the more severe, the sooner.
insert into fixed_finding (account_id, day, team, severity, days_open, findings)
select account_id, day, team, severity, floor(typical * (0.15 + 2.2 * power(chance / 1000.0, 2)))::integer, 1 + chance % 3
from (select p.account_id, p.day, t.team, s.severity, s.typical,
        abs(hashtext(p.account_id || p.day || t.team || s.severity)) % 1000 as chance, s.often
    from demo_parts p cross join lateral (select jsonb_object_keys(p.by_team) as team) t
    cross join (values ('critical', 2, 15), ('high', 8, 45), ('medium', 19, 70), ('low', 42, 40)) as s (severity, typical, often)) x
where abs(hashtext(x.severity || x.day || x.account_id || x.team)) % 1000 < x.often
on conflict do nothing;

-- The policies have been there since; two were changed, one of them when the score fell.
update policy set saved_at = saved_at - interval '112 days' where (select is_ready from demo_ready) and saved_by = 'Claviger';
update policy_version set saved_at = saved_at - interval '112 days' where (select is_ready from demo_ready) and saved_by = 'Claviger';
insert into policy_version (policy_id, version, document, saved_by, saved_at)
select id, 2, document, 'Ada Okafor', now() - case id when 'value-age' then interval '67 days' else interval '34 days' end
from policy where (select is_ready from demo_ready) and version = 1 and id in ('value-age', 'customer-managed-key')
on conflict do nothing;
update policy p set version = v.version, saved_by = v.saved_by, saved_at = v.saved_at
from policy_version v where (select is_ready from demo_ready) and v.policy_id = p.id and v.version = 2 and p.version = 1;

select exists (select 1 from posture_day where day < (now() at time zone 'UTC')::date - 7);
commit;
