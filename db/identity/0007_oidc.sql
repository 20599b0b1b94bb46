-- The keys that sign the identities of jobs. What verifies them is bound to the sealed key: neither is of use without the other.
create table oidc_keys (
    id text primary key,          -- kid
    modulus text not null,        -- public, base64url
    exponent text not null,
    sealed bytea not null,        -- the private key: nonce and ciphertext
    key_name text not null,       -- the key of the key file that encrypted it
    created_at bigint not null,
    signs_at bigint not null      -- it signs from then until the next one does
) /*strict*/;
