-- Runs that were removed, by age, by count or with their project: their jobs, logs and artifacts go bit by bit. A row stays until the
-- other services have answered.
create table removed_runs (
    id text primary key,
    due_at bigint not null          -- When the next part of it is removed, or is asked for again
) /*strict, without rowid*/;
create index removed_runs_due on removed_runs (due_at);

-- Who must see every event. What one of them has not passed is not removed.
create table event_consumers (
    name text primary key,
    cursor bigint not null          -- The last event that it is done with
) /*strict, without rowid*/;
