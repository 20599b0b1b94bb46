-- An upload may arrive in blocks, in any order, as GitHub's toolkit sends it: its blocks are staged, and get their place when the list of
-- them comes. Its parts then have sizes of their own, so each part knows where it starts; part_size is 0.
alter table uploads add column staged bigint not null default 0;   -- bytes of all pieces of blocks
alter table uploads add column blocks bigint not null default 0;   -- names of blocks
alter table uploads add column gathered bigint not null default 0; -- blocks of the list that have their place
alter table uploads add column closed bigint not null default 0;   -- 1: all of them
alter table upload_parts add column start bigint not null default 0; -- its first byte in the upload
update upload_parts set start = part * (select u.part_size from uploads u where u.id = upload_parts.upload);
create index upload_parts_start on upload_parts (upload, start);

create table upload_blocks (
    upload text not null,
    block text not null,           -- its name in the list
    take text not null,            -- the request that brought it
    primary key (upload, block)
) /*strict, without rowid*/;

create table upload_pieces (
    upload text not null,
    block text not null,
    take text not null,
    piece bigint not null,         -- from 0
    bytes bigint not null,
    blob text not null,            -- its key
    frames bytea not null,         -- as upload_parts has them
    primary key (upload, block, take, piece)
) /*strict, without rowid*/;

-- GitHub's clients know an artifact by a number. It gets one when it is published.
alter table artifacts add column number bigint not null default 0;
alter table artifacts add column archive bigint not null default 0; -- 1: a zip of its files
alter table artifacts add column type text not null default '';     -- media type of its bytes
update artifacts set number = n.nth
    from (select id, row_number() over (order by id) as nth from artifacts where complete = 1) n where n.id = artifacts.id;
create unique index artifacts_number on artifacts (number) where number > 0;

create table artifact_numbers (
    name text not null primary key,
    latest bigint not null
) /*strict, without rowid*/;
insert into artifact_numbers (name, latest) select 'artifact', coalesce (max (number), 0) from artifacts;
