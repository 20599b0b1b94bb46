/* project_store.c - see project_store.h. */

#include "services/scheduler/store/project_store.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/url.h"
#include "services/scheduler/store/place_store.h"

#define COLUMNS                                                                \
    "id, name, url, default_branch, runs, created_at, running, schedules_sha," \
    " state, state_reason, trusted, failures, sync_at, visibility"

static void read_project (turn_t *turn, const rows_t *rows, size_t row, project_row_t *out)
{
    *out = (project_row_t){
        .project =
            {
                .id = rows_str (rows, row, 0),
                .name = rows_str (rows, row, 1),
                .url = url_redact (turn->arena, rows_str (rows, row, 2)),
                .default_branch = rows_str (rows, row, 3),
                .runs = rows_i64 (rows, row, 4),
                .created_at = rows_i64 (rows, row, 5),
                .state_reason = rows_str (rows, row, 9),
                .trusted = rows_i64 (rows, row, 10) != 0,
                .visibility = rows_str (rows, row, 13),
            },
        .running = rows_i64 (rows, row, 6),
        .schedules_sha = rows_str (rows, row, 7),
        .failures = rows_i64 (rows, row, 11),
        .sync_at = rows_i64 (rows, row, 12),
    };
    if (!state_from_name (&states_project, rows_str (rows, row, 8), &out->project.state))
        out->project.state = STATE_UNKNOWN;
}

fault_t project_store_find (db_t *db, turn_t *turn, const char *name, project_row_t *out)
{
    const rows_t *rows;
    TRY (id_is (name, 'p')
             ? db_query (db, turn, "select " COLUMNS " from projects where id = $1", &rows, P_STR (name))
             : db_query (db, turn, "select " COLUMNS " from projects where name = $1 and id <> ''", &rows,
                         P_STR (name)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no project %s", name);
    read_project (turn, rows, 0, out);
    return OK;
}

fault_t project_store_home_later (db_t *db, turn_t *turn, const rows_t **rows)
{
    return db_query_later (db, turn, "select " COLUMNS " from projects where id = ''", rows);
}

fault_t project_store_read_home (turn_t *turn, const rows_t *rows, project_row_t *out)
{
    if (rows_count (rows) == 0)
        return turn_fail (turn, BROKEN, "the home of jobs of no project is missing");
    read_project (turn, rows, 0, out);
    return OK;
}

fault_t project_store_add (db_t *db, turn_t *turn, const project_row_t *row)
{
    const project_t *project = &row->project;
    return db_exec (
        db, turn,
        "insert into projects (id, name, url, default_branch, created_at, state, state_reason, trusted, sync_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        P_STR (project->id), P_STR (project->name), P_STR (project->url), P_STR (project->default_branch),
        P_I64 (project->created_at), P_STR (state_name (&states_project, project->state)),
        P_STR (project->state_reason), P_I64 (project->trusted), P_I64 (row->sync_at));
}

fault_t project_store_set_state (db_t *db, turn_t *turn, const project_row_t *row)
{
    return db_exec (
        db, turn,
        "update projects set state = $2, state_reason = $3, failures = $4, sync_at = $5 where id = $1",
        P_STR (row->project.id), P_STR (state_name (&states_project, row->project.state)),
        P_STR (row->project.state_reason), P_I64 (row->failures), P_I64 (row->sync_at));
}

fault_t project_store_due (db_t *db, turn_t *turn, strs_t *ids)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id from projects where sync_at > 0 and sync_at <= $1 order by sync_at limit $2",
                   &rows, P_I64 (turn->now_us), P_I64 (SYNCS_AT_ONCE)));
    ids->count = rows_count (rows);
    ids->items = arena_array (turn->arena, ids->count + 1, sizeof (char *));
    for (size_t i = 0; i < ids->count; i++)
        ids->items[i] = rows_str (rows, i, 0);
    return OK;
}

fault_t project_store_asked (db_t *db, turn_t *turn, const char *id, int64_t again_at)
{
    return db_exec (db, turn, "update projects set sync_at = $2 where id = $1 and sync_at > 0", P_STR (id),
                    P_I64 (again_at));
}

static void read_projects (turn_t *turn, const rows_t *rows, project_items_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        project_row_t row;
        read_project (turn, rows, i, &row);
        out->items[i] = row.project;
    }
}

fault_t project_store_page (db_t *db, turn_t *turn, const char *scope, const char *after, size_t limit,
                            project_items_t *out)
{
    const rows_t *rows;
    fault_t fault = !scope ? db_query (db, turn,
                                       "select " COLUMNS " from projects where name > $1 and id <> ''"
                                       " order by name limit $2",
                                       &rows, P_STR (after), P_I64 ((int64_t) limit))
                           : db_query (db, turn,
                                       "select " COLUMNS " from projects p where name > $1 and id <> ''"
                                       " and " VISIBLE ("p", "$3") " order by name limit $2",
                                       &rows, P_STR (after), P_I64 ((int64_t) limit), P_STR (scope));
    if (!fault)
        read_projects (turn, rows, out);
    return fault;
}

