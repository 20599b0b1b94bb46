/* Search finds exactly the lines that match, whatever colours, bytes and lengths they have. */

#include "common/base/metrics.h"
#include "services/logs/logs_self.h"
#include "services/logs/search.h"
#include "tests/service/logs_rows.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>

static log_matches_t search (world_t *self, log_search_t ask)
{
    log_matches_t matches = {0};
    ask.job = self->job;
    fault_t fault = world_ask (self, MSG_log_search, &ask, &matches);
    if (fault)
        test_fail (__FILE__, __LINE__, "search: %s: %s", fault_name (fault),
                   self->turn.detail ? self->turn.detail : "");
    return matches;
}

#define LITERAL(text) ((log_search_t){.pattern = (text)})
#define REGEX(text)   ((log_search_t){.pattern = (text), .regex = true})

TEST_ON_ENGINES (words_are_found_through_colours_and_broken_bytes)
{
    static const char log[] = "plain error: here\n"
                              "\x1b[31merr\x1b[0mor: coloured\n"
                              "\x1b]8;;http://x\x1b\\err\x1b]8;;\x07or: a link\r\n"
                              "broken \xff\xfe error: bytes\n"
                              "a NUL \0 error: behind it\n"
                              "Error: another case\n"
                              "\n"
                              "nothing";
    append (world, 1, 0, log, sizeof (log) - 1);
    log_matches_t found = search (world, LITERAL ("error:"));
    CHECK_INT (found.count, 5);
    CHECK_INT (found.items.count, 5);
    CHECK_STR (found.items.items[1].text, "error: coloured");
    CHECK_INT (found.items.items[1].column, 1);
    CHECK_INT (found.items.items[1].length, 6);
    CHECK_STR (found.items.items[2].text, "error: a link");
    CHECK_STR (found.items.items[3].text, "broken \xef\xbf\xbd\xef\xbf\xbd error: bytes");
    CHECK_INT (found.items.items[4].line, 5);
    CHECK_INT (found.items.items[4].step, 1);
    CHECK_INT (search (world, (log_search_t){.pattern = "ERROR:", .ignore_case = true}).count, 6);
    CHECK_INT (search (world, REGEX ("^error: .*(coloured|link)$")).count, 2);
    CHECK_INT (search (world, REGEX ("^$")).count, 1);
    CHECK_INT (search (world, REGEX ("^nothing$")).count, 1);
    CHECK_INT (search (world, LITERAL (".*")).count, 0);
    CHECK_INT (search (world, REGEX ("x*")).count, 8);
}

TEST_ON_ENGINES (wrong_and_catastrophic_patterns_are_refused_with_the_reason)
{
    static const char *const wrong[] = {"(", "[z-a]", "a{1000000}", "(?<n>a)(?<n>b)", "\\C", "*"};
    log_matches_t matches;
    append (world, 1, 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 49);
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++) {
        log_search_t ask = {.job = world->job, .pattern = wrong[i], .regex = true};
        CHECK_INT (world_ask (world, MSG_log_search, &ask, &matches), INVALID);
        CHECK (strstr (world->turn.detail, "pattern: at character"));
    }
    log_search_t ask = {.job = world->job, .regex = true};
    CHECK_INT (search (world, REGEX ("^(a+)+$")).count, 1);
    ask.pattern = "(?:a|a)*(?:a|a)*(?:a|a)*(?:a|a)*(?:a|a)*[bc]";
    CHECK_INT (world_ask (world, MSG_log_search, &ask, &matches), INVALID);
    CHECK (strstr (world->turn.detail, "too many steps on line 1"));
}

