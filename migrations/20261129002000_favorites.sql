-- Secrets and parameters that people want to find again. A favorite gives no access: each list shows what its reader may see.
create table favorite (
    subject text not null,
    resource_id uuid not null references resource (id) on delete cascade,
    added_at timestamptz not null,
    primary key (subject, resource_id)
);

create index favorite_resource on favorite (resource_id);
