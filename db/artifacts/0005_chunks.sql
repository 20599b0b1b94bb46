-- The bytes of a cache are stored as chunks, of which a project keeps each once, whichever of its caches have it. An upload holds a chunk once,
-- however often it occurs in it; a chunk that no upload holds is removed with its blob.
create table cache_chunks (
    blob text not null primary key,
    project text not null,
    sum text not null,             -- SHA-256 of its bytes, hex; once its blob was found damaged, the blob's key
    bytes bigint not null,
    frames bytea not null,         -- as upload_parts has them
    holders bigint not null,       -- uploads that have it
    saved bigint not null          -- of these, those of caches that can be found
) /*strict*/;
create unique index cache_chunks_sum on cache_chunks (project, sum);

create table upload_chunks (
    upload text not null,
    blob text not null,
    primary key (upload, blob)
) /*strict, without rowid*/;

-- A piece of a block is one chunk or several.
alter table upload_pieces rename to upload_pieces_before;
create table upload_pieces (
    upload text not null,
    block text not null,           -- its name in the list
    take text not null,            -- the request that brought it
    piece bigint not null,         -- from 0
    chunk bigint not null default 0, -- of the piece, from 0
    bytes bigint not null,
    blob text not null,            -- its key
    frames bytea not null,         -- as upload_parts has them
    primary key (upload, block, take, piece, chunk)
) /*strict, without rowid*/;
insert into upload_pieces (upload, block, take, piece, bytes, blob, frames)
    select upload, block, take, piece, bytes, blob, frames from upload_pieces_before;
drop table upload_pieces_before;

alter table caches add column chunks bigint not null default 0; -- that it refers to; 0: its bytes are its own
alter table caches add column own bigint not null default 0;    -- bytes that it shares with none
update caches set own = size where complete = 1;
