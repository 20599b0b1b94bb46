-- What a call hands over as secrets: literals and expressions of the workflow. Shown to agents alone.
alter table calls add column secrets text not null default '{}';   -- An object of strings
alter table jobs add column cancel_minutes bigint not null default 5; -- cancel-timeout-minutes
alter table runs add column debug bigint not null default 0;       -- 1: the latest attempt logs for debugging
