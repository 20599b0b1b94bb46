-- Which commit a tag or branch of an action was at its first use in a project (docs/actions.md).
create table action_pins (
    project_id text not null,
    reference text not null,        -- owner/repo@ref, owner and repository in lower case
    locked_to text not null,        -- A commit
    moved_to text not null default '',
    job_id text not null,           -- That used it first; '' where somebody accepted the commit
    locked_at bigint not null,
    moved_at bigint not null default 0,
    primary key (project_id, reference)
) /*strict, without rowid*/;
