-- States of sign-ins that came back from the identity provider: each is good for one answer. The browser keeps the sign-in
-- itself; a row is written only when it comes back, under a hash, and removed once the state could not be used anyway.

create table used_state (
    state_hash bytea primary key,
    expires_at timestamptz not null
);

create index used_state_expires on used_state (expires_at);
