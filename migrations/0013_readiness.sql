-- What has to be in place in an account, as it was last looked at; and what AWS Config says of its secrets.
alter table account add column checked_at timestamptz;

create table readiness (
    account_id text not null references account (id) on delete cascade,
    item text not null,
    -- Empty where it is asked of the account as a whole.
    region text not null default '',
    state text not null,
    says text not null,
    primary key (account_id, item, region)
);

create table config_result (
    account_id text not null references account (id) on delete cascade,
    region text not null,
    rule text not null,
    -- The managed rule, such as SECRETSMANAGER_ROTATION_ENABLED_CHECK.
    identifier text not null,
    parameters text,
    -- The secret's ARN.
    resource text not null,
    compliance text not null,
    recorded_at timestamptz,
    annotation text,
    primary key (resource, rule, account_id, region)
);

create index config_result_place on config_result (account_id, region);
