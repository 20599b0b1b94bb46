-- An upload is bytes that arrive in parts; an artifact is one that a job published under a name. The list of files, which may have
-- megabytes, is in a table of its own: it is written once, while the upload's row changes with every part.
drop index artifacts_name;
drop index artifacts_run;
drop index artifacts_job;
drop index artifacts_expiry;
drop index artifacts_upload;
alter table artifacts rename to artifacts_before;

create table uploads (
    id text not null primary key,
    size bigint not null,          -- bytes of all files
    part_size bigint not null,
    parts bigint not null,         -- stored, without a gap
    changed_at bigint not null,
    sha256 text not null,          -- hex, once sealed; '' before
    wrong text not null,           -- the first file whose checksum differs; '' for none
    manifest_sum text not null,    -- SHA-256 of the list of files
    sha_state bytea not null,      -- SHA-256 of the stored bytes, to be taken up again
    file_state bytea not null      -- of those of the file in which they end
) /*strict, without rowid*/;

create table upload_manifests (
    upload text not null primary key,
    files bigint not null,         -- how many
    raw bigint not null,           -- bytes of the list before packing
    data bytea not null            -- the packed list
) /*strict*/;

create table upload_parts (
    upload text not null,
    part bigint not null,
    blob text not null,            -- its key
    frames bytea not null,         -- of each frame: bytes, packed bytes
    primary key (upload, part)
) /*strict, without rowid*/;

-- Blobs that no row refers to: keys that may have been written but were not committed with a part, and blobs of what was removed.
create table upload_garbage (
    blob text not null primary key,
    due_at bigint not null         -- removed then
) /*strict, without rowid*/;

create table artifacts (
    id text not null primary key,
    run text not null,
    project text not null,         -- '' where it was not recorded
    job text not null,
    attempt bigint not null,
    name text not null,
    upload text not null,
    overwrite bigint not null,
    complete bigint not null,      -- 1: published
    created_at bigint not null,
    expires_at bigint not null     -- 0: never
) /*strict, without rowid*/;

insert into uploads (id, size, part_size, parts, changed_at, sha256, wrong, manifest_sum, sha_state, file_state)
    select id, size, part_size, parts, changed_at, sha256, wrong, manifest_sum, sha_state, file_state from artifacts_before;
insert into upload_manifests (upload, files, raw, data) select id, files, manifest_raw, manifest from artifacts_before;
insert into upload_parts (upload, part, blob, frames) select artifact, part, blob, frames from artifact_parts;
insert into upload_garbage (blob, due_at) select blob, due_at from artifact_garbage;
-- The part after the last may have been written without being recorded.
insert into upload_garbage (blob, due_at)
    select 'artifacts/' || id || '/' || parts, changed_at + 86400000000 from artifacts_before where complete = 0
    on conflict (blob) do nothing;
insert into artifacts (id, run, project, job, attempt, name, upload, overwrite, complete, created_at, expires_at)
    select id, run, '', job, attempt, name, id, overwrite, complete, created_at, expires_at from artifacts_before;

drop table artifacts_before;
drop table artifact_parts;
drop table artifact_garbage;

create index upload_garbage_due on upload_garbage (due_at);
create unique index artifacts_name on artifacts (run, name) where complete = 1;
create index artifacts_run on artifacts (run, id);
create index artifacts_job on artifacts (job, id);
create index artifacts_project on artifacts (project);
create index artifacts_expiry on artifacts (expires_at) where expires_at > 0;
create index artifacts_open on artifacts (id) where complete = 0;
