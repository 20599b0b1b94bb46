-- People and service accounts. The row of one that was removed stays, without anything about them: its name is not given again.
create table users (
    id text not null primary key,
    name text not null unique,     -- how they sign in, and the subject of what they do; never changes
    display_name text not null,
    email text not null,           -- '' where it is not known
    role text not null,            -- a name of ROLES: what they may everywhere
    service bigint not null,       -- 1: a program, which has tokens and no password
    disabled bigint not null,      -- 1: neither they nor their tokens may anything
    password text not null,        -- Argon2id, as libsodium writes it; '' where there is none
    created bigint not null,
    created_by text not null,      -- the subject of whoever did
    signed_in bigint not null,     -- when they last did; 0 for never
    removed bigint not null        -- when; 0 for not at all
) /*strict, without rowid*/;
create index users_admin on users (id) where role = 'ADMIN';

-- The key of somebody's authenticator (RFC 6238).
create table second_factors (
    user_id text not null primary key,
    sealed bytea not null,         -- nonce and ciphertext
    key_name text not null,        -- the key of the key file that encrypted it
    confirmed bigint not null,     -- 0: a first code was not given yet, and none is asked for
    step bigint not null           -- of the last code that was used: none counts twice
) /*strict, without rowid*/;
create index second_factors_of_key on second_factors (key_name);

create table recovery_codes (
    user_id text not null,
    hash text not null,            -- secret_hash of the code; the row goes when it is used
    primary key (user_id, hash)
) /*strict, without rowid*/;

-- Whose a token, a session, a link is: with the user it ends. '' for those of nobody.
alter table tokens add column user_id text not null default '';
alter table sessions add column user_id text not null default '';
alter table sign_in_codes add column user_id text not null default '';
create index tokens_of_user on tokens (user_id, id) where user_id <> '';
create index sessions_of_user on sessions (user_id) where user_id <> '';
create index sign_in_codes_of_user on sign_in_codes (user_id) where user_id <> '';
