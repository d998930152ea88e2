-- Who is signed in, apart from the session cookie's row: several tabs and replicas re-read the groups of one sign-in, and only
-- one of them may use a refresh token that rotates.

create table sign_in (
    id uuid primary key,
    subject text not null,
    name text not null,
    email text,
    groups text[] not null,
    -- Where the groups came from, for those who hold no role.
    arrived jsonb not null,
    -- The identity provider's name for its session (the claim sid), where it has one.
    provider_session text,
    -- The provider's tokens, encrypted (ADR 28).
    sealed bytea not null,
    signed_in_at timestamptz not null,
    -- When the provider last said who this is and in which groups.
    read_at timestamptz not null,
    -- When the provider was last asked without an answer.
    failed_at timestamptz,
    -- Who re-reads holds the row for so long.
    leased_until timestamptz,
    expires_at timestamptz not null
);

create index sign_in_subject on sign_in (subject);
create index sign_in_provider_session on sign_in (provider_session) where provider_session is not null;
create index sign_in_expires on sign_in (expires_at);

-- Logout tokens that were taken, so that none is taken twice.
create table logout_token (
    id_hash bytea primary key,
    expires_at timestamptz not null
);

-- Whom the provider has signed out: id tokens of theirs from before that moment are no longer good.
create table signed_out (
    -- 'subject' or 'session'
    kind text not null check (kind in ('subject', 'session')),
    id text not null,
    at timestamptz not null,
    expires_at timestamptz not null,
    primary key (kind, id)
);

-- An address of nothing but space is none.
update person set email = nullif(btrim(email, E' \t\r\n'), '') where email is not null;

-- Sessions from before hold an identity whose groups nobody re-reads: everybody signs in again.
delete from session;
