-- Who has had the digest of which week, so that each has it once.
create table digest (
    subject text not null,
    -- The week's Monday.
    week date not null,
    primary key (subject, week)
);
