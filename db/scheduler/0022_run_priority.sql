-- Where all jobs of a run were moved to in the queue, those too that are still to come. A rerun resets it.
alter table runs add column priority bigint not null default 0;
