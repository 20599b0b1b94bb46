-- A cache is an upload that a job saves under a key, and that later runs find by that key, or by what it begins with. Its scope is a ref: runs of
-- another one see it only where they are based on this. Keys are bytes, so that both engines compare and search them alike.
create table caches (
    id text not null primary key,
    number bigint not null,        -- the same for GitHub's clients
    project text not null,
    scope text not null,           -- the ref
    key bytea not null,
    version text not null,         -- of its paths and compression
    job text not null,             -- that saves it, in this attempt
    attempt bigint not null,
    upload text not null,
    size bigint not null,          -- bytes, once complete
    complete bigint not null,      -- 1: saved whole; 0: reserved
    gone bigint not null,          -- 1: evicted or removed; its rows go step by step
    saved bigint not null,         -- in which order they became complete; the highest is the newest
    created_at bigint not null,
    used_at bigint not null,
    due_at bigint not null         -- removed then if nobody finds it
) /*strict, without rowid*/;

-- A key is reserved, and then saved, once: this index decides between two that come at the same time.
create unique index caches_entry on caches (project, scope, version, key) where gone = 0;
create unique index caches_number on caches (number);
create index caches_project on caches (project, used_at) where complete = 1 and gone = 0;
create index caches_due on caches (due_at) where complete = 1 and gone = 0;
create index caches_open on caches (project, id) where complete = 0 and gone = 0;
create index caches_gone on caches (id) where gone = 1;

insert into artifact_numbers (name, latest) values ('cache', 0);
