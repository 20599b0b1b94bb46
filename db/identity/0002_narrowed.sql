-- A registration token can be narrowed: to labels, to a number of agents.
alter table tokens add column labels text not null default '';    -- one a line; '' for any
alter table tokens add column uses bigint not null default 0;     -- how many agents may register with it; 0 for any number
alter table tokens add column used bigint not null default 0;     -- how many have
alter table tokens add column minute bigint not null default 0;   -- the minute of the last one
alter table tokens add column in_minute bigint not null default 0; -- how many in that minute
create index tokens_expiry on tokens (expires) where expires > 0;
create index tokens_admin on tokens (id) where role = 'ADMIN';

-- One row: how many there are, and the lock of whoever adds or removes one.
create table token_counts (
    id bigint not null primary key,
    agents bigint not null,
    others bigint not null
) /*strict*/;
insert into token_counts (id, agents, others) values (1, 0, 0);