TEST_ON_ENGINES (patterns_may_not_change_how_the_engine_works)
{
    static const char *const refused[] = {"(*NO_JIT)a*a*a*[^a]",
                                          "(*UTF)(*LIMIT_MATCH=4000000000)a",
                                          "x(*SKIP)y",
                                          "\\\\(*ACCEPT)",
                                          "[a](*F)",
                                          "[^]a](*F)",
                                          "\\Qa\\E(*F)"};
    static const char *const taken[] = {"a\\(*b", "[(*]", "\\Q(*\\E", "(a)*", "[]\\](*]"};
    log_matches_t matches;
    append (world, 1, 0, "a(b (*\n", 7);
    for (size_t i = 0; i < sizeof (refused) / sizeof (refused[0]); i++) {
        log_search_t ask = {.job = world->job, .pattern = refused[i], .regex = true};
        CHECK_INT (world_ask (world, MSG_log_search, &ask, &matches), INVALID);
        CHECK (strstr (world->turn.detail, "verbs, (*...), are not allowed"));
    }
    for (size_t i = 0; i < sizeof (taken) / sizeof (taken[0]); i++)
        CHECK_INT (search (world, REGEX (taken[i])).count, 1);
    CHECK_INT (search (world, LITERAL ("(*")).count, 1);
}

// About three million steps: within the engine's own limit, past ours.
TEST_ON_ENGINES (a_pattern_that_takes_millions_of_steps_on_one_line_is_refused)
{
    char line[2001] = "";
    memset (line, 'a', sizeof (line) - 1);
    append (world, 1, 0, line, sizeof (line) - 1);
    log_matches_t matches;
    log_search_t ask = {.job = world->job, .pattern = "(?:a|b)*(?:a|c)*[de]", .regex = true};
    CHECK_INT (world_ask (world, MSG_log_search, &ask, &matches), INVALID);
    CHECK (strstr (world->turn.detail, "too many steps on line 1"));
}

TEST_ON_ENGINES (a_match_in_the_first_line_of_a_step_is_of_that_step)
{
    append (world, 1, 0, "error one\n", 10);
    append (world, 2, 10, "error two\n", 10);
    append (world, 4, 20, "error", 5);
    append (world, 5, 25, " four\n", 6); // Begun within a line, which is of the step that began it
    log_matches_t found = search (world, LITERAL ("error"));
    CHECK_INT (found.items.count, 3);
    CHECK_INT (found.items.items[0].step, 1);
    CHECK_INT (found.items.items[1].step, 2);
    CHECK_INT (found.items.items[2].step, 4);
}

// ---- searches beside one another, and beside everything else ----

typedef struct {
    world_t *world;
    pthread_t thread;
    const char *job;
    char name[16];
    fault_t fault;
    atomic_bool done;
} searcher_t;

static void *search_in_thread (void *context)
{
    searcher_t *self = context;
    turn_t turn;
    log_matches_t matches;
    char request[48]; // Each time another
    snprintf (request, sizeof (request), "%s-%lld", self->name,
              (long long) clock_now_us (self->world->clock));
    turn_init (&turn, arena_new (), request, clock_now_us (self->world->clock));
    turn.caller = (caller_t){.role = ROLE_VIEWER, .subject = self->name};
    turn.deadline_us = clock_now_us (self->world->clock) + SECONDS (30);
    log_search_t ask = {.job = self->job, .pattern = "x"};
    self->fault = bus_client_call (self->world->client, &turn, MSG_log_search, &ask, &matches);
    self->done = true;
    arena_destroy (&turn.arena);
    return NULL;
}

static void searcher_start (searcher_t *self, world_t *world, const char *name)
{
    *self = (searcher_t){.world = world, .job = world->job};
    snprintf (self->name, sizeof (self->name), "%s", name);
    pthread_create (&self->thread, NULL, search_in_thread, self);
}

static char found_blob[512];

static int find_blob (const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void) stat, (void) walk;
    if (kind == FTW_F && strstr (path, "/blobs/logs/"))
        snprintf (found_blob, sizeof (found_blob), "%s", path);
    return 0;
}

// The log's blob becomes a pipe: who reads it waits until the test opens the other end.
static void make_blob_wait (world_t *self, const char *log, size_t size)
{
    append (self, 1, 0, log, size);
    CHECK_INT (seal (self, 0, ""), OK);
    int64_t until = test_until_us ();
    for (*found_blob = '\0'; !*found_blob; nftw (self->folder, find_blob, 16, FTW_PHYS)) {
        CHECK (clock_monotonic_us () < until);
        clock_turn (self->clock, SECONDS (1));
        CHECK (show_log (self).sealed);
    }
    // Until its rows say so: before that a search reads the chunks, and waits for nothing
    wait_for (self, chunks, 0);
    CHECK (remove (found_blob) == 0 && mkfifo (found_blob, 0600) == 0);
}

