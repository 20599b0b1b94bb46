-- The part of a workflow that a run is of, as JSON; '' for all of it.
alter table run_texts add column selection text not null default '';
