-- An exception can name several resources of one account: the first is in resource_id, so that a release before this one
-- reads it as an exception of that resource alone.
alter table waiver
    add column more_resources uuid[] not null default '{}',
    add check (more_resources = '{}' or (resource_id is not null and policy_id is not null));