static int64_t searches_run (void)
{
    return metric_read (metrics_histogram ("opencicd_handler_seconds", "message", "log_search", ""));
}

static void wait_for_searches (int64_t count)
{
    int64_t until = test_until_us ();
    while (searches_run () < count) {
        CHECK (clock_monotonic_us () < until);
        sched_yield ();
    }
}

TEST_ON_ENGINES (searches_hold_nobody_up_and_each_caller_has_one)
{
    static char log[400000];
    static searcher_t searchers[SEARCHES];
    log_matches_t matches;
    memset (log, 'y', sizeof (log));
    log[sizeof (log) - 1] = '\n';
    make_blob_wait (world, log, sizeof (log));
    const char *slow = world->job;
    for (int i = 0; i < SEARCHES; i++) { // One waits for the blob, the others for its thread
        char name[16];
        int64_t before = searches_run ();
        snprintf (name, sizeof (name), "viewer%d", i);
        searcher_start (&searchers[i], world, name);
        wait_for_searches (before + 1);
    }
    log_search_t ask = {.job = slow, .pattern = "y"};
    world->turn.caller = (caller_t){.role = ROLE_VIEWER, .subject = "viewer0"};
    world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (30);
    CHECK_INT (bus_client_call (world->client, &world->turn, MSG_log_search, &ask, &matches), OVERLOADED);
    CHECK (strstr (world->turn.detail, "your previous search"));
    CHECK_INT (world_ask (world, MSG_log_search, &ask, &matches), OVERLOADED);
    CHECK (strstr (world->turn.detail, "8 searches are under way"));
    world->job = id_new (world->own, 'j', 5);
    append_all (world, log, sizeof (log), sizeof (log)); // A helper thread's work
    CHECK_INT (seal (world, 0, ""), OK);
    check_whole (world, log, sizeof (log));
    for (int i = 0; i < SEARCHES; i++)
        CHECK (!searchers[i].done);
    while (!searchers[SEARCHES - 1].done) { // Lets them go on, to find that the blob is none
        int fd = open (found_blob, O_WRONLY | O_NONBLOCK);
        if (fd >= 0)
            close (fd);
        sched_yield ();
    }
    for (int i = 0; i < SEARCHES; i++) {
        pthread_join (searchers[i].thread, NULL);
        CHECK (searchers[i].fault != OK && searchers[i].fault != OVERLOADED);
    }
    CHECK (remove (found_blob) == 0);
    CHECK_INT (search (world, LITERAL ("y")).count, 1); // Their places are free again
}

// Nobody fetches what its search finds.
TEST_ON_ENGINES (the_slot_of_a_caller_that_gave_up_is_free_a_little_later)
{
    static char log[400000];
    static searcher_t first, again;
    memset (log, 'y', sizeof (log));
    log[sizeof (log) - 1] = '\n';
    make_blob_wait (world, log, sizeof (log));
    int64_t before = searches_run ();
    searcher_start (&first, world, "viewer");
    wait_for_searches (before + 1);
    clock_turn (world->clock, SECONDS (40));
    pthread_join (first.thread, NULL);
    CHECK_INT (first.fault, TIMEOUT);
    before = searches_run ();
    searcher_start (&again, world, "viewer");
    wait_for_searches (before + 1);
    while (!again.done) { // The thread, which looked at the blob for the first, goes on
        int fd = open (found_blob, O_WRONLY | O_NONBLOCK);
        if (fd >= 0)
            close (fd);
        sched_yield ();
    }
    pthread_join (again.thread, NULL);
    CHECK (again.fault != OVERLOADED);
    CHECK (remove (found_blob) == 0);
}

