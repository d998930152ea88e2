-- The calendar of rotations reads the secrets that rotate: of an inventory of parameters and secrets, few.
create index resource_rotating on resource (account_id, next_rotation_at)
    where rotation_enabled and gone_at is null;
