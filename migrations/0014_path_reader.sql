-- Roles and users whose identity policies deny single parameters and allow the listing of a path: the few of which something
-- may be to be said.
create table path_reader (
    account_id text not null references account (id) on delete cascade,
    principal text not null,
    documents text[] not null,
    boundary text,
    primary key (account_id, principal)
);

alter table account
    add column identities_read_at timestamptz,
    -- Why they could not be read then.
    add column identities_fault text;
