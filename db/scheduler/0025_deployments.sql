-- What must be so before a job that deploys to an environment may run, and what became of it.
alter table jobs add column gate text not null default '';            -- shut: it waits for its environment; open; '' without one
alter table jobs add column environment_url text not null default ''; -- Where what it deployed can be seen

-- One of each attempt of a run at such a job: kept as long as the run is, so that it stays known who approved what.
create table deployments (
    job_id text not null,
    run_attempt bigint not null,
    run_id text not null,
    project_id text not null,
    environment text not null,
    state text not null,                      -- asked, waiting, open, refused, closed
    due_at bigint not null,                   -- When it is looked at: identity is asked, or its time to wait is over; 0: not by itself
    wait_until bigint not null default 0,     -- 0: it has no time to wait
    approvers text not null default '',       -- Subjects, one a line; '': nobody must approve it
    no_self_review bigint not null default 0,
    decided_by text not null default '',
    decided_at bigint not null default 0,
    comment text not null default '',
    created_at bigint not null,
    primary key (job_id, run_attempt)
) /*strict*/;
create index deployments_due on deployments (due_at) where due_at > 0;
create index deployments_waiting on deployments (created_at, job_id) where state = 'waiting';
create index deployments_of_run on deployments (run_id);
