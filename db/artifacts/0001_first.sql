create table artifacts (
    id text not null primary key,
    run text not null,
    job text not null,
    attempt bigint not null,
    name text not null,
    size bigint not null,          -- bytes of all files
    files bigint not null,         -- how many
    manifest bytea not null,       -- the packed list of files
    manifest_raw bigint not null,  -- its bytes before packing
    manifest_sum text not null,    -- SHA-256 of them
    part_size bigint not null,
    parts bigint not null,         -- stored, without a gap
    sha_state bytea not null,      -- SHA-256 of the stored bytes, to be taken up again
    file_state bytea not null,     -- of those of the file in which they end
    wrong text not null,           -- the first file whose checksum differs; '' for none
    sha256 text not null,          -- hex, once complete
    overwrite bigint not null,
    complete bigint not null,
    created_at bigint not null,
    changed_at bigint not null,
    expires_at bigint not null     -- 0: never
) /*strict*/;
create unique index artifacts_name on artifacts (run, name) where complete = 1;
create index artifacts_run on artifacts (run, id);
create index artifacts_job on artifacts (job, id);
create index artifacts_expiry on artifacts (expires_at) where complete = 1 and expires_at > 0;
create index artifacts_upload on artifacts (changed_at) where complete = 0;

create table artifact_parts (
    artifact text not null,
    part bigint not null,
    blob text not null,            -- its key
    frames bytea not null,         -- of each frame: bytes, packed bytes
    primary key (artifact, part)
) /*strict, without rowid*/;

-- Blobs of artifacts that were removed.
create table artifact_garbage (
    blob text not null primary key,
    due_at bigint not null         -- removed then
) /*strict, without rowid*/;
create index artifact_garbage_due on artifact_garbage (due_at);
