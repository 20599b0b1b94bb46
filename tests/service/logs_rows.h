/* logs_rows.h - what a test sees and changes behind the log collector's back: its rows and its blobs. */

#ifndef OPENCICD_TEST_LOGS_ROWS_H
#define OPENCICD_TEST_LOGS_ROWS_H

#include "tests/service/logs_words.h"

static int blobs_seen; // Of one count

static inline int visit (const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void) stat, (void) walk;
    blobs_seen += kind == FTW_F && strstr (path, "/blobs/logs/") != NULL;
    return 0;
}

static inline int count_blobs (world_t *self)
{
    blobs_seen = 0;
    nftw (self->folder, visit, 16, FTW_PHYS);
    return blobs_seen;
}

static inline int64_t ask_number (world_t *self, const char *sql)
{
    const rows_t *rows;
    db_t *db;
    CHECK_INT (db_open (&db, self->engine, &self->turn), OK);
    CHECK_INT (db_query (db, &self->turn, sql, &rows, P_STR (self->job)), OK);
    int64_t number = rows_i64 (rows, 0, 0);
    db_close (&db);
    return number;
}

// Lets the collector tick, each time by so many seconds, until the number is as wanted.
static inline void wait_by (world_t *self, int64_t seconds, const char *sql, int64_t wanted)
{
    int64_t until = test_until_us ();
    while (ask_number (self, sql) != wanted) {
        CHECK (clock_monotonic_us () < until);
        clock_turn (self->clock, SECONDS (seconds));
        arena_reset (self->arena);
        log_info_t info;
        fault_t fault = world_ask (self, MSG_log_show, &(log_show_t){.job = self->job}, &info);
        CHECK (fault == OK || fault == NOT_FOUND);
    }
}

static inline void wait_for (world_t *self, const char *sql, int64_t wanted)
{
    wait_by (self, 1, sql, wanted);
}

static const char chunks[] = "select count (*) from log_chunks where job = $1";
static const char segments[] = "select count (*) from log_segments where job = $1";
static const char rows_left[] = "select count (*) from logs where job = $1";

static inline char *make_log (size_t size)
{
    const size_t period = 26 * 80; // Then it is copied, which a sanitizer does not watch byte by byte
    char *log = malloc (size);
    for (size_t i = 0; i < size && i < period; i++)
        log[i] = i % 80 == 79 ? '\n' : (char) ('a' + i * 7 / 80 % 26);
    for (size_t at = period; at < size; at *= 2)
        memcpy (log + at, log, size - at < at ? size - at : at);
    return log;
}

static inline void change_rows (world_t *self, const char *sql)
{
    db_t *db;
    CHECK_INT (db_open (&db, self->engine, &self->turn), OK);
    CHECK_INT (db_exec (db, &self->turn, sql, P_STR (self->job)), OK);
    db_close (&db);
}

#endif
