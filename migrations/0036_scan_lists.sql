-- Each list of an account in a Region has its own outcome and freshness: secrets (ListSecrets), parameters
-- (DescribeParameters) and the tags of parameters (GetResources). One that AWS denies does not hide the others.

create table scan_list (
    account_id text not null references account (id),
    region text not null,
    list text not null check (list in ('secrets', 'parameters', 'parameter-tags')),
    -- End of the newest attempt.
    attempted_at timestamptz,
    -- Why the newest attempt failed: the reason, AWS's error code, and the API call that failed.
    fault text,
    fault_code text,
    operation text,
    -- End of the newest attempt that read the list completely.
    complete_at timestamptz,
    primary key (account_id, region, list)
);

insert into scan_list (account_id, region, list, attempted_at, fault, fault_code, complete_at)
select account_id, region, each.list, attempted_at, fault, fault_code, complete_at
from scan cross join (values ('secrets'), ('parameters')) as each (list);

-- Tags of parameters have a row here only while they cannot be read; when they were read is in parameter_tags_read.
-- A person's scan makes them due, which does not forget when that was.
alter table parameter_tags_read add column is_due boolean not null default false;

-- An OU's name may hold a slash. In a path it is written as \/ (and a backslash as \\), so that
-- no OU has the path of another.
with recursive tree as (
    select id, ''::text as path from ou where parent_id is null
    union all
    select child.id,
        case when tree.path = '' then '' else tree.path || '/' end
            || replace(replace(child.name, '\', '\\'), '/', '\/')
    from ou child join tree on child.parent_id = tree.id
)
update ou set path = tree.path from tree where tree.id = ou.id and ou.path <> tree.path;
