/* agent_view_store.c - see agent_view_store.h.
 *
 * Both statements are over the names of one page, and their rows come in the page's order: an agent that has none is passed over. */

#include "services/scheduler/store/agent_view_store.h"

#include "common/base/clock.h"

#include <string.h>

const char *const agent_view_store_jobs_sql =
    "select a.id, j.name, j.run_id, r.number, p.name from agents a join jobs j on j.id = a.job_id"
    " join runs r on r.id = j.run_id join projects p on p.id = r.project_id"
    " where a.removed = 0 and a.name >= $1 and a.name <= $2 order by a.name";

// Jobs of an agent, by the index that is meant for it (job_store.c). A job that runs again counts with its latest attempt.
#define LAST_JOBS(columns, limit) \
    "(select " columns " from jobs where agent_id = a.id and agent_id <> '' order by id desc limit " limit ")"
#define LATER_OF(a, b) "(case when " a " > " b " then " a " else " b " end)"

const char *const agent_view_store_loads_sql = "select a.id, a.registered_at, " LAST_JOBS (
    "started_at",
    "1 offset ($5 - 1)") ","
                         " cast ((select sum (ended - " LATER_OF (
                             "started_at",
                             "$4") ") from (select started_at,"
                                   " case when finished_at > 0 then finished_at else $3 end as ended from " LAST_JOBS (
                                       "started_at, finished_at",
                                       "$5") " s) t where ended > $4 and started_at > 0) as bigint)"
                                             " from agents a where a.removed = 0 and a.name >= $1 and a.name <= $2 order by a.name";

#define FIRST_NAME(agents) P_STR ((agents)->items[0].name)
#define LAST_NAME(agents)  P_STR ((agents)->items[(agents)->count - 1].name)

// The agent of this id, from *at on; NULL where it is not of the page any more.
static agent_t *next_of (agent_items_t *agents, size_t *at, const char *id)
{
    for (size_t i = *at; i < agents->count; i++)
        if (strcmp (agents->items[i].id, id) == 0) {
            *at = i + 1;
            return &agents->items[i];
        }
    return NULL;
}

fault_t agent_view_store_jobs (db_t *db, turn_t *turn, agent_items_t *agents)
{
    const rows_t *rows;
    size_t at = 0;
    if (agents->count == 0)
        return OK;
    TRY (db_query (db, turn, agent_view_store_jobs_sql, &rows, FIRST_NAME (agents), LAST_NAME (agents)));
    for (size_t i = 0; i < rows_count (rows); i++) {
        agent_t *agent = next_of (agents, &at, rows_str (rows, i, 0));
        if (!agent)
            continue;
        agent->job_name = rows_str (rows, i, 1);
        agent->job_run_id = rows_str (rows, i, 2);
        agent->job_run_number = rows_i64 (rows, i, 3);
        agent->job_project = rows_str (rows, i, 4);
    }
    return OK;
}

// Where its last jobs do not go back a day, nothing is known of the time before them.
static void set_load (agent_t *agent, int64_t now, int64_t registered, int64_t oldest, int64_t busy)
{
    int64_t since = now - SECONDS (AGENT_LOAD_SECONDS);
    if (registered > since)
        since = registered;
    if (oldest > since)
        since = oldest;
    int64_t span = now > since ? now - since : 0;
    agent->load_seconds = span / SECONDS (1);
    agent->load_percent = span > 0 ? (uint32_t) (busy < span ? busy * 100 / span : 100) : 0;
}

fault_t agent_view_store_loads (db_t *db, turn_t *turn, int64_t now, agent_items_t *agents)
{
    const rows_t *rows;
    size_t at = 0;
    if (agents->count == 0)
        return OK;
    TRY (db_query (db, turn, agent_view_store_loads_sql, &rows, FIRST_NAME (agents), LAST_NAME (agents),
                   P_I64 (now), P_I64 (now - SECONDS (AGENT_LOAD_SECONDS)), P_I64 (AGENT_LOAD_JOBS)));
    for (size_t i = 0; i < rows_count (rows); i++) {
        agent_t *agent = next_of (agents, &at, rows_str (rows, i, 0));
        if (agent)
            set_load (agent, now, rows_i64 (rows, i, 1), rows_i64 (rows, i, 2), rows_i64 (rows, i, 3));
    }
    return OK;
}
