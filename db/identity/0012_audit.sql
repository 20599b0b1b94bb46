-- What people did, in the order in which it was kept. Rows are added, and removed only once they are older than audit_retention_days.
create table audit (
    number bigint not null primary key, -- given under the lock of audit_counter, so that they are committed in order
    id text not null unique,
    at bigint not null,
    actor text not null,
    role text not null,
    credential text not null,
    action text not null,
    object text not null,
    project text not null,
    detail text not null,
    result text not null,
    address text not null,
    forwarded_for text not null,
    client text not null,
    request_id text not null
) /*strict*/;
create index audit_by_time on audit (at, number);
create index audit_of_actor on audit (actor, at, number);
create index audit_of_object on audit (object, at, number);
create index audit_of_project on audit (project, at, number) where project <> '';

-- One row: the last number that was given, and how far the log has been sent to syslog, which one replica does at a time.
create table audit_counter (
    id bigint not null primary key,
    last bigint not null,
    sent bigint not null,
    sending_until bigint not null
) /*strict*/;
insert into audit_counter (id, last, sent, sending_until) values (1, 0, 0, 0);
