-- When bytes within a step were printed: an entry a second, fewer in long logs. Where a step begins, its mark says so.
create table log_times (
    job text not null,
    attempt bigint not null,
    start bigint not null,         -- the first byte
    at bigint not null,
    primary key (job, attempt, start)
) /*strict, without rowid*/;
alter table logs add column began_at bigint not null default 0;  -- when its first byte was printed
alter table logs add column timed_at bigint not null default 0;  -- of the latest mark or entry
