-- Who has which role where, by whom it was given; subjects are of people, or group:NAME.
create table role_grants (
    subject text not null,
    project_id text not null,     -- '' for all projects
    role text not null,           -- VIEWER, DEVELOPER, MAINTAINER; for all projects also ADMIN
    granted_at bigint not null,
    granted_by text not null,
    primary key (subject, project_id)
) /*strict*/;
create index role_grants_of_project on role_grants (project_id, subject);

create table people_groups (
    name text primary key,
    updated_at bigint not null,
    updated_by text not null
) /*strict*/;
create table people_group_members (
    group_name text not null,
    subject text not null,
    primary key (subject, group_name)
) /*strict*/;
create index people_group_members_of on people_group_members (group_name, subject);
