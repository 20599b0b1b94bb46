/* tap.c - the Test Anything Protocol: "ok 1 - name", "not ok 2 - name # todo", with a YAML block after a failure. See test_report.h.
 *
 * Tests within tests are indented and counted by the line that sums them up. Other lines are what the tests print. */

#include "common/base/line.h"
#include "common/report/test_report.h"

#include <string.h>
#include <strings.h>

typedef struct {
    arena_t *arena;
    test_report_t *out;
    reported_case_t one;
    bool pending, in_block;
    const char *block; // What it holds, from its first line on
    size_t block_size;
} tap_t;

static void end_case (tap_t *self)
{
    if (self->pending && self->one.outcome == CASE_FAILED && !*self->one.message && self->block_size)
        self->one.message = test_report_text (self->arena, self->block, self->block_size, TEST_MESSAGE_MAX);
    if (self->pending)
        test_report_add (self->out, self->arena, &self->one);
    self->pending = self->in_block = false;
    self->block_size = 0;
}

// "# SKIP why", "# todo why": a failure that is expected is none.
static bool directive (const char *text, size_t size, size_t *name_size)
{
    for (size_t i = 0; i + 5 < size; i++) {
        if (text[i] != '#' || (i > 0 && text[i - 1] == '\\'))
            continue;
        size_t at = i + 1;
        while (at < size && text[at] == ' ')
            at++;
        if (size - at < 4 ||
            (strncasecmp (text + at, "skip", 4) != 0 && strncasecmp (text + at, "todo", 4) != 0))
            continue;
        *name_size = i;
        return true;
    }
    return false;
}

static void begin_case (tap_t *self, const char *text, size_t size, bool ok)
{
    size_t at = 0, name_size = size;
    end_case (self);
    while (at < size && (text[at] == ' ' || (text[at] >= '0' && text[at] <= '9')))
        at++;
    if (at + 1 < size && text[at] == '-' && text[at + 1] == ' ')
        at += 2;
    bool excused = directive (text, size, &name_size);
    name_size = name_size > at ? name_size : at;
    self->one =
        (reported_case_t){.suite = "",
                          .name = test_report_text (self->arena, text + at, name_size - at, TEST_NAME_MAX),
                          .message = "",
                          .outcome = excused ? CASE_SKIPPED
                                     : ok    ? CASE_PASSED
                                             : CASE_FAILED};
    self->pending = true;
}

static const char *value_of (const line_t *line, const char *key)
{
    size_t size = strlen (key);
    return line->size > size && memcmp (line->text, key, size) == 0 ? line->text + size : NULL;
}

static void read_block (tap_t *self, line_t line)
{
    line_trim (&line);
    if (line.size == 3 && memcmp (line.text, "...", 3) == 0) {
        self->in_block = false;
        return;
    }
    const char *value = value_of (&line, "message:");
    const char *end = line.text + line.size;
    if (!self->block_size)
        self->block = line.text;
    self->block_size = (size_t) (end - self->block);
    if (value && !*self->one.message) {
        const char *text = test_report_text (self->arena, value, (size_t) (end - value), TEST_MESSAGE_MAX);
        size_t size = strlen (text);
        bool quoted = size > 1 && (*text == '"' || *text == '\'') && text[size - 1] == *text;
        self->one.message = quoted ? arena_strndup (self->arena, text + 1, size - 2) : text;
    }
    value = value_of (&line, "duration_ms:");
    if (value) {
        const char *text = test_report_text (self->arena, value, (size_t) (end - value), 32);
        self->one.duration_us = test_report_seconds (text, strlen (text)) / 1000;
    }
}

static bool is (const line_t *line, const char *begin)
{
    return line->size >= strlen (begin) && memcmp (line->text, begin, strlen (begin)) == 0;
}

static void bail_out (tap_t *self, const line_t *line)
{
    end_case (self);
    self->one = (reported_case_t){
        .suite = "",
        .name = "Bail out!",
        .message = test_report_text (self->arena, line->text + 9, line->size - 9, TEST_MESSAGE_MAX),
        .outcome = CASE_FAILED};
    self->pending = true;
}

fault_t tap_read (arena_t *arena, const char *text, size_t size, test_report_t *out, const char **error)
{
    tap_t self = {.arena = arena, .out = out};
    for (line_t line = line_begin (text, size); line_next (&line);) {
        line_t inner = line;
        line_trim (&inner);
        if (self.in_block)
            read_block (&self, line);
        else if (is (&line, "ok") && (line.size == 2 || line.text[2] == ' '))
            begin_case (&self, line.text + 2, line.size - 2, true);
        else if (is (&line, "not ok"))
            begin_case (&self, line.text + 6, line.size - 6, false);
        else if (is (&line, "Bail out!"))
            bail_out (&self, &line);
        else if (self.pending && line.size > inner.size && inner.size == 3 &&
                 memcmp (inner.text, "---", 3) == 0)
            self.in_block = true;
    }
    end_case (&self);
    if (out->passed + out->failed + out->skipped > 0)
        return OK;
    *error = "it reports no test";
    return INVALID;
}
