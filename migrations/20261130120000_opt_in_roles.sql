-- What was found of the roles that an account need not have. A table of its own: the last release counts each row of
-- readiness among what an account needs, and does not know the words of these roles.
create table opt_in_role (
    account_id text not null references account (id) on delete cascade,
    role text not null check (role in ('consumers', 'iam')),
    state text not null check (state in ('ready', 'old', 'version-unknown', 'missing', 'wrong-external-id', 'not-trusted',
        'not-assumable', 'unknown')),
    template_version integer,
    says text not null,
    -- That of the account. If the last release has checked the account since, it is another one, and the row is not shown.
    checked_at timestamptz not null,
    primary key (account_id, role)
);
