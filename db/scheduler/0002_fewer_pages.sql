-- A job's way touches as few rows and trees as it can: what was kept twice goes, and small tables need no index beside their key.

-- An attempt stands in its job's row while it is the latest; here are those before it.
delete from attempts where finished_at = 0;

-- As many as there are agents at work: what is due is found by looking at all.
create table agents_leases (
    agent_id text primary key,
    job_id text not null,
    attempt bigint not null,
    begun bigint not null default 0,     -- The agent took it
    orders text not null default 'go_on',
    leased_at bigint not null,
    expires_at bigint not null,
    kill_at bigint not null              -- The job's time is over: kill; once killed: end it without the agent
) /*strict, without rowid*/;
insert into agents_leases (agent_id, job_id, attempt, begun, orders, leased_at, expires_at, kill_at)
    select agent_id, job_id, attempt, begun, orders, leased_at, expires_at, kill_at from leases;
drop table leases;
alter table agents_leases rename to leases;

-- One tree, in the order in which they are taken; all of the key stands in the job's row too.
create table waiting_jobs (
    labels text not null,
    priority bigint not null,
    project_id text not null,
    queued_at bigint not null,
    place bigint not null, -- Among those queued at the same time: as they stand in the workflow
    job_id text not null,
    primary key (labels, priority, project_id, queued_at, place, job_id)
) /*strict, without rowid*/;
insert into waiting_jobs (labels, priority, project_id, queued_at, place, job_id)
    select labels, priority, project_id, queued_at, place, job_id from waiting;
drop table waiting;
alter table waiting_jobs rename to waiting;
