-- Where the bytes of another step begin: steps run at the same time, so one may come after a later one, or come back.
create table log_marks (
    job text not null,
    attempt bigint not null,
    start bigint not null,         -- the first byte
    step bigint not null,
    before bigint not null,        -- newlines before it
    midline bigint not null,       -- 1: it begins within a line
    at bigint not null,
    primary key (job, attempt, start)
) /*strict, without rowid*/;
insert into log_marks (job, attempt, start, step, before, midline, at)
    select job, attempt, start, step, before, midline, at from log_steps;
drop table log_steps;
