/* Requests that were done are known for a day, and their rows do not stay for ever. */

#include "common/db/request_store.h"

#include "common/base/clock.h"
#include "tests/unit/test.h"

#define TABLE                                                                                      \
    "create table requests (key text primary key, asked bigint not null, done_at bigint not null," \
    " kept bigint not null, answer bytea not null)"

static int64_t count (db_t *db, turn_t *turn, const char *like)
{
    const rows_t *rows;
    CHECK_INT (db_query (db, turn, "select count (*) from requests where key like $1", &rows, P_STR (like)),
               OK);
    return rows_i64 (rows, 0, 0);
}

static void add (db_t *db, turn_t *turn, const char *key)
{
    const remembered_t request = {.key = key, .answer = ""};
    CHECK_INT (request_store_add (db, turn, &request), OK);
}

TEST (what_was_done_more_than_a_day_ago_is_removed_as_other_requests_come)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    remembered_t found;
    turn_init (&turn, arena, "test", SECONDS (1000000));
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    CHECK_INT (db_exec (db, &turn, TABLE), OK);
    for (int i = 0; i < 10; i++)
        add (db, &turn, arena_printf (arena, "old %d", i));
    turn.now_us += SECONDS (REQUEST_KEPT_S);
    for (int i = 0; i < 20 * REQUESTS_PRUNE; i++) // Which of them remove others their keys decide
        add (db, &turn, arena_printf (arena, "new %d", i));
    CHECK_INT (count (db, &turn, "old %"), 10); // To the second
    turn.now_us++;
    for (int i = 0; i < 20 * REQUESTS_PRUNE; i++)
        add (db, &turn, arena_printf (arena, "newer %d", i));
    CHECK_INT (count (db, &turn, "old %"), 0);
    CHECK_INT (count (db, &turn, "new%"), 40 * REQUESTS_PRUNE);
    CHECK_INT (request_store_find (db, &turn, "new 7", &found), OK);
    CHECK_INT (request_store_find (db, &turn, "old 7", &found), NOT_FOUND);
    db_close (&db);
    arena_destroy (&arena);
}
