/* project_store.c - see project_store.h. */

#include "services/scheduler/project_store.h"

#include "common/id.h"

#define COLUMNS "id, name, url, default_branch, runs, created_at, running, schedules_sha"

static void read_project (const rows_t *rows, size_t row, project_row_t *out)
{
    *out = (project_row_t){
        .project =
            {
                .id = rows_str (rows, row, 0),
                .name = rows_str (rows, row, 1),
                .url = rows_str (rows, row, 2),
                .default_branch = rows_str (rows, row, 3),
                .runs = rows_i64 (rows, row, 4),
                .created_at = rows_i64 (rows, row, 5),
            },
        .running = rows_i64 (rows, row, 6),
        .schedules_sha = rows_str (rows, row, 7),
    };
}

fault_t project_store_find (db_t *db, turn_t *turn, const char *name, project_row_t *out)
{
    const rows_t *rows;
    fault_t fault =
        id_is (name, 'p')
            ? db_query (db, turn, "select " COLUMNS " from projects where id = $1", &rows, P_STR (name))
            : db_query (db, turn, "select " COLUMNS " from projects where name = $1 and id <> ''", &rows,
                        P_STR (name));
    if (fault)
        return fault;
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no project %s", name);
    read_project (rows, 0, out);
    return OK;
}

fault_t project_store_home (db_t *db, turn_t *turn, project_row_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select " COLUMNS " from projects where id = ''", &rows);
    if (!fault && rows_count (rows) == 0)
        fault = turn_fail (turn, BROKEN, "the home of jobs of no project is missing");
    if (!fault)
        read_project (rows, 0, out);
    return fault;
}

fault_t project_store_add (db_t *db, turn_t *turn, const project_t *project)
{
    return db_exec (db, turn,
                    "insert into projects (id, name, url, default_branch, created_at)"
                    " values ($1, $2, $3, $4, $5)",
                    P_STR (project->id), P_STR (project->name), P_STR (project->url),
                    P_STR (project->default_branch), P_I64 (project->created_at));
}

static void read_projects (turn_t *turn, const rows_t *rows, project_items_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        project_row_t row;
        read_project (rows, i, &row);
        out->items[i] = row.project;
    }
}

fault_t project_store_page (db_t *db, turn_t *turn, const char *after, size_t limit, project_items_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "select " COLUMNS " from projects where name > $1 and id <> ''"
                              " order by name limit $2",
                              &rows, P_STR (after), P_I64 ((int64_t) limit));
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

fault_t project_store_next_run (db_t *db, turn_t *turn, const char *id, int64_t *number)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "update projects set runs = runs + 1 where id = $1 returning runs",
                              &rows, P_STR (id));
    if (!fault && rows_count (rows) == 0)
        fault = turn_fail (turn, NOT_FOUND, "the project was removed");
    if (!fault)
        *number = rows_i64 (rows, 0, 0);
    return fault;
}

fault_t project_store_add_running (db_t *db, turn_t *turn, const char *id, int64_t by)
{
    return db_exec (db, turn, "update projects set running = running + $2 where id = $1", P_STR (id),
                    P_I64 (by));
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
    fault_t fault = db_exec (db, turn, "delete from projects where id = $1", P_STR (id));
    if (!fault)
        fault =
            db_exec (db, turn, "insert into removed_projects (id) values ($1) on conflict (id) do nothing",
                     P_STR (id));
    return fault;
}

fault_t project_store_removed (db_t *db, turn_t *turn, const char **id)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select id from removed_projects limit 1", &rows);
    if (!fault)
        *id = rows_count (rows) ? rows_str (rows, 0, 0) : "";
    return fault;
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
