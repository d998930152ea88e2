-- One row for each secret and parameter that has or had findings, instead of one for each finding: a million secrets are
-- written by COPY in seconds, where 4.75 million rows with eight indexes and three foreign keys took minutes. Lists and
-- counts are answered from memory (ADR 35); what a page shows is read from here by the resource's id.
create table resource_findings (
    resource_id uuid primary key,
    account_id text not null,
    -- The owner when the resource was last evaluated; null where it had none.
    team text,
    -- Of each finding, in the order of the evaluation, those that were resolved last: policy, category, severity, verdict,
    -- opened, due, resolved (microseconds since 1970, or null), how often it came back, and its exception (or null).
    marks json not null,
    -- Of each finding, in the same order: what it says, and its evidence as pairs of fact and value.
    texts json not null,
    -- The transaction that wrote the row, by which each console finds what it has not seen (as resource.written).
    written bigint not null default (pg_current_xact_id()::text::bigint)
) with (fillfactor = 90);

-- Compressing would cost more than the room that it saves.
alter table resource_findings alter column marks set storage external;
alter table resource_findings alter column texts set storage external;

insert into resource_findings (resource_id, account_id, team, marks, texts)
select resource_id, min(account_id), (array_agg(team order by resolved_at desc nulls first))[1],
    json_agg(json_build_array(policy_id, category, severity, verdict,
        (extract(epoch from opened_at) * 1000000)::bigint, (extract(epoch from due_at) * 1000000)::bigint,
        (extract(epoch from resolved_at) * 1000000)::bigint, reopened, waiver_id) order by resolved_at is not null, id),
    json_agg(json_build_array(says,
        (select coalesce(json_agg(json_build_array(e ->> 'fact', e ->> 'value') order by n), '[]'::json)
         from jsonb_array_elements(evidence) with ordinality as x (e, n))) order by resolved_at is not null, id)
from finding group by resource_id;

create index resource_findings_account on resource_findings (account_id);
create index resource_findings_written on resource_findings (written);

drop table finding;
drop table finding_group;

-- Each finding as a row, for people and reports: a whole pass over the table, which no page makes.
create view finding as
select s.resource_id, s.account_id, s.team, m ->> 0 as policy_id, m ->> 1 as category, m ->> 2 as severity,
    m ->> 3 as verdict, t ->> 0 as says, t -> 1 as evidence,
    'epoch'::timestamptz + (m ->> 4)::bigint * interval '1 microsecond' as opened_at,
    'epoch'::timestamptz + (m ->> 5)::bigint * interval '1 microsecond' as due_at,
    'epoch'::timestamptz + (m ->> 6)::bigint * interval '1 microsecond' as resolved_at,
    (m ->> 7)::integer as reopened, (m ->> 8)::bigint as waiver_id
from resource_findings s
cross join lateral rows from (json_array_elements(s.marks), json_array_elements(s.texts)) as x (m, t);

-- The earliest day on which a failure of the account falls due, or an earlier one: until then none has to be looked for.
alter table evaluation add column next_due_at timestamptz;
-- Looked for at the next evaluation.
update evaluation set next_due_at = at;
alter table evaluation drop column overdue, drop column groups_at, drop column groups_round;

-- Resources are never deleted, and judgements are written for those that were read a moment before: checking each cost
-- more than writing it.
alter table judgement drop constraint judgement_resource_id_fkey;
