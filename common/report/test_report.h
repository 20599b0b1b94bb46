/* test_report.h - what a test run reports in a file: JUnit XML, TAP, or the output of `go test -json`. Pure, for bytes from outside.
 *
 * The content says which format it is. Bounded: bytes, cases, nesting and the length of each text; what is not well formed is INVALID, with the
 * line. Sources: the JUnit schema of Jenkins' xunit plugin, TAP 14 (testanything.org), `go doc test2json`. */

#ifndef OPENCICD_TEST_REPORT_H
#define OPENCICD_TEST_REPORT_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>

#define TEST_REPORT_MAX  (8 << 20) // Bytes of one
#define TEST_CASES_MAX   50000     // Of one that are kept; more are counted
#define TEST_NAME_MAX    500       // Bytes of a name; the rest is cut
#define TEST_MESSAGE_MAX 1000      // Likewise of what a failure says

typedef enum { CASE_PASSED, CASE_FAILED, CASE_SKIPPED } case_outcome_t;

typedef struct {
    const char *suite, *name; // "" where it has none
    const char *message;      // Of a failure
    int64_t duration_us;
    case_outcome_t outcome;
} reported_case_t;

typedef struct {
    const char *format; // "junit", "tap", "go"
    reported_case_t *cases;
    size_t count, capacity;
    size_t passed, failed, skipped;
    int64_t duration_us; // Of all cases
} test_report_t;

// Does it look like a report? NULL or its format, by its first bytes.
const char *test_report_format (const char *text, size_t size);
// INVALID where it is not one: *error, in the arena, says why. Texts are UTF-8.
MUST_USE fault_t test_report_read (arena_t *arena, const char *text, size_t size, test_report_t *out,
                                   const char **error);

// What is worth sending of one.
#define TEST_BRIEF_FAILURES 200
#define TEST_BRIEF_SLOWEST  20
typedef struct {
    reported_case_t failures[TEST_BRIEF_FAILURES], slowest[TEST_BRIEF_SLOWEST];
    size_t failure_count, slowest_count;
} test_brief_t;
void test_report_brief (const test_report_t *self, test_brief_t *out);

// ---- its parsers ----

// Adds it, counted always, kept within the bound.
void test_report_add (test_report_t *self, arena_t *arena, const reported_case_t *one);
const char *test_report_text (arena_t *arena, const char *text, size_t size,
                              size_t most);                  // As UTF-8, trimmed
int64_t test_report_seconds (const char *text, size_t size); // "1.25", in microseconds; 0 for anything else

fault_t junit_read (arena_t *arena, const char *text, size_t size, test_report_t *out, const char **error);
fault_t tap_read (arena_t *arena, const char *text, size_t size, test_report_t *out, const char **error);
fault_t go_test_read (arena_t *arena, const char *text, size_t size, test_report_t *out, const char **error);

#endif
