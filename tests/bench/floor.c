/* floor.c - the yardstick: the smallest program that does a CI server's durable work, and nothing else.
 *
 * `bench-floor FOLDER [SLOTS]`: POST /jobs {"steps": [{"run": COMMAND}]}, GET /jobs/N. One process, one thread. Each transition of a
 * job (queued, running, finished) is one SQLite commit (WAL, synchronous=FULL); a job is `sh -c COMMAND` by posix_spawn, its output
 * goes through a pipe into a file. No agents, leases, DAG, users or events: what is slower than this is the price of those. */

#include "tests/bench/floor_http.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK     65536
#define MAX_SLOTS 64

// A job that runs.
typedef struct {
    source_t pipe;
    int64_t id;
    pid_t process;
    int log_fd;
} job_t;

typedef enum { INSERT, START, FINISH, OLDEST, SHOW, STATEMENTS } statement_t;
static const char *const texts[STATEMENTS] = {
    [INSERT] = "insert into jobs (command, state) values (?1, 'queued')",
    [START] = "update jobs set state = 'running' where id = ?1",
    [FINISH] = "update jobs set state = 'finished', result = ?2 where id = ?1",
    [OLDEST] = "select id, command from jobs where state = 'queued' order by id limit 1",
    [SHOW] = "select state, result from jobs where id = ?1",
};
static const char schema[] =
    "pragma journal_mode = wal; pragma synchronous = full;"
    "create table if not exists jobs (id integer primary key, command text not null, "
    "state text not null, result text) strict;"
    "create index if not exists jobs_queued on jobs (id) where state = 'queued';";

static sqlite3 *db;
static sqlite3_stmt *statements[STATEMENTS];
static const char *folder;
static int free_slots = 2;

_Noreturn static void give_up (const char *what)
{
    fprintf (stderr, "bench-floor: %s: %s\n", what, db ? sqlite3_errmsg (db) : strerror (errno));
    exit (1);
}

static void open_database (void)
{
    char path[4096];
    snprintf (path, sizeof (path), "%s/floor.db", folder);
    if (sqlite3_open (path, &db) != SQLITE_OK || sqlite3_exec (db, schema, NULL, NULL, NULL) != SQLITE_OK)
        give_up (path);
    for (statement_t i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3 (db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i], NULL) !=
            SQLITE_OK)
            give_up (texts[i]);
}

// Each change is a commit of its own: no transaction is open around it.
static void change (statement_t which, int64_t id, const char *text)
{
    sqlite3_stmt *statement = statements[which];
    if (which == INSERT) {
        sqlite3_bind_text (statement, 1, text, -1, SQLITE_STATIC);
    } else {
        sqlite3_bind_int64 (statement, 1, id);
        if (text)
            sqlite3_bind_text (statement, 2, text, -1, SQLITE_STATIC);
    }
    if (sqlite3_step (statement) != SQLITE_DONE)
        give_up (texts[which]);
    sqlite3_reset (statement);
}

static void start_waiting (void);

static void finish (job_t *job)
{
    int status = 0;
    loop_forget (&job->pipe);
    close (job->pipe.fd);
    close (job->log_fd);
    while (waitpid (job->process, &status, 0) < 0 && errno == EINTR)
        continue;
    change (FINISH, job->id, status == 0 ? "success" : "failure");
    free (job);
    free_slots++;
    start_waiting ();
}

static void output_ready (source_t *source)
{
    static char chunk[CHUNK];
    job_t *job = (job_t *) source;
    ssize_t got = read (source->fd, chunk, sizeof (chunk));
    if (got <= 0)
        finish (job);
    else if (write (job->log_fd, chunk, (size_t) got) != got)
        give_up ("log");
}

