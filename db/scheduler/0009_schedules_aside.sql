-- A schedule during whose event the server ended again and again is set aside until its file changes.
alter table schedules add column ends bigint not null default 0;  -- Of the server, since its event was made last
alter table schedules add column aside bigint not null default 0;
