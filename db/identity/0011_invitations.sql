-- One-time links by which somebody chooses a password: of a new user, or of one who has lost theirs.
create table invitations (
    id text not null primary key,
    hash text not null unique,     -- secret_hash of the code in its address
    user_id text not null,         -- who chooses a new password; '' for somebody new
    name text not null,            -- of somebody new: chosen by whoever invites; '' where they choose it
    role text not null,            -- likewise: what they will be
    email text not null,
    drop_factor bigint not null,   -- 1: the authenticator and the recovery codes end with it
    created bigint not null,
    created_by text not null,
    expires bigint not null
) /*strict, without rowid*/;
create index invitations_expiry on invitations (expires);
create index invitations_of_user on invitations (user_id) where user_id <> '';
