/* db_sqlite.c - the engine over SQLite 3.40: one file, one writer.
 *
 * The writer's lock is taken with the first statement of a transaction that writes or requests it, and never by readers. What
 * was read before it is from one snapshot, and what is read after it from the latest: as with PostgreSQL, read again what a write depends on.
 *
 * Memory at rest counts (every service of `opencicd up` has its own file): the page cache is small and nothing is mapped.
 * Parameters are found by their name ($1 may occur twice) and integers are bound as 64 bits. */

#include "common/base/metrics.h"
#include "common/db/db_engine.h"
#include "common/db/db_vfs.h"
#include "common/db/db_wal.h"
#include "common/db/notify_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 5000 // How long a writer waits for another process's lock; then UNAVAILABLE

// page_size: a commit writes whole pages, and ours change some 40 of them by a few bytes each. case_sensitive_like: as
// PostgreSQL has it. journal_size_limit: what a large write-ahead log shrinks to.
#define SETTINGS                       \
    "pragma page_size = 1024;"         \
    "pragma journal_mode = wal;"       \
    "pragma synchronous = full;"       \
    "pragma foreign_keys = on;"        \
    "pragma cache_size = -2048;"       \
    "pragma temp_store = memory;"      \
    "pragma trusted_schema = off;"     \
    "pragma case_sensitive_like = on;" \
    "pragma journal_size_limit = 33554432;"

typedef struct {
    sqlite3 *db;
    db_cache_t *statements;
    db_wal_t wal;
    char *path;
    int announcements; // The file of announcements; 0 until there is one
    enum { NOT_BEGUN, READING, WRITING } transaction;
    metric_t *steps;
} sqlite_t;

// A prepared statement; which parameter is where.
typedef struct {
    sqlite3_stmt *statement;
    bool locks; // It requests the writer's lock
    int count;
    unsigned char numbers[DB_MAX_PARAMS]; // From 1
} prepared_t;

static const struct {
    int code;
    fault_t fault;
} faults[] = {
    {SQLITE_CONSTRAINT, CONFLICT},  {SQLITE_BUSY, UNAVAILABLE},  {SQLITE_LOCKED, UNAVAILABLE},
    {SQLITE_FULL, NO_SPACE},        {SQLITE_IOERR, UNAVAILABLE}, {SQLITE_CANTOPEN, UNAVAILABLE},
    {SQLITE_READONLY, UNAVAILABLE}, {SQLITE_TOOBIG, TOO_LARGE},  {SQLITE_NOTADB, BAD_INPUT},
};

static fault_t fail (const sqlite_t *self, turn_t *turn)
{
    int code = sqlite3_errcode (self->db) & 0xff;
    int error = sqlite3_system_errno (self->db);
    fault_t fault = BROKEN;
    for (size_t i = 0; i < sizeof (faults) / sizeof (faults[0]); i++)
        if (faults[i].code == code)
            fault = faults[i].fault;
    if (code == SQLITE_IOERR && (error == ENOSPC || error == EDQUOT)) // SQLite's text is of a broken disk
        return turn_fail (turn, NO_SPACE, "%s: %s", self->path, strerror (error));
    if (fault == CONFLICT) // May be shown to the caller: no path
        return turn_fail (turn, fault, "%s", sqlite3_errmsg (self->db));
    return turn_fail (turn, fault, "%s: %s", self->path, sqlite3_errmsg (self->db));
}

static void drop (void *owner, void *statement)
{
    (void) owner;
    prepared_t *prepared = statement;
    sqlite3_finalize (prepared->statement);
    free (prepared);
}

static void sqlite_close (void *state)
{
    sqlite_t *self = state;
    db_cache_destroy (&self->statements);
    sqlite3_close (self->db);
    if (self->announcements > 0)
        close (self->announcements);
    free (self->path);
    free (self);
}

// Made here and not by SQLite, so that only its owner can read it; its journals take over the mode.
static fault_t make_file (const char *path, turn_t *turn)
{
    if (strcmp (path, ":memory:") == 0)
        return OK;
    int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        int error = errno;
        return turn_fail (turn, error == ENOSPC || error == EDQUOT ? NO_SPACE : UNAVAILABLE,
                          "cannot open the database %s: %s", path, strerror (error));
    }
    close (fd);
    return OK;
}

