-- Whether the repository's own pipeline declared it, with its own identity; otherwise a person did.
alter table declared_consumer add column by_pipeline boolean not null default false;

-- A repository is stored under one spelling: issuers and hosts compare it without case.
update declared_consumer set repository = lower(repository) where repository <> lower(repository);
