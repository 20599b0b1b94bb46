-- What a step wrote into GITHUB_STEP_SUMMARY; it goes with its attempt's log.
create table log_summaries (
    job text not null,
    attempt bigint not null,
    step bigint not null,
    size bigint not null,          -- bytes, unpacked
    data bytea not null,           -- packed
    created_at bigint not null,
    primary key (job, attempt, step)
) /*strict*/;
