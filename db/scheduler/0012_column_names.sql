-- Columns are called what the code, the messages and the API call the same thing.
alter table nodes rename column survives to runs_when_cancelled;
alter table waiting rename column place to position;
alter table agents rename column rests_until to backoff_until;
alter table leases rename column heard to received;   -- The agent may have the offer
alter table leases rename column gone to abandoned;   -- The agent is there without the job: the next tick ends the lease
alter table schedules rename column ends to crashes;  -- Of the server, since the schedule's event was made last
alter table schedules rename column aside to suspended;
