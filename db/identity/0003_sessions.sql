-- A browser that has signed in: its cookie, known only by its hash. It may what the token may that opened it, and ends with it.
create table sessions (
    hash text not null primary key, -- secret_hash of the cookie's value
    token text not null,            -- id of the token that opened it; '' for a session opened by a one-time link
    role text not null,             -- a name of ROLES
    subject text not null,
    created bigint not null,
    seen bigint not null,           -- its last use, to within some minutes
    expires bigint not null         -- never later, however much it is used
) /*strict, without rowid*/;
create index sessions_expiry on sessions (expires);
create index sessions_of_token on sessions (token) where token <> '';
create index sessions_of_subject on sessions (subject);

-- Links that sign a browser in, once.
create table sign_in_codes (
    hash text not null primary key, -- secret_hash of the code
    role text not null,
    subject text not null,
    expires bigint not null
) /*strict, without rowid*/;
create index sign_in_codes_expiry on sign_in_codes (expires);
create index sign_in_codes_of_subject on sign_in_codes (subject);
