-- What forges are to show at commits: how runs and their jobs are. A row is what must still be said to a forge, until the forge has answered.

alter table forges add column status_at bigint not null default 0; -- its statuses are sent no earlier: some are on their way, or a limit holds
alter table forges add column status_lease bigint not null default 0; -- changes with each sending's begin and end: it names the one that is under way
alter table forge_projects add column statuses text not null default 'all'; -- what is shown of its runs: all, workflows, none

create table forge_events (
    name text primary key,        -- 'scheduler': there is one row
    cursor bigint not null,       -- the events up to it are dealt with; -1: none is followed yet
    due_at bigint not null        -- when somebody reads on: while one does, until when
) /*strict*/;
insert into forge_events (name, cursor, due_at) values ('scheduler', -1, 0);

create table forge_status_runs (
    run_id text primary key,      -- it has changed since it was looked at
    project_id text not null,
    changes bigint not null,      -- one more with each change that was seen
    due_at bigint not null        -- when it is looked at
) /*strict*/;
create index forge_status_runs_due on forge_status_runs (due_at);

create table forge_statuses (
    id text primary key,
    project_id text not null,
    sha text not null,
    context text not null,
    ref text not null,            -- full; '' where none is known
    run_id text not null,         -- '' of a workflow that did not run
    job_id text not null,         -- '' of a whole workflow
    run_number bigint not null,   -- what a newer run says stays
    state text not null,          -- pending, running, success, failure, cancelled, skipped
    description text not null,
    url text not null,
    version bigint not null,      -- one more with each change
    delivery text not null,       -- waiting, sent, refused, undelivered
    reason text not null,         -- what the forge answered last, where it did not take it
    attempts bigint not null,     -- that failed
    changed_at bigint not null,
    due_at bigint not null,       -- when it is sent, where it waits
    sent_at bigint not null,
    unique (project_id, sha, context)
) /*strict*/;
create index forge_statuses_due on forge_statuses (due_at) where delivery = 'waiting';
create index forge_statuses_page on forge_statuses (project_id, id);
create index forge_statuses_old on forge_statuses (changed_at);
