-- GitHub's tools know a run by a whole number, github.run_id: a hash of its id, so that no counter is shared. Older runs have none.
alter table runs add column number_id bigint not null default 0;
create index runs_number_id on runs (number_id) where number_id > 0;
