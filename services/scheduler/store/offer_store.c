/* offer_store.c - see offer_store.h. */

#include "services/scheduler/store/offer_store.h"

fault_t offer_store_read_later (db_t *db, turn_t *turn, const char *job, const rows_t **rows)
{
    return db_query_later (
        db, turn,
        "select n.definition, n.needs_context, t.github, coalesce (c.inputs, t.inputs), r.attempt, r.ref, r.sha,"
        " p.name, p.url, coalesce (c.secrets, '{}'), r.debug from jobs j join nodes n on n.run_id = j.run_id and n.key = j.key"
        " join runs r on r.id = n.run_id join run_texts t on t.run_id = r.id"
        " join projects p on p.id = r.project_id left join calls c on c.job_id = n.called_by"
        " where j.id = $1",
        rows, P_STR (job));
}

fault_t offer_store_found (turn_t *turn, const rows_t *rows, const char *job, offer_parts_t *out)
{
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "the run of job %s was removed", job);
    *out = (offer_parts_t){
        .definition = rows_str (rows, 0, 0),
        .needs = rows_str (rows, 0, 1),
        .github = rows_str (rows, 0, 2),
        .inputs = rows_str (rows, 0, 3),
        .run_attempt = (uint32_t) rows_i64 (rows, 0, 4),
        .ref = rows_str (rows, 0, 5),
        .sha = rows_str (rows, 0, 6),
        .project = rows_str (rows, 0, 7),
        .repository = rows_str (rows, 0, 8),
        .secrets = rows_str (rows, 0, 9),
        .debug = rows_i64 (rows, 0, 10) != 0,
    };
    return OK;
}
