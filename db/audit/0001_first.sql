-- What people changed, recorded with the change and not yet kept by identity. Each service has one; services that share a database share this
-- table and never meet in it.
create table audit_outbox (
    id text not null primary key, -- of the entry
    service text not null,
    at bigint not null,
    entry text not null           -- JSON, as messages have it
) /*strict, without rowid*/;
create index audit_outbox_of_service on audit_outbox (service, at, id);
