-- Who may see a project without a role in it: nobody, or everybody.
alter table projects add column visibility text not null default 'private'; -- private, public
create index projects_public on projects (id) where visibility = 'public';
