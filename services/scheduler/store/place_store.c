/* place_store.c - see place_store.h. */

#include "services/scheduler/store/place_store.h"

#include "common/base/id.h"

#include <string.h>

static fault_t find (db_t *db, turn_t *turn, const char *sql, const char *id, rights_place_t *out)
{
    const rows_t *rows;
    *out = (rights_place_t){.project = ""};
    TRY (db_query (db, turn, sql, &rows, P_STR (id)));
    if (rows_count (rows) == 0)
        return NOT_FOUND;
    *out = (rights_place_t){rows_str (rows, 0, 0), strcmp (rows_str (rows, 0, 1), "public") == 0};
    return OK;
}

fault_t place_store_find (db_t *db, turn_t *turn, right_of_t of, const char *name, rights_place_t *out)
{
    static const char *const by_id[] = {
        [RIGHT_PROJECT] = "select id, visibility from projects where id = $1",
        [RIGHT_RUN] = "select p.id, p.visibility from runs r join projects p on p.id = r.project_id"
                      " where r.id = $1",
        [RIGHT_JOB] = "select p.id, p.visibility from jobs j join projects p on p.id = j.project_id"
                      " where j.id = $1",
        [RIGHT_TRIAL] = "select p.id, p.visibility from trials t join projects p on p.id = t.project_id"
                        " where t.id = $1"};
    bool by_name = of == RIGHT_PROJECT && !id_is (name, 'p');
    const char *sql =
        by_name ? "select id, visibility from projects where name = $1 and id <> ''" : by_id[of];
    return find (db, turn, sql, name, out);
}

fault_t place_store_any_public (db_t *db, turn_t *turn, bool *any)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from projects where visibility = 'public' limit 1", &rows));
    *any = rows_count (rows) > 0;
    return OK;
}
