-- Notifications: the inbox, and what goes out by email and webhook.

create table notice (
    id bigint generated always as identity primary key,
    -- The person who is told; null goes to the team's channel.
    recipient text,
    kind text not null,
    grant_id bigint not null references access_grant (id),
    title text not null,
    body text not null,
    link text not null,
    created_at timestamptz not null,
    read_at timestamptz,
    sent_at timestamptz
);

create index notice_recipient on notice (recipient, id desc);
create index notice_unread on notice (recipient) where read_at is null;
