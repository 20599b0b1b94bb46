-- Which replica of which service is where, and when it was heard of last.

create table replicas (
    endpoint text not null primary key,
    service text not null,
    seen_at bigint not null
) /*strict*/;
