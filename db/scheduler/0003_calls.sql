-- Jobs that call a workflow. The jobs of a called workflow are nodes of the run beside the others, with keys "caller/key".
alter table jobs add column calls bigint not null default 0;     -- 1: it calls a workflow, no agent takes it
alter table nodes add column called_by text not null default ''; -- The job whose workflow it is of

-- The files that a run calls, as they were at its commit.
create table run_files (
    run_id text not null,
    name text not null,
    source text not null,
    primary key (run_id, name)
) /*strict*/;

create table calls (
    job_id text primary key,
    run_id text not null,
    file text not null,  -- Its name in run_files
    inputs text not null -- An object: coerced, with defaults
) /*strict*/;
create index calls_of_run on calls (run_id);