fault_t project_store_like (db_t *db, turn_t *turn, const char *text, project_items_t *out)
{
    const rows_t *rows;
    fault_t fault =
        db_query (db, turn,
                  "select " COLUMNS " from projects where id <> ''"
                  " and replace (lower (url), lower ($1), '') <> lower (url) order by name limit $2",
                  &rows, P_STR (text), P_I64 (LIKE_MAX));
    if (!fault)
        read_projects (turn, rows, out);
    return fault;
}

// An address may end in .git and in slashes: whether its last part is the name, the caller sees.
fault_t project_store_named (db_t *db, turn_t *turn, const char *name, int64_t until, project_items_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "select " COLUMNS " from projects where id <> '' and created_at <= $2"
                              " and (lower (name) = lower ($1)"
                              " or replace (lower (url), '/' || lower ($1), '') <> lower (url)"
                              " or replace (lower (url), ':' || lower ($1), '') <> lower (url))"
                              " order by created_at limit $3",
                              &rows, P_STR (name), P_I64 (until), P_I64 (NAMED_MAX));
    if (!fault)
        read_projects (turn, rows, out);
    return fault;
}

static fault_t read_number (db_t *db, turn_t *turn, const char *sql, const char *id, int64_t *number)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn, sql, &rows, P_STR (id));
    if (!fault && rows_count (rows) == 0)
        fault = turn_fail (turn, NOT_FOUND, "the project was removed");
    if (!fault)
        *number = rows_i64 (rows, 0, 0);
    return fault;
}

fault_t project_store_next_number (db_t *db, turn_t *turn, const char *id, int64_t *number)
{
    return read_number (db, turn, "select runs + 1 from projects where id = $1 " DB_FOR_UPDATE, id, number);
}

fault_t project_store_count (db_t *db, turn_t *turn, const char *id, int64_t running, int64_t runs)
{
    return db_exec (db, turn, "update projects set running = running + $2, runs = runs + $3 where id = $1",
                    P_STR (id), P_I64 (running), P_I64 (runs));
}

fault_t project_store_set_visibility (db_t *db, turn_t *turn, const char *id, const char *visibility)
{
    return db_exec (db, turn, "update projects set visibility = $2 where id = $1", P_STR (id),
                    P_STR (visibility));
}

fault_t project_store_set_branch (db_t *db, turn_t *turn, const char *id, const char *branch)
{
    return db_exec (db, turn, "update projects set default_branch = $2 where id = $1", P_STR (id),
                    P_STR (branch));
}

fault_t project_store_set_schedules_sha (db_t *db, turn_t *turn, const char *id, const char *sha)
{
    return db_exec (db, turn, "update projects set schedules_sha = $2 where id = $1", P_STR (id),
                    P_STR (sha));
}

fault_t project_store_remove (db_t *db, turn_t *turn, const char *id)
{
    TRY (db_exec (db, turn,
                  "insert into removed_projects (id, url, trusted) select id, url, trusted from projects"
                  " where id = $1 on conflict (id) do nothing",
                  P_STR (id)));
    return db_exec (db, turn, "delete from projects where id = $1", P_STR (id));
}

fault_t project_store_removed (db_t *db, turn_t *turn, const char *id, removed_project_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id, url, trusted, due_at from removed_projects where $1 = '' or id = $1"
                   " order by due_at, id limit 1",
                   &rows, P_STR (id ? id : "")));
    *out = (removed_project_t){.id = "", .url = ""};
    if (rows_count (rows) > 0)
        *out = (removed_project_t){rows_str (rows, 0, 0), rows_str (rows, 0, 1), rows_i64 (rows, 0, 2) != 0,
                                   rows_i64 (rows, 0, 3)};
    return OK;
}

fault_t project_store_removed_asked (db_t *db, turn_t *turn, const char *id, int64_t again_at)
{
    return db_exec (db, turn, "update removed_projects set due_at = $2 where id = $1", P_STR (id),
                    P_I64 (again_at));
}

fault_t project_store_has_url (db_t *db, turn_t *turn, const char *url, bool trusted, bool *has)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from projects where url = $1 and trusted = $2 limit 1", &rows,
                   P_STR (url), P_I64 (trusted)));
    *has = rows_count (rows) > 0;
    return OK;
}

fault_t project_store_cleared (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from removed_projects where id = $1", P_STR (id));
}

fault_t project_store_active (db_t *db, turn_t *turn, const char *id, bool *active)
{
    const rows_t *rows;
    fault_t fault =
        db_query (db, turn, "select 1 from runs where project_id = $1 and state <> 'finished' limit 1", &rows,
                  P_STR (id));
    if (!fault)
        *active = rows_count (rows) > 0;
    return fault;
}

fault_t project_store_after (db_t *db, turn_t *turn, const char *after, const char **id, int64_t *runs)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id, runs from projects where id > $1 or (id = '' and $2 = 1) order by id limit $3",
                   &rows, P_STR (after ? after : ""), P_I64 (!after), P_I64 (1)));
    *id = rows_count (rows) ? rows_str (rows, 0, 0) : NULL;
    *runs = rows_count (rows) ? rows_i64 (rows, 0, 1) : 0;
    return OK;
}