TEST (a_search_whose_time_is_over_before_it_begins_is_not_begun)
{
    log_match_run_t ask = {.ask = {.pattern = "(", .limit = 1}, .until_us = clock_monotonic_us ()};
    turn_init (&ask.turn, arena_new (), "", 0);
    search_run (&ask);
    CHECK_INT (ask.fault, OVERLOADED);
    arena_destroy (&ask.turn.arena);
}

// Lines "number N" with colours here and there; every 7th says "seven".
static char *numbered (size_t lines, size_t *size)
{
    buffer_t *buffer = buffer_new (64 << 20);
    for (size_t i = 1; i <= lines; i++)
        buffer_printf (buffer, "%s%zu %s%s\n", i % 3 ? "number " : "\x1b[1mnum\x1b[mber ", i,
                       i % 7 ? "other" : "seven", i % 5 ? "" : " and some more text to fill the line");
    char *copy = malloc (buffer_size (buffer));
    *size = buffer_size (buffer);
    memcpy (copy, buffer_text (buffer), *size);
    buffer_destroy (&buffer);
    return copy;
}

TEST_ON_ENGINES (counts_are_exact_and_pages_join_over_a_large_log)
{
    size_t size, seen = 0;
    char *log = numbered (300000, &size);
    append_all (world, log, size, 700000);
    log_search_t ask = {.pattern = "seven", .limit = 1000, .line = 290000};
    for (int sealed = 0; sealed < 2; sealed++) {
        log_matches_t found = search (world, LITERAL ("seven"));
        CHECK_INT (found.count, 300000 / 7);
        CHECK_INT (found.items.count, 100);
        CHECK_INT (found.items.items[99].line, 700);
        CHECK_INT (found.next_line, 707);
        CHECK_INT (search (world, REGEX ("^number 1\\d*7 .*seven")).count,
                   search (world, REGEX ("^number 1\\d*7 seven")).count);
        CHECK_INT (seal (world, 0, ""), OK);
    }
    while (ask.line > 0) {
        arena_reset (world->arena);
        log_matches_t found = search (world, ask);
        CHECK_INT (found.count, 300000 / 7);
        for (size_t i = 0; i < found.items.count; i++)
            CHECK_INT (found.items.items[i].line % 7, 0);
        seen += found.items.count;
        ask.line = found.next_line;
    }
    CHECK_INT (seen, 300000 / 7 - 289999 / 7);
    free (log);
}

TEST_ON_ENGINES (a_slow_pattern_on_a_long_line_ends_in_time)
{
    size_t size = 8 << 20;
    char *log = malloc (size);
    memset (log, 'a', size);
    append_all (world, log, size, MAX_CHUNK);
    log_search_t ask = {.job = world->job, .pattern = "a.*a.*[bc]", .regex = true};
    log_matches_t matches;
    int64_t began = clock_monotonic_us ();
    fault_t fault = world_ask (world, MSG_log_search, &ask, &matches);
    CHECK (fault == INVALID || fault == TIMEOUT || fault == OK);
    CHECK (clock_monotonic_us () - began < SECONDS (12));
    free (log);
}

TEST_ON_ENGINES (a_long_line_is_matched_in_stretches_and_counted_once)
{
    size_t size = 3 << 20;
    char *log = malloc (size);
    memset (log, '-', size);
    static const size_t places[] = {10, 32765, 65000, 1 << 20, (3 << 20) - 10};
    for (size_t i = 0; i < sizeof (places) / sizeof (places[0]); i++)
        memcpy (log + places[i], "needle", 6);
    log[100] = '\n';
    append_all (world, log, size, MAX_CHUNK);
    log_matches_t found = search (world, LITERAL ("needle"));
    CHECK_INT (found.count, 2);
    CHECK_INT (found.items.items[1].line, 2);
    CHECK_INT (found.items.items[1].column, 32765 - 101 + 1);
    CHECK_INT (search (world, REGEX ("^-")).count, 2);
    CHECK_INT (search (world, REGEX ("-$")).count, 2);
    memset (log + 101, '-', size - 101);
    world->job = id_new (world->own, 'j', 5);
    memcpy (log + 101 + (32 << 10) - 3, "needle", 6); // Across the end of a stretch
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (search (world, LITERAL ("needle")).count, 2);
    free (log);
}
