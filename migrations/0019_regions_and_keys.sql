-- The Regions that are enabled in an account, as AWS told last; null where it never told. And why it did not tell last.
alter table account add column regions text[];
alter table account add column regions_fault text;

-- What KMS says of a key, by the name that resources of the Region have for it.
create table kms_key (
    account_id text not null references account (id) on delete cascade,
    region text not null,
    key_id text not null,
    reading jsonb not null,
    read_at timestamptz not null,
    primary key (account_id, region, key_id)
);
