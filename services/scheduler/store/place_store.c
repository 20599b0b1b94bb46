/* place_store.c - see place_store.h. */

#include "services/scheduler/store/place_store.h"

#include "common/base/id.h"

#include <string.h>

static fault_t read_place (fault_t fault, const rows_t *rows, rights_place_t *out)
{
    *out = (rights_place_t){.project = ""};
    if (fault != OK)
        return fault;
    if (rows_count (rows) == 0)
        return NOT_FOUND;
    *out = (rights_place_t){rows_str (rows, 0, 0), strcmp (rows_str (rows, 0, 1), "public") == 0};
    return OK;
}

fault_t place_store_of_project (db_t *db, turn_t *turn, const char *name, rights_place_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault =
        id_is (name, 'p')
            ? db_query (db, turn, "select id, visibility from projects where id = $1", &rows, P_STR (name))
            : db_query (db, turn, "select id, visibility from projects where name = $1 and id <> ''", &rows,
                        P_STR (name));
    return read_place (fault, rows, out);
}

fault_t place_store_of_run (db_t *db, turn_t *turn, const char *run, rights_place_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn,
                              "select p.id, p.visibility from runs r join projects p on p.id = r.project_id"
                              " where r.id = $1",
                              &rows, P_STR (run));
    return read_place (fault, rows, out);
}

fault_t place_store_of_job (db_t *db, turn_t *turn, const char *job, rights_place_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn,
                              "select p.id, p.visibility from jobs j join projects p on p.id = j.project_id"
                              " where j.id = $1",
                              &rows, P_STR (job));
    return read_place (fault, rows, out);
}

fault_t place_store_of_trial (db_t *db, turn_t *turn, const char *trial, rights_place_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn,
                              "select p.id, p.visibility from trials t join projects p on p.id = t.project_id"
                              " where t.id = $1",
                              &rows, P_STR (trial));
    return read_place (fault, rows, out);
}

fault_t place_store_any_public (db_t *db, turn_t *turn, bool *any)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from projects where visibility = 'public' limit 1", &rows));
    *any = rows_count (rows) > 0;
    return OK;
}
