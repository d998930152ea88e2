-- Environment variables of workloads, and parameters and outputs of stacks, that hold a credential in plain text, by name. A value
-- is in no column: it is dropped while AWS's response is parsed.
create table plain_variable (
    account_id text not null references account (id),
    region text not null,
    kind text not null check (kind in ('lambda', 'ecs', 'codebuild', 'cloudformation')),
    -- The ARN of the function, of the family of task definitions without a revision, of the project, or of the stack without its id.
    consumer text not null,
    -- The container of a task definition, or Outputs for a stack's output; empty for others.
    container text not null default '',
    -- A longer one would not fit into the index: its workload counts as unreadable.
    name text not null check (length(name) <= 255),
    -- Whether the name says that it is a credential, or the value is a URL with a password.
    sign text not null check (sign in ('name', 'url-password')),
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (account_id, region, kind, consumer, container, name)
);

-- Whether the account lets Claviger read them.
create table variable_check (
    account_id text primary key references account (id),
    -- no-role: the role is missing or does not trust Claviger.
    state text not null check (state in ('open', 'no-role', 'failed')),
    -- Which call failed, and why; null if none did.
    reason text,
    checked_at timestamptz not null
);

-- How the last attempt to read a kind in an account and Region ended. A list that is not complete changes no row above,
-- and a complete one no row of a workload that could not be read.
create table variable_read (
    account_id text not null references account (id),
    region text not null,
    kind text not null check (kind in ('lambda', 'ecs', 'codebuild', 'cloudformation')),
    -- Which call failed, and why; null if the list was complete.
    failure text,
    -- Consumers whose variables are not known.
    unreadable integer not null default 0,
    -- When the list was last complete.
    read_at timestamptz,
    primary key (account_id, region, kind)
);
