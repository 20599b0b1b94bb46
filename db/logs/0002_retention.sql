-- How many bytes the logs have is found by walking this index, newest first.
drop index logs_changed;
create index logs_changed on logs (changed_at, size);
