/* request_store.c - see request_store.h. */

#include "common/db/request_store.h"

#include "common/base/clock.h"

// Now and then, decided by the key: without a timer, and only a few rows each time.
static fault_t prune (db_t *db, turn_t *turn, const char *key)
{
    unsigned hash = 0;
    for (; *key; key++)
        hash = hash * 31 + (unsigned char) *key;
    if (hash % REQUESTS_PRUNE)
        return OK;
    return db_exec (db, turn,
                    "delete from requests where key in"
                    " (select key from requests where done_at < $1 order by done_at limit $2)",
                    P_I64 (turn->now_us - SECONDS (REQUEST_KEPT_S)), P_I64 (REQUESTS_PRUNED));
}

fault_t request_store_add (db_t *db, turn_t *turn, const remembered_t *request)
{
    TRY (prune (db, turn, request->key));
    // Where another replica is about to commit the same key, PostgreSQL waits with this for how that ends.
    return db_exec (db, turn,
                    "insert into requests (key, asked, done_at, kept, answer) values ($1, $2, $3, $4, $5)",
                    P_STR (request->key), P_I64 (request->asked), P_I64 (turn->now_us), P_I64 (request->kept),
                    P_BYTES (request->answer, request->size));
}

fault_t request_store_find (db_t *db, turn_t *turn, const char *key, remembered_t *request)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select asked, kept, answer from requests where key = $1", &rows, P_STR (key)));
    if (rows_count (rows) == 0)
        return NOT_FOUND;
    *request = (remembered_t){.key = key, .asked = rows_i64 (rows, 0, 0), .kept = rows_i64 (rows, 0, 1) != 0};
    request->answer = rows_bytes (rows, 0, 2, &request->size);
    return OK;
}
