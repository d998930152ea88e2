-- Alarms: events that somebody has to look at. Further events of the same kind, resource and principal count in an alarm until
-- somebody closes it. Closed ones are deleted with the changes of the inventory.
create table alarm (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('rotation-failed', 'rotation-abandoned', 'rotation-test-failed', 'version-deletion',
        'deletion', 'read-while-deleted', 'sensitive-read', 'canary-read', 'finding')),
    account_id text not null references account (id) on delete cascade,
    region text not null,
    -- Null while the resource is not known, and for an alarm about the whole account.
    resource_id uuid references resource (id) on delete set null,
    resource_kind text check (resource_kind in ('secret', 'parameter')),
    -- The ARN, otherwise the name in the event, otherwise the type of a finding.
    subject text not null,
    name text,
    -- Empty where AWS names none.
    principal text not null,
    detail text,
    -- The first event's.
    event_id text not null,
    events integer not null default 1,
    first_at timestamptz not null,
    last_at timestamptz not null,
    raised_at timestamptz not null,
    closed_at timestamptz,
    -- A person, as JSON.
    closed_by jsonb,
    note text
);

create unique index alarm_open on alarm (kind, account_id, region, subject, principal) where closed_at is null;
create index alarm_list on alarm (account_id, id desc);
create index alarm_resource on alarm (resource_id) where resource_id is not null;
create index alarm_closed on alarm (closed_at) where closed_at is not null;

-- The events that are counted: one that arrives again counts once, also after its alarm was closed.
create table alarm_event (
    event_id text not null,
    kind text not null,
    subject text not null,
    alarm_id bigint not null references alarm (id) on delete cascade,
    at timestamptz not null,
    primary key (event_id, kind, subject)
);

create index alarm_event_alarm on alarm_event (alarm_id);

-- Whether the rules of an account and Region bring the events, as it was found last, and the last test event of each rule.
create table alarm_check (
    account_id text not null references account (id) on delete cascade,
    region text not null,
    rule text not null check (rule in ('claviger-secrets', 'claviger-parameters', 'claviger-reads', 'claviger-findings')),
    -- The parts with their states, without the delivery.
    parts jsonb not null,
    -- Whether anything there depended on it when it was checked: no read raises an alarm where nothing is sensitive or deleted.
    is_needed boolean not null,
    checked_at timestamptz not null,
    token uuid,
    sent_at timestamptz,
    sent_by text,
    failure text,
    delivered_at timestamptz,
    primary key (account_id, region, rule)
);

create index alarm_check_token on alarm_check (token) where token is not null;

alter table readiness drop constraint readiness_item_check;
alter table readiness
    add constraint readiness_item_check check (item in ('inventory-role', 'access-role', 'remediation-role', 'trail', 'regions',
        'config-recorder', 'config-rules', 'tag-policies', 'alarms'));
