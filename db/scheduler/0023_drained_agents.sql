-- When somebody drained the agent: it takes no other job until it is resumed, also after it registered again.
alter table agents add column drained_at bigint not null default 0;
