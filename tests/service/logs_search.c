/* Search finds exactly the lines that match, whatever colours, bytes and lengths they have. */

#include "tests/service/logs_words.h"

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

TEST_ON_ENGINES (wrong_and_catastrophic_patterns_are_refused_with_words)
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
