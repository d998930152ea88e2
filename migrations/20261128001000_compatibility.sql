-- Which releases may run on this schema. A release that meets migrations it does not know compares its own newest migration
-- with this number: an expanding migration leaves it alone, so that the previous release still starts and can be rolled back
-- to. A migration that removes what a release needs raises it to the newest migration of the oldest release that still works.
create table schema_compatibility (
    only_row boolean primary key default true check (only_row),
    -- The version of a migration.
    oldest_migration bigint not null
);

insert into schema_compatibility (oldest_migration) values (20261128000100);
