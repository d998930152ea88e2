-- What a role can read in other accounts depends on the resource policies there: few secrets have one.
create index resource_with_policy on resource (account_id, id)
    where gone_at is null and is_listed and deep #>> '{resource_policy,read}' is not null;
-- A secret's timeline names its exceptions.
create index waiver_resource on waiver (resource_id) where resource_id is not null;
