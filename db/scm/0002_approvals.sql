-- Heads of pull requests of forks that somebody approved, as long as their project: deliveries are removed after two weeks, but an author of whom
-- a head was approved stays known, and a head approved.

create table forge_approvals (
    project_id text not null,
    pull bigint not null,         -- number of the pull request
    sha text not null,            -- the head that was looked at
    author text not null,         -- the id at the forge
    approved_by text not null,
    approved_at bigint not null,
    primary key (project_id, pull, sha)
) /*strict, without rowid*/;
create index forge_approvals_of_author on forge_approvals (project_id, author);

insert into forge_approvals (project_id, pull, sha, author, approved_by, approved_at)
select project_id, pull, sha, max (author), max (approved_by), max (received_at) from forge_deliveries
where pull > 0 and approved_by <> '' and state <> 'ignored' group by project_id, pull, sha;

create index forge_deliveries_approval on forge_deliveries (project_id, id) where state = 'approval';
