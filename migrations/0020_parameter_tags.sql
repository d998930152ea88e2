-- When the tags of an account's parameters in a Region were read last: they are a list of their own, read less often.
create table parameter_tags_read (
    account_id text not null references account (id) on delete cascade,
    region text not null,
    read_at timestamptz not null,
    primary key (account_id, region)
);
