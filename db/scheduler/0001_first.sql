-- The scheduler's tables. States and results stand as their names (proto/states.h), lists as lines of a text.
-- What is wide and never changes stands apart from what changes often: an update writes the whole row again.

create table counters (
    name text primary key,
    value bigint not null
) /*strict*/;
-- Whoever writes holds this row: event ids therefore commit in order, on PostgreSQL too, and a cursor is safe.
insert into counters (name, value) values ('events', 0);

create table projects (
    id text primary key,
    name text not null unique,
    url text not null,
    default_branch text not null default '',
    runs bigint not null default 0,    -- Made so far: also the last run's number
    running bigint not null default 0, -- Jobs that have a lease
    schedules_sha text not null default '', -- The commit that `schedules` was read from
    created_at bigint not null
) /*strict*/;
-- Jobs that were submitted without a repository belong to it; no list shows it.
insert into projects (id, name, url, created_at) values ('', '', '', 0);

create table removed_projects (
    id text primary key -- Its runs are still to be removed
) /*strict*/;

create table runs (
    id text primary key,
    project_id text not null,
    number bigint not null,
    workflow text not null,
    name text not null,
    title text not null,
    event text not null,
    ref text not null,
    sha text not null,
    actor text not null,
    state text not null,
    result text not null default 'none',
    attempt bigint not null default 1,
    cancelled bigint not null default 0, -- 1: softly, 2: hard
    concurrency text not null default '',
    created_at bigint not null,
    started_at bigint not null default 0,
    finished_at bigint not null default 0
) /*strict*/;
create index runs_of_project on runs (project_id, id);
create index runs_active on runs (id) where state <> 'finished';

create table run_texts (
    run_id text primary key,
    source text not null, -- The workflow file
    github text not null, -- The context, an object, but for what an attempt and a job add
    inputs text not null
) /*strict*/;

-- A key under `jobs` of a run's workflow; its cells are rows of `jobs`.
create table nodes (
    run_id text not null,
    key text not null,
    position bigint not null,
    state text not null,               -- pending, running, finished
    needs text not null,
    survives bigint not null,          -- Its condition asks for always() or cancelled()
    cells bigint not null default 1,
    cells_left bigint not null,
    fail_fast bigint not null default 0,
    max_parallel bigint not null default 0,
    outcome text not null default '',  -- {"result", "outputs"}, once finished
    definition text not null default '',
    needs_context text not null default '{}',
    primary key (run_id, key)
) /*strict*/;

create table jobs (
    id text primary key,
    run_id text not null,
    project_id text not null,
    key text not null,
    position bigint not null, -- Of its node
    cell bigint not null,
    name text not null,
    title text not null,
    state text not null,
    result text not null default 'none',
    attempt bigint not null default 0,
    tries bigint not null default 0, -- Attempts since the last rerun that count against max-attempts
    needs text not null,
    labels text not null default '',
    agent_id text not null default '',
    agent_name text not null default '',
    reason text not null default '',
    matrix text not null default 'null',
    strategy text not null default '{}',
    outputs text not null default '{}',
    steps bytea,                     -- A packed job_status
    continue_on_error bigint not null default 0,
    timeout_minutes bigint not null default 360,
    concurrency text not null default '',
    concurrency_cancel bigint not null default 0,
    concurrency_all bigint not null default 0,
    created_at bigint not null,
    queued_at bigint not null default 0,
    started_at bigint not null default 0,
    finished_at bigint not null default 0,
    log_size bigint not null default 0,
    log_sha256 text not null default ''
) /*strict*/;
create index jobs_of_run on jobs (run_id, position, cell);
create index jobs_active on jobs (id) where state <> 'finished';

create table attempts (
    job_id text not null,
    attempt bigint not null,
    agent_id text not null,
    agent_name text not null,
    result text not null default 'none',
    reason text not null default '',
    started_at bigint not null,
    finished_at bigint not null default 0,
    log_size bigint not null default 0,
    log_sha256 text not null default '',
    primary key (job_id, attempt)
) /*strict, without rowid*/;

-- Only jobs that wait for an agent, and how many there are of each kind: the matcher looks at kinds first, so that
-- its cost grows neither with history nor with the queue.
create table waiting (
    job_id text primary key,
    labels text not null,
    priority bigint not null,
    project_id text not null,
    queued_at bigint not null,
    place bigint not null -- Among those queued at the same time: as they stand in the workflow
) /*strict*/;
create index waiting_in_order on waiting (labels, priority, project_id, queued_at, place, job_id);

create table queues (
    labels text not null,
    priority bigint not null,
    project_id text not null,
    size bigint not null,
    primary key (labels, priority, project_id)
) /*strict, without rowid*/;

create table leases (
    job_id text primary key,
    agent_id text not null,
    attempt bigint not null,
    begun bigint not null default 0,     -- The agent took it
    orders text not null default 'go_on',
    leased_at bigint not null,
    expires_at bigint not null,
    kill_at bigint not null              -- The job's time is over: kill; once killed: end it without the agent
) /*strict, without rowid*/;
create unique index leases_of_agent on leases (agent_id);
create index leases_expire on leases (expires_at);
create index leases_kill on leases (kill_at);

create table agents (
    id text primary key,
    name text not null unique,
    labels text not null,
    state text not null,
    url text not null,
    push_key text not null,
    job_id text not null default '',
    os text not null,
    arch text not null,
    version text not null,
    ephemeral bigint not null,
    registered_at bigint not null,
    seen_at bigint not null,
    silent_at bigint not null, -- When it is offline unless it is heard of
    idle_at bigint not null,
    removed bigint not null default 0 -- Its token is still to be revoked
) /*strict*/;
create index agents_idle on agents (idle_at) where state = 'idle';
create index agents_silent on agents (silent_at) where state <> 'offline';
create index agents_removed on agents (id) where removed = 1;

create table concurrency (
    project_id text not null,
    name text not null,     -- Lower case
    owner text not null,    -- A run or a job
    held bigint not null,   -- 1: it runs, 0: it waits
    since bigint not null,
    primary key (project_id, name, owner)
) /*strict, without rowid*/;
create index concurrency_of_owner on concurrency (owner);

create table schedules (
    project_id text not null,
    cron text not null,
    timezone text not null,
    next_at bigint not null,
    due_at bigint not null default 0,  -- A time that has come and has not led to runs yet
    asked_at bigint not null default 0,
    primary key (project_id, cron, timezone)
) /*strict, without rowid*/;
create index schedules_next on schedules (next_at);
create index schedules_due on schedules (asked_at) where due_at > 0;

create table events (
    id bigint primary key,
    type text not null,
    project_id text not null,
    run_id text not null,
    job_id text not null,
    agent_id text not null,
    state text not null,
    result text not null,
    at bigint not null
) /*strict*/;
