-- Places of repositories that name a secret or parameter, as `clv scan --upload` declares them.
create table declared_consumer (
    id bigint generated always as identity primary key,
    -- Host and path, such as github.com/example/shop.
    repository text not null,
    -- The hash of the commit.
    commit_hash text not null,
    path text not null,
    line integer not null,
    resource_id uuid not null references resource (id),
    -- Whether the place has its ARN or its name.
    named_by text not null check (named_by in ('arn', 'name')),
    declared_at timestamptz not null
);

create index declared_consumer_repository on declared_consumer (repository);
create index declared_consumer_resource on declared_consumer (resource_id);
