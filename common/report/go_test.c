/* go_test.c - the output of `go test -json`: an object a line, which says that a test runs, prints, passed, failed or was skipped. See
 * test_report.h.
 *
 * A test with subtests fails with them: only the innermost is reported as failed. Lines that are not JSON are what the build printed. */

#include "common/base/index.h"
#include "common/base/json_reader.h"
#include "common/base/line.h"
#include "common/report/test_report.h"

#include <string.h>

#define TESTS_MAX 20000 // Whose output is kept until they end

typedef struct {
    const char *key;
    char *said; // What it printed, the last of it
    size_t said_size;
    bool child_failed;
} running_test_t;

typedef struct {
    arena_t *arena;
    test_report_t *out;
    index_t by_key;
    running_test_t *tests;
    size_t count, capacity;
} go_test_t;

typedef struct {
    const char *action, *package, *test, *output;
    int64_t elapsed_us;
} line_facts_t;

static bool read_text (json_reader_t *reader, arena_t *arena, size_t most, const char **out)
{
    const char *text;
    size_t size;
    if (json_reader_next (reader) != JSON_IS_STRING)
        return json_reader_skip (reader);
    if (!json_reader_string (reader, arena, &text, &size))
        return false;
    *out = test_report_text (arena, text, size, most);
    return true;
}

static bool read_elapsed (json_reader_t *reader, arena_t *arena, int64_t *out)
{
    const char *text;
    size_t size;
    if (!json_reader_raw (reader, arena, &text, &size))
        return false;
    *out = test_report_seconds (text, size);
    return true;
}

static bool read_member (json_reader_t *reader, arena_t *arena, line_facts_t *out)
{
    char key[16];
    if (!json_reader_key (reader, key, sizeof key))
        return false;
    if (strcmp (key, "Action") == 0)
        return read_text (reader, arena, 16, &out->action);
    if (strcmp (key, "Package") == 0)
        return read_text (reader, arena, TEST_NAME_MAX, &out->package);
    if (strcmp (key, "Test") == 0)
        return read_text (reader, arena, TEST_NAME_MAX, &out->test);
    if (strcmp (key, "Output") == 0)
        return read_text (reader, arena, TEST_MESSAGE_MAX, &out->output);
    if (strcmp (key, "Elapsed") == 0)
        return read_elapsed (reader, arena, &out->elapsed_us);
    return json_reader_skip (reader);
}

static bool read_line (arena_t *arena, const line_t *line, line_facts_t *out)
{
    json_reader_t reader;
    *out = (line_facts_t){"", "", "", "", 0};
    json_reader_begin (&reader, line->text, line->size);
    bool good = json_reader_next (&reader) == JSON_IS_OBJECT && json_reader_enter (&reader);
    while (good && json_reader_more (&reader, '}'))
        good = read_member (&reader, arena, out);
    return json_reader_end (&reader) && good;
}

// NULL where there are too many.
static running_test_t *test_of (go_test_t *self, const char *package, const char *test)
{
    const char *key = arena_printf (self->arena, "%s\n%s", package, test);
    size_t found = index_find (&self->by_key, key);
    if (found != INDEX_NONE)
        return &self->tests[found];
    if (self->count == TESTS_MAX)
        return NULL;
    self->tests = arena_grow (self->arena, self->tests, self->count, &self->capacity, sizeof *self->tests);
    self->tests[self->count] = (running_test_t){.key = key};
    index_put (&self->by_key, key, self->count);
    return &self->tests[self->count++];
}

// Its frame ("=== RUN", "--- FAIL") is not what it says.
static void add_output (go_test_t *self, running_test_t *test, const char *text)
{
    size_t size = strlen (text);
    if (size == 0 || strncmp (text, "===", 3) == 0 || strncmp (text, "---", 3) == 0)
        return;
    if (!test->said)
        test->said = arena_alloc (self->arena, TEST_MESSAGE_MAX + 1);
    if (test->said_size + size + 1 > TEST_MESSAGE_MAX)
        return;
    memcpy (test->said + test->said_size, text, size);
    test->said_size += size;
    test->said[test->said_size++] = '\n';
}

static void mark_parents (go_test_t *self, const line_facts_t *line)
{
    for (size_t size = strlen (line->test); size > 0; size--)
        if (line->test[size - 1] == '/') {
            running_test_t *parent =
                test_of (self, line->package, arena_strndup (self->arena, line->test, size - 1));
            if (parent)
                parent->child_failed = true;
        }
}

static void end_test (go_test_t *self, const line_facts_t *line, case_outcome_t outcome)
{
    running_test_t *test = test_of (self, line->package, line->test);
    if (outcome == CASE_FAILED)
        mark_parents (self, line);
    if (outcome == CASE_FAILED && test && test->child_failed)
        return;
    const char *said = test && test->said ? test->said : "";
    test_report_add (self->out, self->arena,
                     &(reported_case_t){.suite = line->package,
                                        .name = line->test,
                                        .message = outcome == CASE_FAILED
                                                       ? test_report_text (self->arena, said, strlen (said),
                                                                           TEST_MESSAGE_MAX)
                                                       : "",
                                        .duration_us = line->elapsed_us,
                                        .outcome = outcome});
    if (test)
        test->said_size = 0;
}

static void take (go_test_t *self, const line_facts_t *line)
{
    static const struct {
        const char *action;
        case_outcome_t outcome;
    } ends[] = {{"pass", CASE_PASSED}, {"fail", CASE_FAILED}, {"skip", CASE_SKIPPED}};
    if (!*line->test)
        return; // Of a package
    if (strcmp (line->action, "output") == 0) {
        running_test_t *test = test_of (self, line->package, line->test);
        if (test)
            add_output (self, test, line->output);
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (strcmp (line->action, ends[i].action) == 0)
            end_test (self, line, ends[i].outcome);
}

fault_t go_test_read (arena_t *arena, const char *text, size_t size, test_report_t *out, const char **error)
{
    go_test_t self = {.arena = arena, .out = out};
    line_facts_t facts;
    index_init (&self.by_key, arena);
    for (line_t line = line_begin (text, size); line_next (&line);)
        if (line.size > 0 && line.text[0] == '{' && read_line (arena, &line, &facts))
            take (&self, &facts);
    if (out->passed + out->failed + out->skipped > 0)
        return OK;
    *error = "it reports no test";
    return INVALID;
}
