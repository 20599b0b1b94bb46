-- Where a waiting job was moved to: the higher the earlier. It holds until the job runs again.
alter table jobs add column priority bigint not null default 0;
