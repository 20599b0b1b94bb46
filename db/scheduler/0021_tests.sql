-- What test reports say, as agents read them.
create table test_reports (
    job_id text not null,
    attempt bigint not null,
    step bigint not null,
    file text not null,
    run_id text not null,
    facts bytea not null,               -- A packed test_report_put
    primary key (job_id, attempt, step, file)
) /*strict*/;
create index test_reports_of_run on test_reports (run_id);

-- In which runs a test failed.
create table failed_tests (
    project_id text not null,
    test text not null,                 -- A hash of its suite and name
    run_id text not null,
    job_id text not null,
    attempt bigint not null,
    step bigint not null,
    file text not null,
    primary key (project_id, test, run_id, job_id, attempt, step, file)
) /*strict, without rowid*/;
create index failed_tests_of_job on failed_tests (job_id, attempt);

