/* role_store.c - see role_store.h. */

#include "services/identity/role_store.h"

#include <string.h>

static role_row_t read_role (const rows_t *rows, size_t i)
{
    return (role_row_t){.subject = rows_str (rows, i, 0),
                        .project_id = rows_str (rows, i, 1),
                        .role = rows_str (rows, i, 2),
                        .granted_at = rows_i64 (rows, i, 3),
                        .granted_by = rows_str (rows, i, 4),
                        .project = ""};
}

static void read_roles (turn_t *turn, const rows_t *rows, role_row_items_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_role (rows, i);
}

#define SELECT "select subject, project_id, role, granted_at, granted_by from role_grants"

fault_t role_store_of (db_t *db, turn_t *turn, const char *subject, size_t limit, role_row_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   SELECT " where subject = $1 or subject in (select '" GROUP_PREFIX "' || group_name"
                          " from people_group_members where subject = $1 union select '" GROUP_PREFIX
                          "' || group_name"
                          " from provided_members where subject = $1) order by project_id, subject limit $2",
                   &rows, P_STR (subject), P_I64 ((int64_t) limit)));
    read_roles (turn, rows, out);
    return OK;
}

// "PROJECT SUBJECT": an id has no space.
static fault_t read_cursor (turn_t *turn, const char *cursor, const char **subject, const char **project)
{
    const char *space = strchr (cursor, ' ');
    *subject = *project = "";
    if (!*cursor)
        return OK;
    if (!space)
        return turn_fail (turn, INVALID, "cursor: is not the `next` of a page");
    *project = arena_strndup (turn->arena, cursor, (size_t) (space - cursor));
    *subject = space + 1;
    return OK;
}

fault_t role_store_page (db_t *db, turn_t *turn, const role_filter_t *filter, role_page_t *out)
{
    const rows_t *rows;
    const char *subject, *project;
    TRY (read_cursor (turn, filter->cursor, &subject, &project));
    TRY (db_query (db, turn,
                   SELECT " where (subject, project_id) > ($1, $2) and ($3 = '' or subject = $3)"
                          " and ($4 = 0 or project_id = $5) order by subject, project_id limit $6",
                   &rows, P_STR (subject), P_STR (project), P_STR (filter->subject),
                   P_I64 (filter->project != NULL), P_STR (filter->project ? filter->project : ""),
                   P_I64 ((int64_t) filter->limit)));
    read_roles (turn, rows, &out->items);
    const role_row_t *last = out->items.count ? &out->items.items[out->items.count - 1] : NULL;
    bool more = out->items.count == filter->limit && last;
    out->next = more ? arena_printf (turn->arena, "%s %s", last->project_id, last->subject) : "";
    return OK;
}

fault_t role_store_count (db_t *db, turn_t *turn, const char *subject, const char *project,
                          int64_t *of_subject, int64_t *of_project)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select (select count (*) from role_grants where subject = $1 and project_id <> $2),"
                   " (select count (*) from role_grants where project_id = $2 and subject <> $1)",
                   &rows, P_STR (subject), P_STR (project)));
    *of_subject = rows_i64 (rows, 0, 0);
    *of_project = rows_i64 (rows, 0, 1);
    return OK;
}

fault_t role_store_put (db_t *db, turn_t *turn, const role_row_t *row)
{
    return db_exec (db, turn,
                    "insert into role_grants (subject, project_id, role, granted_at, granted_by)"
                    " values ($1, $2, $3, $4, $5) on conflict (subject, project_id) do update set"
                    " role = excluded.role, granted_at = excluded.granted_at,"
                    " granted_by = excluded.granted_by",
                    P_STR (row->subject), P_STR (row->project_id), P_STR (row->role), P_I64 (row->granted_at),
                    P_STR (row->granted_by));
}

fault_t role_store_remove (db_t *db, turn_t *turn, const char *subject, const char *project, int64_t *removed)
{
    return db_change (db, turn, "delete from role_grants where subject = $1 and project_id = $2", removed,
                      P_STR (subject), P_STR (project));
}

fault_t role_store_remove_project (db_t *db, turn_t *turn, const char *project)
{
    return db_exec (db, turn, "delete from role_grants where project_id = $1 and project_id <> ''",
                    P_STR (project));
}

// ---- groups ----

fault_t role_store_group_is (db_t *db, turn_t *turn, const char *name, bool *is)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from people_groups where name = $1", &rows, P_STR (name)));
    *is = rows_count (rows) > 0;
    return OK;
}

fault_t role_store_group_count (db_t *db, turn_t *turn, int64_t *count)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select count (*) from people_groups", &rows));
    *count = rows_i64 (rows, 0, 0);
    return OK;
}

static void read_texts (turn_t *turn, const rows_t *rows, strs_t *out)
{
    *out = (strs_t){arena_array (turn->arena, rows_count (rows) + 1, sizeof (char *)), rows_count (rows)};
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = rows_str (rows, i, 0);
}

