-- Why attempts failed. A row is made with the failure, and filled in once the attempt's log was looked at: then `due_at` is 0.
create table failures (
    job_id text not null,
    attempt bigint not null,
    run_id text not null,
    project_id text not null,
    due_at bigint not null,               -- When its log is looked at, or asked for again
    fingerprint text not null default '', -- Alike for attempts that failed for the same reason
    facts bytea,                          -- A packed failure
    primary key (job_id, attempt)
) /*strict*/;
create index failures_due on failures (due_at) where due_at > 0;
create index failures_of_run on failures (run_id);
create index failures_alike on failures (project_id, fingerprint, run_id) where fingerprint <> '';

-- The last run of a branch that passed, and the first one after it that did not.
create index runs_ended on runs (project_id, workflow, ref, result, id) where state = 'finished';
-- Did this commit pass, too?
create index runs_passed on runs (project_id, workflow, sha) where result = 'success';
