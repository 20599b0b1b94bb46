/* directory_store.c - see directory_store.h. */

#include "common/bus/directory_store.h"

fault_t directory_store_heartbeat (db_t *db, turn_t *turn, const char *service, const char *endpoint)
{
    return db_exec (
        db, turn,
        "insert into replicas (endpoint, service, seen_at) values ($1, $2, $3) "
        "on conflict (endpoint) do update set service = excluded.service, seen_at = excluded.seen_at",
        P_STR (endpoint), P_STR (service), P_I64 (turn->now_us));
}

fault_t directory_store_forget (db_t *db, turn_t *turn, const char *endpoint)
{
    return db_exec (db, turn, "delete from replicas where endpoint = $1", P_STR (endpoint));
}

fault_t directory_store_clean (db_t *db, turn_t *turn, int64_t since_us)
{
    return db_exec (db, turn, "delete from replicas where seen_at < $1", P_I64 (since_us));
}

fault_t directory_store_list (db_t *db, turn_t *turn, int64_t since_us, const rows_t **rows)
{
    return db_query (
        db, turn,
        "select service, endpoint, seen_at from replicas where seen_at >= $1 order by seen_at desc limit $2",
        rows, P_I64 (since_us), P_I64 (DIRECTORY_ROWS));
}
