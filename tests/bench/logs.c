/* bench-logs - what the log collector takes: a million lines, many small logs, windows and a search, over inproc, on SQLite.
 *
 * Prints; judges nothing. All is in a temporary folder. */

#include "tests/service/logs_words.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define LINES   1000000
#define SMALL   4000 // Small logs
#define CLIENTS 8

static double since (int64_t began_us)
{
    return (double) (clock_monotonic_us () - began_us) / 1e6;
}

static double processor (void) // Seconds of this process, all threads
{
    struct timespec used;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double) used.tv_sec + (double) used.tv_nsec / 1e9;
}

static long memory_kib (void)
{
    long pages = 0, total;
    FILE *file = fopen ("/proc/self/statm", "r");
    if (!file || fscanf (file, "%ld %ld", &total, &pages) != 2)
        pages = 0;
    if (file)
        fclose (file);
    return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

// One who asks something small all the time: how long did he wait at most?
typedef struct {
    world_t *world;
    atomic_bool stop;
    int64_t longest_us;
    pthread_t thread;
} watcher_t;

static void *watch (void *context)
{
    watcher_t *self = context;
    turn_t turn;
    arena_t *arena = arena_new ();
    while (!self->stop) {
        log_window_t window;
        arena_reset (arena);
        turn_init (&turn, arena, "watcher", clock_now_us (self->world->clock));
        turn.caller = (caller_t){.role = ROLE_VIEWER, .subject = ""};
        turn.deadline_us = turn.now_us + SECONDS (10);
        int64_t began = clock_monotonic_us ();
        log_read_t ask = {.job = "another"};
        (void) !bus_client_call (self->world->client, &turn, MSG_log_read, &ask, &window);
        int64_t waited = clock_monotonic_us () - began;
        if (waited > self->longest_us)
            self->longest_us = waited;
    }
    arena_destroy (&arena);
    return NULL;
}

static void large_log (world_t *world, const char *log, size_t size)
{
    watcher_t watcher = {.world = world};
    pthread_create (&watcher.thread, NULL, watch, &watcher);
    long before = memory_kib ();
    double used = processor ();
    const char *sum = arena_strdup (world->own, sum_of (world, log, size));
    int64_t began = clock_monotonic_us ();
    append_all (world, log, size, MAX_CHUNK);
    double appended = since (began);
    CHECK_INT (seal (world, (int64_t) size, sum), OK);
    double sealed = since (began);
    watcher.stop = true;
    pthread_join (watcher.thread, NULL);
    printf ("%d lines of 100 bytes: appended %.3f s, sealed %.3f s, %.0f MB/s\n", LINES, appended, sealed,
            (double) size / 1e6 / sealed);
    printf ("  memory grew by %ld KiB; another request waited at most %.1f ms; %.3f s of processor\n",
            memory_kib () - before, (double) watcher.longest_us / 1e3, processor () - used);
}

static void windows (world_t *world, size_t count)
{
    int64_t began = clock_monotonic_us ();
    for (size_t i = 0; i < count; i++) {
        arena_reset (world->arena);
        read_log (world, (log_read_t){.line = (int64_t) (i * 7919 % LINES) + 1, .lines = 200});
    }
    printf ("a window of 200 lines: %.3f ms\n", since (began) * 1e3 / (double) count);
}

static void searches (world_t *world)
{
    static const log_search_t asks[] = {{.pattern = "999999 "}, {.pattern = "lin. 9+ ", .regex = true}};
    for (size_t i = 0; i < sizeof (asks) / sizeof (asks[0]); i++) {
        log_matches_t matches;
        log_search_t ask = asks[i];
        ask.job = world->job;
        int64_t began = clock_monotonic_us ();
        CHECK_INT (world_ask (world, MSG_log_search, &ask, &matches), OK);
        printf ("search for %s: %lld lines, %.3f s\n", ask.pattern, (long long) matches.count, since (began));
    }
}

// Small logs: three pieces and a seal each.
typedef struct {
    world_t *world;
    atomic_int *next;
} client_t;

static void *send_small (void *context)
{
    client_t *self = context;
    turn_t turn;
    arena_t *arena = arena_new ();
    for (int i; (i = atomic_fetch_add (self->next, 1)) < SMALL;) {
        log_offset_t answer;
        char job[32];
        arena_reset (arena);
        turn_init (&turn, arena, "small", clock_now_us (self->world->clock));
        turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "bench"};
        turn.deadline_us = turn.now_us + SECONDS (10);
        snprintf (job, sizeof (job), "small-%d", i);
        for (uint32_t step = 0; step < 3; step++) {
            log_append_t ask = {
                .job = job, .attempt = 1, .step = step, .offset = step * 14, .data = {"a small line.\n", 14}};
            CHECK_INT (bus_client_call (self->world->client, &turn, MSG_log_append, &ask, &answer), OK);
        }
        log_seal_t last = {.job = job, .attempt = 1, .sha256 = ""};
        CHECK_INT (bus_client_call (self->world->client, &turn, MSG_log_seal, &last, &answer), OK);
    }
    arena_destroy (&arena);
    return NULL;
}

static void small_logs (world_t *world)
{
    atomic_int next = 0;
    client_t client = {world, &next};
    pthread_t threads[CLIENTS];
    double used = processor ();
    int64_t began = clock_monotonic_us ();
    for (int i = 0; i < CLIENTS; i++)
        pthread_create (&threads[i], NULL, send_small, &client);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join (threads[i], NULL);
    printf ("small logs (3 appends and a seal, %d at a time): %.0f a second, %.3f ms of processor each\n",
            CLIENTS, SMALL / since (began), (processor () - used) * 1e3 / SMALL);
}

TEST (the_log_collector_is_measured)
{
    world_t world;
    buffer_t *log = buffer_new (128 << 20);
    unsigned seed = 1;
    for (int i = 1; i <= LINES; i++) {
        seed = seed * 1664525 + 1013904223;
        buffer_printf (
            log,
            "line %7d compile src/module_%u/file_%u.c with flags -O2 -g -Wall, in %5u ms, cached no ......\n",
            i, seed >> 28, seed >> 20 & 255, seed >> 10 & 4095);
    }
    world_begin (&world, NULL);
    clock_destroy (&world.clock);
    world.clock = clock_system ();
    world_start (&world);
    large_log (&world, buffer_text (log), buffer_size (log));
    windows (&world, 300);
    searches (&world);
    small_logs (&world);
    world_end (&world);
    buffer_destroy (&log);
}
