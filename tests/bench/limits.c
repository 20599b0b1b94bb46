/* limits.c - `bench-limits FOLDER`: what this machine can do at most of what a CI server's work consists of. Prints one JSON object.
 *
 * Processes: posix_spawn of `sh -c true`, waited for, by one thread and by two. Commits: SQLite, WAL, synchronous=FULL, one row each.
 * Disk: one file written in 64 KiB pieces, with one fdatasync at the end. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SPAWNS      1500
#define COMMITS     3000
#define DISK_PIECES 4096 // Of 64 KiB

static double now (void)
{
    struct timespec at;
    clock_gettime (CLOCK_MONOTONIC, &at);
    return (double) at.tv_sec + (double) at.tv_nsec / 1e9;
}

_Noreturn static void give_up (const char *what)
{
    fprintf (stderr, "bench-limits: %s: %s\n", what, strerror (errno));
    exit (1);
}

static void *spawn_many (void *unused)
{
    extern char **environ;
    (void) unused;
    for (int i = 0; i < SPAWNS; i++) {
        char *argv[] = {"sh", "-c", "true", NULL};
        pid_t process;
        if (posix_spawn (&process, "/bin/sh", NULL, NULL, argv, environ) != 0 ||
            waitpid (process, NULL, 0) != process)
            give_up ("sh");
    }
    return NULL;
}

static double spawns_per_second (int threads)
{
    pthread_t ids[2];
    double began = now ();
    for (int i = 0; i < threads; i++)
        pthread_create (&ids[i], NULL, spawn_many, NULL);
    for (int i = 0; i < threads; i++)
        pthread_join (ids[i], NULL);
    return threads * SPAWNS / (now () - began);
}

static double commits_per_second (const char *folder)
{
    char path[4096];
    sqlite3 *db;
    sqlite3_stmt *insert;
    snprintf (path, sizeof (path), "%s/limits.db", folder);
    if (sqlite3_open (path, &db) != SQLITE_OK ||
        sqlite3_exec (db,
                      "pragma journal_mode = wal; pragma synchronous = full;"
                      "create table a (b integer primary key, c text)",
                      NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2 (db, "insert into a (c) values ('a job')", -1, &insert, NULL) != SQLITE_OK)
        give_up (path);
    double began = now ();
    for (int i = 0; i < COMMITS; i++) {
        if (sqlite3_step (insert) != SQLITE_DONE)
            give_up ("commit");
        sqlite3_reset (insert);
    }
    double rate = COMMITS / (now () - began);
    sqlite3_finalize (insert);
    sqlite3_close (db);
    return rate;
}

static double megabytes_per_second (const char *folder)
{
    static char piece[65536];
    char path[4096];
    snprintf (path, sizeof (path), "%s/limits.bytes", folder);
    memset (piece, 'x', sizeof (piece));
    int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    double began = now ();
    for (int i = 0; i < DISK_PIECES; i++)
        if (write (fd, piece, sizeof (piece)) != sizeof (piece))
            give_up (path);
    if (fdatasync (fd) != 0)
        give_up (path);
    double seconds = now () - began;
    close (fd);
    unlink (path);
    return DISK_PIECES * sizeof (piece) / 1e6 / seconds;
}

int main (int argc, char **argv)
{
    if (argc != 2) {
        fprintf (stderr, "usage: bench-limits FOLDER\n");
        return 2;
    }
    double one = spawns_per_second (1), two = spawns_per_second (2);
    printf ("{\"spawns_1\": %.0f, \"spawns_2\": %.0f, \"commits\": %.0f, \"disk_mb\": %.0f}\n", one, two,
            commits_per_second (argv[1]), megabytes_per_second (argv[1]));
    return 0;
}
