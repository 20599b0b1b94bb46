-- Commits that are in no repository, sent to be run (`opencicd run --remote`); their bundles are blobs of the scm service.
create table trials (
    id text primary key,
    project_id text not null,
    created_at bigint not null,
    removed bigint not null default 0, -- No run may begin with it any more: its bundle is being removed
    due_at bigint not null             -- When it is removed, or that is asked for again; NEVER while it has a run
) /*strict, without rowid*/;
create index trials_due on trials (due_at);

-- The runs of each. A row goes with its run, and the last one takes the trial along.
create table trial_runs (
    run_id text primary key,
    trial_id text not null
) /*strict, without rowid*/;
create index trial_runs_of on trial_runs (trial_id);
