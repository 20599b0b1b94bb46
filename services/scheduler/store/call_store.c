/* call_store.c - see call_store.h. */

#include "services/scheduler/store/call_store.h"

fault_t call_store_add_file (db_t *db, turn_t *turn, const char *run, const char *name, const char *source)
{
    return db_exec (db, turn, "insert into run_files (run_id, name, source) values ($1, $2, $3)", P_STR (run),
                    P_STR (name), P_STR (source));
}

fault_t call_store_file (db_t *db, turn_t *turn, const char *run, const char *name, const char **source)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select source from run_files where run_id = $1 and name = $2", &rows,
                   P_STR (run), P_STR (name)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "the run has no file %s", name);
    *source = rows_str (rows, 0, 0);
    return OK;
}

fault_t call_store_put (db_t *db, turn_t *turn, const run_call_t *call)
{
    return db_exec (db, turn,
                    "insert into calls (job_id, run_id, file, inputs, secrets) values ($1, $2, $3, $4, $5)"
                    " on conflict (job_id) do update set file = excluded.file, inputs = excluded.inputs,"
                    " secrets = excluded.secrets",
                    P_STR (call->job_id), P_STR (call->run_id), P_STR (call->file), P_STR (call->inputs),
                    P_STR (call->secrets));
}

fault_t call_store_find (db_t *db, turn_t *turn, const char *job, run_call_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select c.run_id, c.file, c.inputs, c.secrets, n.definition from calls c"
                   " join jobs j on j.id = c.job_id join nodes n on n.run_id = j.run_id and n.key = j.key"
                   " where c.job_id = $1",
                   &rows, P_STR (job)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "job %s does not call a workflow", job);
    *out = (run_call_t){job,
                        rows_str (rows, 0, 0),
                        rows_str (rows, 0, 1),
                        rows_str (rows, 0, 2),
                        rows_str (rows, 0, 3),
                        rows_str (rows, 0, 4)};
    return OK;
}
