/* offer_store.c - see offer_store.h. */

#include "services/scheduler/store/offer_store.h"

#include "common/base/line.h"
#include "services/scheduler/store/call_store.h"

#include <string.h>

fault_t offer_store_read_later (db_t *db, turn_t *turn, const char *job, const rows_t **rows)
{
    return db_query_later (
        db, turn,
        "select n.definition, n.needs_context, t.github, coalesce (c.inputs, t.inputs), r.attempt, r.ref, r.sha,"
        " p.name, p.url, coalesce (c.secrets, '{}'), r.debug, coalesce (c.file, './' || r.workflow),"
        " coalesce (f.source, ''), t.vars, n.called_by,"
        " coalesce ((select h.minutes from run_holds h where h.run_id = r.id), 0) from jobs j join nodes n on n.run_id = j.run_id and n.key = j.key"
        " join runs r on r.id = n.run_id join run_texts t on t.run_id = r.id"
        " join projects p on p.id = r.project_id left join calls c on c.job_id = n.called_by"
        " left join run_files f on f.run_id = r.id and f.name = $2 and c.file like '%@%' where j.id = $1",
        rows, P_STR (job), P_STR (CALL_REPOSITORIES));
}

// The line of the repository that the file is of: "owner/repo/PATH@ref" is of "owner/repo@ref".
static void read_repository (arena_t *arena, const char *lines, offer_parts_t *out)
{
    const char *at = strrchr (out->workflow, '@');
    for (line_t line = line_begin (lines, strlen (lines)); at && line_next (&line);) {
        const char *text = arena_strndup (arena, line.text, line.size);
        size_t key = strcspn (text, " "), size = strcspn (text, "@");
        size_t sha = key + (text[key] == ' '), end = sha + strcspn (text + sha, " ");
        if (strncmp (text, out->workflow, size) == 0 && out->workflow[size] == '/' &&
            strncmp (text + size, at, key - size) == 0 && !at[key - size]) {
            out->url_sha = arena_strndup (arena, text + sha, end - sha);
            out->url = text + end + (text[end] == ' ');
        }
    }
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
        .workflow = rows_str (rows, 0, 11),
        .url = "",
        .url_sha = "",
        .vars = rows_str (rows, 0, 13),
        .called = *rows_str (rows, 0, 14) != 0,
        .hold_minutes = (uint32_t) rows_i64 (rows, 0, 15),
    };
    read_repository (turn->arena, rows_str (rows, 0, 12), out);
    return OK;
}
