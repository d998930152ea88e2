-- By which rules, and in which units, the owners of an account's resources were worked out.
alter table account add column owners_as text not null default '';
