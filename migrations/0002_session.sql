-- Signed-in people's sessions. The key is a hash: who reads this table cannot take a session over.

create table session (
    id_hash bytea primary key,
    data jsonb not null,
    expires_at timestamptz not null
);

create index session_expires on session (expires_at);
