-- By which rules, and in which units, the owners of an account's resources were worked out.
alter table account add column owners_as text not null default '';

-- Most accounts replicate nothing: then the end of a scan has no replicas to settle.
create index resource_replicated on resource (account_id)
    where primary_arn is not null or replica_regions <> '{}';
