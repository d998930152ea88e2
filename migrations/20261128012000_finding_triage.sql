-- What people decided about a finding, beside what the evaluation says of it: who works on it, under which ticket, and
-- until when it is snoozed. Rows are never deleted, so that each console finds every change by its transaction.
create table finding_triage (
    resource_id uuid not null,
    policy_id text not null,
    assignee jsonb,
    ticket text check (ticket like 'https://%'),
    snoozed_until timestamptz,
    -- A finding that opened after it was snoozed is not snoozed.
    snoozed_at timestamptz,
    changed_by jsonb not null,
    changed_at timestamptz not null,
    -- One change of many findings, which its author can undo, and what each had before it.
    change_id uuid not null,
    action text not null check (action in ('snooze', 'assign')),
    -- Null once it was undone.
    previous jsonb,
    -- The transaction that wrote the row (as resource.written).
    written bigint not null default (pg_current_xact_id()::text::bigint),
    primary key (resource_id, policy_id),
    check ((snoozed_until is null) = (snoozed_at is null))
);

create index finding_triage_change on finding_triage (change_id);
create index finding_triage_written on finding_triage (written);

create trigger finding_triage_written before update on finding_triage for each row
    execute function mark_written();
