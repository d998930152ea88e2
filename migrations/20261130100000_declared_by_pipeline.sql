-- Whether the repository's own pipeline declared it, with its own identity; otherwise a person did.
alter table declared_consumer add column by_pipeline boolean not null default false;
