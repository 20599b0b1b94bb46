-- Who may be offered a job, and since when a queue's first job waits.

alter table agents add column parked_until bigint not null default 0; -- A parked agent hears of a job until then
alter table agents add column draining bigint not null default 0;     -- It ends, and takes no other job
alter table agents add column failures bigint not null default 0;     -- Offers in a row that it did not take
alter table agents add column rests_until bigint not null default 0;  -- Nothing is offered to it before
create index agents_offline on agents (seen_at) where state = 'offline';

-- The time since when the first job of a queue waits: among projects with as many running jobs the oldest comes first.
alter table queues add column since bigint not null default 0;
update queues set since = coalesce ((select min (w.queued_at) from waiting w where w.labels = queues.labels
    and w.priority = queues.priority and w.project_id = queues.project_id), 0);

alter table leases add column heard bigint not null default 0; -- Its agent may know of it
alter table leases add column gone bigint not null default 0;  -- Its agent is there without it: the next tick ends it

-- Attempts since the last rerun, those included that do not count against max-attempts.
alter table jobs add column offers bigint not null default 0;

-- When a scheduler last served, by the clock of leases: time in which none did is not time in which an agent was silent.
insert into counters (name, value) values ('served', 0);
