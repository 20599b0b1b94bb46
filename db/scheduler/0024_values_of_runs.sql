-- What a job deploys to: its name picks secrets and variables, and rules that it must satisfy.
alter table jobs add column environment text not null default '';
-- vars.* of a run as they were when it was made, or run again: an object; '' where an older version made it. A plan follows from it alone.
alter table run_texts add column vars text not null default '';
