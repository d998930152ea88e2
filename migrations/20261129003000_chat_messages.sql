-- The message about a request in the team's chat, so that it can follow the request's state.
create table chat_message (
    grant_id bigint primary key references access_grant (id) on delete cascade,
    -- Where it is, as the chat's API names it.
    channel text not null,
    message text not null,
    -- What it says.
    shown text not null,
    posted_at timestamptz not null
);
