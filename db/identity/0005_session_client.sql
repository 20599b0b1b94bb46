-- What the browser calls itself, for whoever looks where they are signed in.
alter table sessions add column client text not null default '';
