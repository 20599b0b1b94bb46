-- A log is, in the order of its bytes: segments (archived in the blob store), chunks, the tail.
create table logs (
    job text not null,
    attempt bigint not null,
    size bigint not null,          -- bytes
    newlines bigint not null,      -- in all of them
    midline bigint not null,       -- 1: the last byte does not end a line
    step bigint not null,          -- of the last byte
    archived bigint not null,      -- bytes in segments
    loose bigint not null,         -- bytes in chunks
    tail bytea not null,           -- the last bytes, as they are
    sha_state bytea not null,      -- SHA-256 so far, to be taken up again
    sealed bigint not null,
    sha256 text not null,          -- hex, once sealed
    due bigint not null,           -- 1: there is something to archive
    created_at bigint not null,
    changed_at bigint not null,
    primary key (job, attempt)
) /*strict*/;
create index logs_due on logs (changed_at) where due = 1;
create index logs_changed on logs (changed_at);

-- One packed frame of at most 256 KiB.
create table log_chunks (
    job text not null,
    attempt bigint not null,
    start bigint not null,         -- its first byte
    before bigint not null,        -- newlines before it
    raw bigint not null,           -- bytes
    newlines bigint not null,
    data bytea not null,
    primary key (job, attempt, start)
) /*strict*/;

-- A blob of packed frames; `frames` says for each: bytes, packed bytes, newlines.
create table log_segments (
    job text not null,
    attempt bigint not null,
    start bigint not null,
    before bigint not null,
    raw bigint not null,
    newlines bigint not null,
    blob text not null,            -- its key
    frames bytea not null,
    created_at bigint not null,
    primary key (job, attempt, start)
) /*strict, without rowid*/;

create table log_steps (
    job text not null,
    attempt bigint not null,
    step bigint not null,
    start bigint not null,         -- its first byte
    before bigint not null,        -- newlines before it
    midline bigint not null,       -- 1: it begins within a line
    at bigint not null,
    primary key (job, attempt, step)
) /*strict, without rowid*/;

-- Blobs that no row speaks of: written but not yet noted, or of a log that was removed.
create table log_garbage (
    blob text not null primary key,
    due_at bigint not null         -- removed then
) /*strict, without rowid*/;
create index log_garbage_due on log_garbage (due_at);
