-- How many bytes the logs of one project have is found by walking this index, newest first. Logs that were sealed before know no project.
alter table logs add column project text not null default '';
create index logs_of_project on logs (project, changed_at, size) where project <> '';