// Each connection is used by one thread at a time; memory statistics would make all of them take one lock for each allocation.
static void configure (void)
{
    sqlite3_config (SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config (SQLITE_CONFIG_MEMSTATUS, 0);
    db_vfs_register ();
}

static fault_t sqlite_open (void **state, const char *url, turn_t *turn)
{
    const char *path = url + strlen ("sqlite:");
    if (!*path)
        return turn_fail (turn, BAD_INPUT, "the database URL lacks the path after sqlite:");
    fault_t fault = make_file (path, turn);
    TRY (fault);
    sqlite_t *self = calloc (1, sizeof (sqlite_t));
    if (!self || !(self->path = strdup (path)))
        abort ();
    self->statements = db_cache_new (drop, self);
    self->steps = metrics_counter ("opencicd_db_steps_total", NULL, NULL,
                                   "Instructions of SQLite, which grow with the rows that are looked at.");
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    pthread_once (&configured, configure);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int code = sqlite3_open_v2 (path, &self->db, flags, DB_VFS);
    if (code == SQLITE_OK) {
        // A text in double quotes is a name, never a string
        sqlite3_db_config (self->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
        sqlite3_db_config (self->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
        sqlite3_busy_timeout (self->db, BUSY_MS);
        code = sqlite3_exec (self->db, SETTINGS, NULL, NULL, NULL);
    }
    if (code != SQLITE_OK) {
        fault = fail (self, turn);
        sqlite_close (self);
        return fault;
    }
    db_wal_watch (&self->wal, self->db);
    *state = self;
    return OK;
}

// By their names: $1 may occur twice, or after $2.
static fault_t number_parameters (prepared_t *self, turn_t *turn)
{
    self->count = sqlite3_bind_parameter_count (self->statement);
    for (int at = 0; at < self->count; at++) {
        const char *name = sqlite3_bind_parameter_name (self->statement, at + 1);
        unsigned long number = name && *name == '$' ? strtoul (name + 1, NULL, 10) : 0;
        if (at == DB_MAX_PARAMS || number < 1 || number > DB_MAX_PARAMS)
            return turn_fail (turn, BROKEN, "%s is not a parameter: %.60s", name ? name : "?",
                              sqlite3_sql (self->statement));
        self->numbers[at] = (unsigned char) number;
    }
    return OK;
}

static fault_t prepare (sqlite_t *self, turn_t *turn, const char *sql, prepared_t **out)
{
    *out = db_cache_find (self->statements, sql, 0);
    if (*out)
        return OK;
    const char *rest = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest) != SQLITE_OK)
        return fail (self, turn);
    fault_t fault = OK;
    prepared_t *prepared = calloc (1, sizeof (prepared_t));
    if (!prepared)
        abort ();
    prepared->statement = statement;
    prepared->locks = strstr (sql, DB_FOR_UPDATE) || strstr (sql, DB_SKIP_LOCKED);
    if (!statement || rest[strspn (rest, " ;\n")])
        fault = turn_fail (turn, BROKEN, "not exactly one statement: %.60s", sql);
    else
        fault = number_parameters (prepared, turn);
    if (fault) {
        drop (self, prepared);
        return fault;
    }
    db_cache_add (self->statements, sql, 0, prepared);
    *out = prepared;
    return OK;
}

static int bind_one (sqlite3_stmt *statement, int at, const param_t *param)
{
    if (param->kind == PARAM_I64)
        return sqlite3_bind_int64 (statement, at, param->number);
    if (param->kind == PARAM_STR && param->data)
        return sqlite3_bind_text64 (statement, at, param->data, param->size, SQLITE_STATIC, SQLITE_UTF8);
    if (param->kind == PARAM_BYTES) // A NULL pointer would be SQL's NULL
        return sqlite3_bind_blob64 (statement, at, param->size ? param->data : "", param->size,
                                    SQLITE_STATIC);
    return sqlite3_bind_null (statement, at);
}

static fault_t bind (const sqlite_t *self, turn_t *turn, const prepared_t *prepared, size_t count,
                     const param_t *params)
{
    for (int at = 0; at < prepared->count; at++) {
        size_t number = prepared->numbers[at];
        if (number > count)
            return turn_fail (turn, BROKEN, "no value for the parameter $%zu: %.60s", number,
                              sqlite3_sql (prepared->statement));
        if (bind_one (prepared->statement, at + 1, &params[number - 1]) != SQLITE_OK)
            return fail (self, turn);
    }
    return OK;
}

static fault_t sqlite_run (void *state, turn_t *turn, statement_t *run);

static fault_t copy_row (rows_t *rows, turn_t *turn, sqlite3_stmt *statement)
{
    cell_t *cells;
    rows->columns = sqlite3_column_count (statement);
    fault_t fault = rows_add (rows, turn, &cells);
    for (int i = 0; i < rows->columns && !fault; i++) {
        int type = sqlite3_column_type (statement, i);
        if (type == SQLITE_NULL)
            continue;
        if (type == SQLITE_INTEGER) {
            cells[i].kind = CELL_I64;
            cells[i].number = sqlite3_column_int64 (statement, i);
            continue;
        }
        const void *data = type == SQLITE_BLOB ? sqlite3_column_blob (statement, i)
                                               : (const void *) sqlite3_column_text (statement, i);
        fault = rows_put (rows, turn, &cells[i], data, (size_t) sqlite3_column_bytes (statement, i));
    }
    return fault;
}

static fault_t run_command (sqlite_t *self, turn_t *turn, const char *command)
{
    statement_t statement = {.sql = command};
    return sqlite_run (self, turn, &statement);
}

static fault_t end_reading (sqlite_t *self, turn_t *turn)
{
    if (self->transaction == READING)
        TRY (run_command (self, turn, "commit"));
    self->transaction = NOT_BEGUN;
    return OK;
}

static fault_t begin_writing (sqlite_t *self, turn_t *turn)
{
    if (self->transaction == WRITING)
        return OK;
    TRY (end_reading (self, turn));
    TRY (run_command (self, turn, "begin immediate"));
    self->transaction = WRITING;
    return OK;
}

static fault_t begin_for (sqlite_t *self, turn_t *turn, const prepared_t *prepared)
{
    if (!sqlite3_stmt_readonly (prepared->statement) || prepared->locks)
        return begin_writing (self, turn);
    if (self->transaction == NOT_BEGUN)
        TRY (run_command (self, turn, "begin"));
    self->transaction = self->transaction == WRITING ? WRITING : READING;
    return OK;
}

static fault_t sqlite_run (void *state, turn_t *turn, statement_t *run)
{
    sqlite_t *self = state;
    prepared_t *prepared = NULL;
    TRY (prepare (self, turn, run->sql, &prepared));
    if (run->in_transaction)
        TRY (begin_for (self, turn, prepared));
    sqlite3_stmt *statement = prepared->statement;
    sqlite3_int64 before = sqlite3_total_changes64 (self->db);
    fault_t fault = bind (self, turn, prepared, run->count, run->params);
    while (!fault) {
        int code = sqlite3_step (statement);
        if (code == SQLITE_DONE)
            break;
        if (code != SQLITE_ROW)
            fault = fail (self, turn);
        else if (run->rows)
            fault = copy_row (run->rows, turn, statement);
    }
    metric_add (self->steps, sqlite3_stmt_status (statement, SQLITE_STMTSTATUS_VM_STEP, 1));
    sqlite3_reset (statement);
    sqlite3_clear_bindings (statement); // They borrow the caller's memory
    if (!fault && sqlite3_total_changes64 (self->db) != before)
        run->changes = sqlite3_changes64 (self->db);
    return fault;
}

static fault_t sqlite_script (void *state, turn_t *turn, const char *sql, bool in_transaction)
{
    sqlite_t *self = state;
    statement_t statement = {.sql = sql, .in_transaction = in_transaction};
    if (in_transaction)
        TRY (begin_writing (self, turn));
    if (!strchr (sql, ';')) // `savepoint`: so frequent that preparing it pays
        return sqlite_run (self, turn, &statement);
    return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : fail (self, turn);
}

static fault_t sqlite_begin (void *state, turn_t *turn)
{
    (void) turn;
    ((sqlite_t *) state)->transaction = NOT_BEGUN; // It begins with the first statement
    return OK;
}

static fault_t sqlite_begin_migration (void *state, turn_t *turn)
{
    return begin_writing (state, turn);
}

// A failed commit is rolled back, so that reads match what the caller was answered.
static fault_t sqlite_commit (void *state, turn_t *turn, bool *unknown)
{
    sqlite_t *self = state;
    *unknown = false;
    if (self->transaction != NOT_BEGUN)
        TRY (run_command (self, turn, "commit"));
    self->transaction = NOT_BEGUN;
    return OK;
}

static void sqlite_rollback (void *state)
{
    sqlite_t *self = state;
    self->transaction = NOT_BEGUN;
    if (!sqlite3_get_autocommit (self->db)) // A full disk has rolled back already
        sqlite3_exec (self->db, "rollback", NULL, NULL, NULL);
}

// One write per line, so that lines of several processes do not mix. A failure is ignored: what is announced is already committed.
static void sqlite_announce (void *state, const char *text)
{
    sqlite_t *self = state;
    char line[NOTIFY_TEXT_MAX + 1], path[PATH_MAX];
    struct stat about;
    if (strcmp (self->path, ":memory:") == 0)
        return; // No other process has it
    if (self->announcements <= 0) {
        snprintf (path, sizeof path, "%s" NOTIFY_FILE, self->path);
        self->announcements = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }
    int size = snprintf (line, sizeof line, "%s\n", text);
    if (self->announcements <= 0 || size >= (int) sizeof line)
        return;
    if (fstat (self->announcements, &about) == 0 && about.st_size > NOTIFY_FILE_MAX)
        (void) !ftruncate (self->announcements, 0);
    (void) !write (self->announcements, line, (size_t) size);
}

const db_engine_t db_sqlite = {
    .postgres = false,
    .open = sqlite_open,
    .close = sqlite_close,
    .run = sqlite_run,
    .script = sqlite_script,
    .begin = sqlite_begin,
    .begin_migration = sqlite_begin_migration,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .announce = sqlite_announce,
};
