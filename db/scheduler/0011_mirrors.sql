-- The mirror of a removed project's repository is still to be removed, unless another project has the same.
alter table removed_projects add column url text not null default '';
alter table removed_projects add column trusted bigint not null default 0;
alter table removed_projects add column due_at bigint not null default 0;