static fault_t read_members (db_t *db, turn_t *turn, people_group_t *group)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select subject from people_group_members where group_name = $1 order by subject limit $2",
                   &rows, P_STR (group->name), P_I64 (MAX_GROUP_MEMBERS)));
    read_texts (turn, rows, &group->members);
    TRY (db_query (
        db, turn,
        "select distinct subject from provided_members where group_name = $1 order by subject limit $2",
        &rows, P_STR (group->name), P_I64 (MAX_GROUP_MEMBERS)));
    read_texts (turn, rows, &group->provided);
    return OK;
}

fault_t role_store_groups (db_t *db, turn_t *turn, const char *after, size_t limit, people_group_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select name, updated_at, updated_by from people_groups where name > $1"
                   " order by name limit $2",
                   &rows, P_STR (after), P_I64 ((int64_t) limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        out->items[i] = (people_group_t){.name = rows_str (rows, i, 0),
                                         .updated_at = rows_i64 (rows, i, 1),
                                         .updated_by = rows_str (rows, i, 2)};
        TRY (read_members (db, turn, &out->items[i]));
    }
    return OK;
}

static fault_t remove_group (db_t *db, turn_t *turn, const char *name)
{
    TRY (db_exec (db, turn, "delete from people_groups where name = $1", P_STR (name)));
    TRY (db_exec (db, turn, "delete from provided_members where group_name = $1", P_STR (name)));
    return db_exec (db, turn, "delete from role_grants where subject = '" GROUP_PREFIX "' || $1",
                    P_STR (name));
}

fault_t role_store_put_group (db_t *db, turn_t *turn, const people_group_t *group)
{
    TRY (db_exec (db, turn, "delete from people_group_members where group_name = $1", P_STR (group->name)));
    if (group->members.count == 0)
        return remove_group (db, turn, group->name);
    TRY (db_exec (db, turn,
                  "insert into people_groups (name, updated_at, updated_by) values ($1, $2, $3)"
                  " on conflict (name) do update set updated_at = excluded.updated_at,"
                  " updated_by = excluded.updated_by",
                  P_STR (group->name), P_I64 (group->updated_at), P_STR (group->updated_by)));
    for (size_t i = 0; i < group->members.count; i++)
        TRY (db_exec (db, turn,
                      "insert into people_group_members (group_name, subject) values ($1, $2)"
                      " on conflict (subject, group_name) do nothing",
                      P_STR (group->name), P_STR (group->members.items[i])));
    return OK;
}

fault_t role_store_make_group (db_t *db, turn_t *turn, const people_group_t *group)
{
    return db_exec (db, turn,
                    "insert into people_groups (name, updated_at, updated_by) values ($1, $2, $3)"
                    " on conflict (name) do nothing",
                    P_STR (group->name), P_I64 (group->updated_at), P_STR (group->updated_by));
}

// ---- of providers ----

static fault_t drop (db_t *db, turn_t *turn, const char *provider, const char *subject, const char *group)
{
    return db_exec (
        db, turn,
        "delete from provided_members where ($1 = '' or provider = $1) and ($2 = '' or subject = $2)"
        " and ($3 = '' or group_name = $3)",
        P_STR (provider), P_STR (subject), P_STR (group));
}

fault_t role_store_unprovide (db_t *db, turn_t *turn, const char *provider, const char *subject)
{
    return drop (db, turn, provider, subject, "");
}

static fault_t provided_groups (db_t *db, turn_t *turn, const char *provider, const char *subject,
                                strs_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select distinct group_name from provided_members where provider = $1"
                   " and ($2 = '' or subject = $2)",
                   &rows, P_STR (provider), P_STR (subject)));
    read_texts (turn, rows, out);
    return OK;
}

static bool is_among (const strs_t *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp (list->items[i], text) == 0)
            return true;
    return false;
}

fault_t role_store_unprovide_others (db_t *db, turn_t *turn, const char *provider, const strs_t *groups)
{
    strs_t there;
    TRY (provided_groups (db, turn, provider, "", &there));
    for (size_t i = 0; i < there.count; i++)
        if (!is_among (groups, there.items[i]))
            TRY (drop (db, turn, provider, "", there.items[i]));
    return OK;
}

fault_t role_store_provide (db_t *db, turn_t *turn, const char *provider, const char *subject,
                            const strs_t *groups, bool *changed)
{
    strs_t there;
    int64_t added = 0;
    *changed = false;
    TRY (provided_groups (db, turn, provider, subject, &there));
    for (size_t i = 0; i < there.count; i++)
        if (!is_among (groups, there.items[i])) {
            TRY (drop (db, turn, provider, subject, there.items[i]));
            *changed = true;
        }
    for (size_t i = 0; i < groups->count; i++) {
        TRY (db_change (db, turn,
                        "insert into provided_members (provider, group_name, subject)"
                        " select $1, name, $2 from people_groups where name = $3"
                        " on conflict (subject, group_name, provider) do nothing",
                        &added, P_STR (provider), P_STR (subject), P_STR (groups->items[i])));
        *changed = *changed || added > 0;
    }
    return OK;
}

fault_t role_store_names (db_t *db, turn_t *turn, const char *subject, bool *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select 1 from role_grants where lower(subject) = lower($1) union all"
                   " select 1 from people_group_members where lower(subject) = lower($1) limit 1",
                   &rows, P_STR (subject)));
    *out = rows_count (rows) > 0;
    return OK;
}
