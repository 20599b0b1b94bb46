-- Tokens of users, agents and registration, known only by their hashes. A job's token is not stored anywhere.
create table tokens (
    id text primary key,
    hash text not null unique, -- secret_hash of the token
    name text not null,        -- what it is for
    role text not null,        -- a name of ROLES
    subject text not null,     -- whose it is; an agent's id
    created bigint not null,
    expires bigint not null    -- 0 for never
) /*strict, without rowid*/;

create index tokens_of_subject on tokens (subject);
