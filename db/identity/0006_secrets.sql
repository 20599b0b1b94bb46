-- Secrets and variables of jobs, and the environments that some of them are for.

-- One row: the lock of whoever changes any of them, so that bounds hold with several replicas.
create table value_locks (
    id bigint not null primary key
) /*strict*/;
insert into value_locks (id) values (1);

create table job_values (
    kind text not null,           -- secret, variable
    project_id text not null,     -- '' for all projects
    environment text not null,    -- its name in lower case; '' for none
    name text not null,           -- in upper case
    value bytea not null,         -- of a secret: nonce and ciphertext
    key_name text not null,       -- of a secret: the key of the key file that encrypted it; '' for a variable
    size bigint not null,         -- bytes of the value
    created_at bigint not null,
    updated_at bigint not null,
    updated_by text not null,     -- the subject of whoever set it last
    primary key (project_id, environment, kind, name)
) /*strict*/;
create index job_values_of_key on job_values (key_name) where key_name <> '';

create table environments (
    project_id text not null,
    name text not null,           -- in lower case
    title text not null,          -- as it was written
    wait_minutes bigint not null, -- a job for it waits that long
    approvers text not null,      -- subjects, one a line; '' for none: no approval is needed
    no_self_review bigint not null, -- 1: whoever started the run does not approve
    branches text not null,       -- patterns, one a line; '' in both: any branch and tag
    tags text not null,
    created_at bigint not null,
    updated_at bigint not null,
    updated_by text not null,
    primary key (project_id, name)
) /*strict*/;
