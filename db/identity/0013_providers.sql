-- OpenID providers by which people sign in, as administrators configured them.
create table providers (
    id text not null primary key,
    name text not null unique,
    label text not null,           -- on the button of the page of signing in
    issuer text not null unique,   -- `iss` of its tokens; identities are of an issuer
    client_id text not null,
    sealed bytea not null,         -- the client secret: nonce and ciphertext; empty for a public client
    key_name text not null,        -- the key of the key file that encrypted it; '' without a secret
    scopes text not null,
    groups_claim text not null,    -- '' where groups are not read
    mapped text not null,          -- "theirs=ours", one a line
    makes_accounts bigint not null, -- 1: somebody unknown gets an account
    role text not null,            -- what that may everywhere
    private_networks bigint not null, -- 1: it may be on loopback and private addresses
    created bigint not null,
    created_by text not null
) /*strict, without rowid*/;

-- Whom a provider knows by which subject. The row of a user who was removed stays: they are not somebody new.
create table linked_identities (
    id text not null primary key,
    issuer text not null,
    subject text not null,
    user_id text not null,
    name text not null,            -- what the provider called them last
    created bigint not null,
    signed_in bigint not null,     -- when it last signed somebody in; 0 for never
    unique (issuer, subject)
) /*strict, without rowid*/;
create index linked_identities_of_user on linked_identities (user_id);

-- Sign-ins under way: from the button to the answer of the provider, in one browser.
create table sign_in_flows (
    state text not null primary key, -- secret_hash of `state`
    browser text not null,         -- secret_hash of the cookie of the browser that began it
    provider text not null,
    nonce text not null,
    verifier text not null,        -- of PKCE
    path text not null,            -- the page to go to
    user_id text not null,         -- who links an identity; '' for signing in
    taken bigint not null,         -- 1: its answer has come, and no second one counts
    expires bigint not null
) /*strict, without rowid*/;
create index sign_in_flows_expiry on sign_in_flows (expires);

-- Members whom a provider puts into groups, beside those whom administrators do.
create table provided_members (
    provider text not null,
    group_name text not null,
    subject text not null,
    primary key (subject, group_name, provider)
) /*strict, without rowid*/;
create index provided_members_of_group on provided_members (group_name, subject);
create index provided_members_of on provided_members (provider, group_name);
