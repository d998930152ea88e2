-- The tag policies of the Organization with the places they are attached to, and what AWS makes of them for an account.
create table tag_policy (
    id text primary key,
    name text not null,
    content text not null,
    targets text[] not null
);

create table effective_tag_policy (
    account_id text primary key references account (id) on delete cascade,
    -- The units that held the account when AWS was asked.
    ou_path text[] not null,
    -- As DescribeEffectivePolicy gave it; null where none applies.
    content text,
    read_at timestamptz not null
);

alter table organization
    add column tag_policies_read_at timestamptz,
    add column tag_policies_enabled boolean,
    add column tag_policies_fault text;
