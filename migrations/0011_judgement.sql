-- What every secret and parameter came to, beside what it was judged from: who has not changed is not judged again,
-- and whose outcome has not changed is not written again.
create table judgement (
    resource_id uuid primary key references resource (id) on delete cascade,
    account_id text not null,
    -- The facts it was judged from, as the resource had them.
    fingerprint bytea not null,
    deep_fingerprint bytea,
    used_on date,
    -- A letter for each policy of the evaluation, in its order: p, f, u, w (borne by an exception), or - (does not apply).
    verdicts text not null,
    -- What each unknown says, a line each.
    gaps text,
    -- Of everything that its findings say.
    digest bytea not null,
    -- When time alone will change a verdict.
    until timestamptz
) with (fillfactor = 85);

create index judgement_account on judgement (account_id);

alter table resource add column deep_fingerprint bytea;

alter table evaluation
    -- Of policies, exceptions, place and Organization: where it differs, everything is judged again.
    add column context bytea,
    -- Counts evaluations, so that one that began before another ended begins again.
    add column round bigint not null default 0,
    -- How many secrets and parameters it had, for the overview.
    add column resources integer not null default 0;

update evaluation e set resources =
    (select count(*) from resource r where r.account_id = e.account_id and r.is_listed and r.gone_at is null);
