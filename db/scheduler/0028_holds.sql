-- Jobs that are held when they fail, so that their owner can look (docs/debugging.md).

alter table jobs add column held_until bigint not null default 0; -- Of the latest attempt, while it runs; 0: it is not held

-- What a rerun asked for; of its run's latest attempt.
create table run_holds (
    run_id text not null primary key,
    minutes bigint not null,
    subject text not null          -- who asked for it
) /*strict, without rowid*/;

-- Attempts that are held, or were: kept as long as the job.
create table holds (
    job_id text not null,
    attempt bigint not null,
    subject text not null,         -- whose it is: who asked for it
    reason text not null,          -- why the job failed
    began_at bigint not null,
    until_at bigint not null,
    ended_by text not null default '', -- '': nobody
    shell text not null default '',    -- the latest that was opened
    primary key (job_id, attempt)
) /*strict*/;

-- Shells in them. Both streams are counted in bytes.
create table shells (
    id text not null primary key,
    job_id text not null,
    attempt bigint not null,
    subject text not null,         -- who opened it
    terminal text not null,
    columns bigint not null,
    rows bigint not null,
    opened_at bigint not null,
    seen_at bigint not null,       -- when its user was heard of last, to within some seconds
    typed bigint not null default 0,   -- bytes that came from the user
    taken bigint not null default 0,   -- ... that the agent has read
    printed bigint not null default 0, -- bytes that came from the agent
    shown bigint not null default 0,   -- ... that the user has read
    ended_at bigint not null default 0,
    exit_status bigint not null default 0,
    reason text not null default ''    -- why it ended, where it did not exit
) /*strict, without rowid*/;
create index shells_of_job on shells (job_id);

-- What was not read yet; nothing of it is left once the shell has ended and was read.
create table shell_pieces (
    shell text not null,
    typed bigint not null,         -- 1: by the user; 0: printed
    at bigint not null,
    data bytea not null,
    primary key (shell, typed, at)
) /*strict*/;
