-- Forges, the repositories of projects there, what their webhooks delivered, and how far each ref has been dealt with.

create table forges (
    id text primary key,
    name text not null unique,
    kind text not null,           -- github, gitlab, gitea, git
    url text not null,            -- where people and git go; without a slash at its end
    api_url text not null,        -- where calls go; '' for a forge without an API
    credential bytea not null,    -- sealed; of 0 bytes: none
    key_name text not null,       -- the key of the key file that sealed it
    private_networks bigint not null, -- 1: it may be on loopback and private addresses
    created_at bigint not null,
    created_by text not null
) /*strict*/;

create table forge_projects (
    project_id text primary key,  -- the scheduler's
    project text not null,        -- its name
    forge_id text not null,
    repository text not null,     -- its id at the forge, which a rename does not change
    full_name text not null,      -- owner/repo, as it was last seen
    url text not null,            -- what git fetches
    default_branch text not null,
    visibility text not null,     -- public, private, internal; '' where it is not known
    hook text not null unique,    -- the opaque id in the webhook's address
    secret bytea not null,        -- that signs deliveries, sealed
    key_name text not null,
    forge_hook text not null,     -- the webhook's id at the forge; '' while it has none
    state text not null,          -- connecting, active, failed, none (it has no webhooks)
    state_reason text not null,
    check_at bigint not null,     -- when the webhook is looked at next
    checked_at bigint not null,
    failures bigint not null,     -- of checks, in a row
    forks text not null,          -- whose pull requests run: never, approved, known, all
    poll_seconds bigint not null, -- how often its refs are compared; 0: never
    poll_at bigint not null,
    polled_at bigint not null,
    poll_reason text not null,    -- why the last comparison failed; '' where it did not
    pulls_seen bigint not null,   -- the largest number of a pull request at that time
    created_at bigint not null
) /*strict*/;
create index forge_projects_of_forge on forge_projects (forge_id, repository);
create index forge_projects_check on forge_projects (check_at);
create index forge_projects_poll on forge_projects (poll_at) where poll_seconds > 0;

create table forge_deliveries (
    id text primary key,
    project_id text not null,
    delivery text not null,       -- as the forge names it, or what we found by comparing
    lane text not null,           -- what is worked off in order: a ref, a pull request; '' for what needs no order
    event text not null,          -- as a workflow's `on` names it; '' where none does
    action text not null,
    ref text not null,
    sha text not null,
    before text not null,
    actor text not null,
    author text not null,         -- of the pull request: the id at the forge
    pull bigint not null,         -- number of the pull request; 0: of none
    head_moved bigint not null,   -- 1: it may bring a head that did not run yet
    untrusted bigint not null,    -- 1: the code is of a fork, or of whoever may only read
    state text not null,          -- received, approval, done, ignored, failed
    reason text not null,
    runs text not null,           -- ids, one a line
    payload text not null,        -- as GitHub would have sent it
    body bytea not null,          -- as the forge sent it, packed; of 0 bytes: nobody sent it
    body_size bigint not null,
    approved_by text not null,
    received_at bigint not null,
    due_at bigint not null,       -- when it is worked off next
    attempts bigint not null,
    again bigint not null,        -- how often somebody had it worked off once more
    done_at bigint not null,
    unique (project_id, delivery)
) /*strict*/;
create index forge_deliveries_due on forge_deliveries (due_at) where state = 'received';
create index forge_deliveries_lane on forge_deliveries (project_id, lane, id) where state = 'received';
create index forge_deliveries_old on forge_deliveries (received_at);
create index forge_deliveries_pull on forge_deliveries (project_id, pull, id) where pull > 0;

create table forge_refs (
    project_id text not null,
    ref text not null,
    sha text not null,            -- the newest head that was dealt with
    seen_at bigint not null,
    primary key (project_id, ref)
) /*strict, without rowid*/;
