-- Requests that may be done once only and were done, for a day: who asks again hears the same answer. Keys hold the message's number,
-- so services that share a database share this table and never meet in it.
create table requests (
    key text primary key,    -- hash of message, caller and the name that the caller gave to the request
    asked bigint not null,   -- hash of what was asked
    done_at bigint not null,
    kept bigint not null,    -- the answer is here: it was not too large and holds no secret
    answer bytea not null
) /*strict, without rowid*/;

create index requests_by_age on requests (done_at);