static pid_t spawn_shell (const char *command, int output)
{
    extern char **environ;
    char *argv[] = {"sh", "-c", (char *) command, NULL};
    posix_spawn_file_actions_t actions;
    pid_t process;
    posix_spawn_file_actions_init (&actions);
    posix_spawn_file_actions_addopen (&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2 (&actions, output, 1);
    posix_spawn_file_actions_adddup2 (&actions, output, 2);
    if (posix_spawn (&process, "/bin/sh", &actions, NULL, argv, environ) != 0)
        give_up ("posix_spawn");
    posix_spawn_file_actions_destroy (&actions);
    return process;
}

static void start (int64_t id, const char *command)
{
    char path[4096];
    int ends[2];
    job_t *job = calloc (1, sizeof (*job));
    snprintf (path, sizeof (path), "%s/%lld.log", folder, (long long) id);
    if (!job || pipe2 (ends, O_CLOEXEC) != 0)
        give_up ("pipe");
    job->id = id;
    job->pipe = (source_t){output_ready, ends[0]};
    job->log_fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    change (START, id, NULL);
    job->process = spawn_shell (command, ends[1]);
    close (ends[1]);
    free_slots--;
    loop_add (&job->pipe);
}

static void start_waiting (void)
{
    sqlite3_stmt *oldest = statements[OLDEST];
    while (free_slots > 0 && sqlite3_step (oldest) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64 (oldest, 0);
        char *command = strdup ((const char *) sqlite3_column_text (oldest, 1));
        sqlite3_reset (oldest);
        start (id, command);
        free (command);
    }
    sqlite3_reset (oldest);
}

static void submit (connection_t *connection, const char *body)
{
    const char *command = NULL;
    char answer[64];
    json_t *job = json_loads (body, JSON_REJECT_DUPLICATES, NULL);
    json_unpack (job, "{s:[{s:s}]}", "steps", "run", &command);
    if (!command) {
        http_answer (connection, 400, "{\"detail\": \"steps: expected a list with one object with run\"}");
    } else {
        change (INSERT, 0, command);
        snprintf (answer, sizeof (answer), "{\"id\":\"%lld\",\"state\":\"queued\"}",
                  (long long) sqlite3_last_insert_rowid (db));
        http_answer (connection, 201, answer);
        start_waiting ();
    }
    json_decref (job);
}

static void show (connection_t *connection, int64_t id)
{
    char answer[128];
    sqlite3_stmt *one = statements[SHOW];
    sqlite3_bind_int64 (one, 1, id);
    if (sqlite3_step (one) == SQLITE_ROW) {
        const char *result = (const char *) sqlite3_column_text (one, 1);
        snprintf (answer, sizeof (answer), "{\"id\":\"%lld\",\"state\":\"%s\",\"result\":\"%s\"}",
                  (long long) id, sqlite3_column_text (one, 0), result ? result : "");
        http_answer (connection, 200, answer);
    } else {
        http_answer (connection, 404, "{\"detail\": \"no such job\"}");
    }
    sqlite3_reset (one);
}

static void handle (connection_t *connection, const char *method, const char *path, const char *body)
{
    if (strcmp (method, "POST") == 0 && strcmp (path, "/jobs") == 0)
        submit (connection, body);
    else if (strcmp (method, "GET") == 0 && strncmp (path, "/jobs/", 6) == 0)
        show (connection, strtoll (path + 6, NULL, 10));
    else
        http_answer (connection, 404, "{\"detail\": \"no such place\"}");
}

int main (int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : NULL;
    free_slots = argc > 2 ? (int) strtol (argv[2], NULL, 10) : 2;
    if (!folder || free_slots < 1 || free_slots > MAX_SLOTS) {
        fprintf (stderr, "usage: bench-floor FOLDER [SLOTS]\n");
        return 2;
    }
    if (mkdir (folder, 0755) != 0 && errno != EEXIST)
        give_up (folder);
    open_database ();
    start_waiting ();
    printf ("http://127.0.0.1:%d\n", http_listen (handle));
    fflush (stdout);
    loop_run ();
}
