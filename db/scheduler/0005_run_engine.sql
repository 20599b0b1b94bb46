-- The run engine keeps a run in memory between its changes: `version` says whether what it remembers is still so.
alter table runs add column version bigint not null default 0;
alter table runs add column concurrency_cancel bigint not null default 0; -- As the workflow says, for a rerun
alter table runs add column concurrency_all bigint not null default 0;

-- A node's result beside its outcome, which may be wide. An outcome begins with its result.
alter table nodes add column result text not null default 'none';
update nodes set result = 'success' where outcome like '{"result":"success"%';
update nodes set result = 'failure' where outcome like '{"result":"failure"%';
update nodes set result = 'cancelled' where outcome like '{"result":"cancelled"%';
update nodes set result = 'skipped' where outcome like '{"result":"skipped"%';

-- No statement asks by owner.
drop index concurrency_of_owner;
