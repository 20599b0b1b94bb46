/* test_report.c - see test_report.h. */

#include "common/report/test_report.h"

#include "common/base/utf8.h"

#include <ctype.h>
#include <string.h>

#define LOOK_MAX    4096      // Bytes by which a format is recognised
#define SECONDS_MAX 100000000 // Of one test; more is not a time

static bool begins (const char *text, size_t size, const char *with)
{
    return size >= strlen (with) && memcmp (text, with, strlen (with)) == 0;
}

static bool has (const char *text, size_t size, const char *part)
{
    return memmem (text, size < LOOK_MAX ? size : LOOK_MAX, part, strlen (part)) != NULL;
}

const char *test_report_format (const char *text, size_t size)
{
    if (begins (text, size, "\xef\xbb\xbf")) {
        text += 3;
        size -= 3;
    }
    while (size > 0 && isspace ((unsigned char) *text)) {
        text++;
        size--;
    }
    if (size > 0 && *text == '<')
        return has (text, size, "<testsuite") ? "junit" : NULL;
    if (size > 0 && *text == '{')
        return has (text, size, "\"Action\":") && has (text, size, "\"Package\":") ? "go" : NULL;
    bool tap = begins (text, size, "TAP version 1") || begins (text, size, "ok ") ||
               begins (text, size, "not ok ") || begins (text, size, "1..");
    return tap ? "tap" : NULL;
}

fault_t test_report_read (arena_t *arena, const char *text, size_t size, test_report_t *out,
                          const char **error)
{
    const char *format = size <= TEST_REPORT_MAX ? test_report_format (text, size) : NULL;
    *out = (test_report_t){.format = format ? format : ""};
    *error = "";
    if (size > TEST_REPORT_MAX)
        *error = "it is larger than 8 MiB";
    else if (!format)
        *error = "it is neither JUnit XML nor TAP nor the output of go test -json";
    if (**error)
        return INVALID;
    if (*format == 'j')
        return junit_read (arena, text, size, out, error);
    return *format == 't' ? tap_read (arena, text, size, out, error)
                          : go_test_read (arena, text, size, out, error);
}

void test_report_add (test_report_t *self, arena_t *arena, const reported_case_t *one)
{
    self->passed += one->outcome == CASE_PASSED;
    self->failed += one->outcome == CASE_FAILED;
    self->skipped += one->outcome == CASE_SKIPPED;
    self->duration_us += one->duration_us;
    if (self->count == TEST_CASES_MAX)
        return;
    self->cases = arena_grow (arena, self->cases, self->count, &self->capacity, sizeof *self->cases);
    self->cases[self->count++] = *one;
}

const char *test_report_text (arena_t *arena, const char *text, size_t size, size_t most)
{
    while (size > 0 && isspace ((unsigned char) *text)) {
        text++;
        size--;
    }
    while (size > 0 && isspace ((unsigned char) text[size - 1]))
        size--;
    return utf8_repair (arena, text, size, most);
}

int64_t test_report_seconds (const char *text, size_t size)
{
    int64_t seconds = 0, part = 100000, fraction = 0;
    size_t i = 0;
    for (; i < size && (isdigit ((unsigned char) text[i]) || text[i] == ',') && seconds < SECONDS_MAX; i++)
        if (text[i] != ',')
            seconds = seconds * 10 + (text[i] - '0');
    if (i < size && text[i] == '.')
        for (i++; i < size && isdigit ((unsigned char) text[i]); i++) {
            fraction += part * (text[i] - '0');
            part /= 10;
        }
    return i == size && seconds < SECONDS_MAX ? seconds * 1000000 + fraction : 0;
}

static void add_slow (test_brief_t *brief, const reported_case_t *one)
{
    size_t at = brief->slowest_count;
    while (at > 0 && brief->slowest[at - 1].duration_us < one->duration_us)
        at--;
    if (at == TEST_BRIEF_SLOWEST || one->duration_us == 0)
        return;
    brief->slowest_count += brief->slowest_count < TEST_BRIEF_SLOWEST;
    memmove (&brief->slowest[at + 1], &brief->slowest[at],
             (brief->slowest_count - at - 1) * sizeof *brief->slowest);
    brief->slowest[at] = *one;
}

void test_report_brief (const test_report_t *self, test_brief_t *out)
{
    *out = (test_brief_t){.failure_count = 0};
    for (size_t i = 0; i < self->count; i++) {
        add_slow (out, &self->cases[i]);
        if (self->cases[i].outcome == CASE_FAILED && out->failure_count < TEST_BRIEF_FAILURES)
            out->failures[out->failure_count++] = self->cases[i];
    }
}
