-- Why the jobs of an agent do not run in a sandbox, in its own words. Empty: they do, or it does not say.
alter table agents add column not_isolated text not null default '';
