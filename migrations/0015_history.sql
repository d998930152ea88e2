-- What changed of secrets and parameters between two readings. When one was first seen stands in its own row; here it stands
-- again where it appeared after its account and Region had been read whole, which is news.
create table resource_change (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    resource_id uuid not null references resource (id) on delete cascade,
    account_id text not null,
    -- changed, first-seen, gone or back.
    what text not null,
    -- In AWS's words, such as KmsKeyId or Tags.owner; empty where it is about the whole.
    field text not null default '',
    before text,
    after text
);

create index resource_change_resource on resource_change (resource_id, id desc);
create index resource_change_account on resource_change (account_id, id desc);
create index resource_change_at on resource_change (at);
