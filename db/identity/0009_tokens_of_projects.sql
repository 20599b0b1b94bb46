-- A token can be narrowed to projects. Then its role is MEMBER, which an older version does not know and refuses, and what it may in these
-- projects is here.
alter table tokens add column projects text not null default '';     -- their ids, one a line; '' for all
alter table tokens add column project_role text not null default ''; -- '' where it is not narrowed
