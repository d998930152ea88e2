-- What people keep of the inventory: views with a name, and the progress of what they export.

create table saved_view (
    id uuid primary key,
    owner text not null,
    name text not null,
    -- Filter, order and columns, as the URL has them.
    query text not null,
    -- Whether everybody who sees the inventory sees it, each within their own scope.
    shared boolean not null,
    created_at timestamptz not null,
    unique (owner, name)
);

create index saved_view_shared on saved_view (name) where shared;

create table inventory_export (
    subject text not null,
    -- The browser's own word for it.
    token text not null,
    total bigint not null,
    written bigint not null default 0,
    begun_at timestamptz not null,
    ended_at timestamptz,
    failed boolean not null default false,
    primary key (subject, token)
);

create index inventory_export_begun on inventory_export (begun_at);
