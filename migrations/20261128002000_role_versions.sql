-- What was found of a role in more detail than `state`, whose words the last release knows: an old role is 'ready' there.
-- Null for everything else, and for what the last release wrote.
alter table readiness
    add column role_state text check (role_state in ('ready', 'old', 'version-unknown', 'missing', 'wrong-external-id',
        'not-trusted', 'not-assumable', 'unknown')),
    add column template_version integer;
