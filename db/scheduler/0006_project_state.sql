-- A project is registered at once; its repository is looked at afterwards, and again while it cannot be read.
alter table projects add column state text not null default 'ready'; -- ready, cloning, failed
alter table projects add column state_reason text not null default '';
-- 1: an administrator registered it. What was there before may go on as it did.
alter table projects add column trusted bigint not null default 1;
alter table projects add column failures bigint not null default 0; -- In a row
alter table projects add column sync_at bigint not null default 0;  -- When its repository is looked at; 0: not by itself
create index projects_sync on projects (sync_at) where sync_at > 0;
