-- An attempt begins an upload under a name once: of two requests at the same time one makes the row, and the other finds it. What was begun twice before
-- is given up, but for the latest.
update artifacts set name = name || '#' || id, expires_at = 1
    where complete = 0 and exists (select 1 from artifacts n where n.job = artifacts.job and n.attempt = artifacts.attempt
        and n.name = artifacts.name and n.complete = 0 and n.id > artifacts.id);
create unique index artifacts_begun on artifacts (job, attempt, name) where complete = 0;
