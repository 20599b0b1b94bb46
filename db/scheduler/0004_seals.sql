-- What must still be said to another service is a row until it has been answered.

-- Attempts that ended without their agent's final status: their logs are sealed with what is there.
create table seals (
    job_id text not null,
    attempt bigint not null,
    due_at bigint not null, -- When the log collector is asked, or asked again
    primary key (job_id, attempt)
) /*strict, without rowid*/;
create index seals_due on seals (due_at);

-- When identity is asked, or asked again, to revoke the tokens of an agent that was removed.
alter table agents add column revoke_at bigint not null default 0;
