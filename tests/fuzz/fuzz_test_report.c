/* Test reports come from jobs: any bytes are read within the bounds or refused with a reason, and every text of them is UTF-8. */

#include "common/base/utf8.h"
#include "common/report/test_report.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_text (const char *text, size_t most)
{
    size_t size = strlen (text);
    FUZZ_CHECK (size <= most && utf8_valid (text, size));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    test_report_t report;
    const char *error;
    fault_t fault = test_report_read (arena, (const char *) data, size, &report, &error);
    FUZZ_CHECK ((fault == OK) == (*error == '\0'));
    if (fault == OK) {
        test_brief_t *brief = arena_alloc (arena, sizeof *brief);
        FUZZ_CHECK (report.count <= report.passed + report.failed + report.skipped);
        for (size_t i = 0; i < report.count; i++) {
            check_text (report.cases[i].suite, TEST_NAME_MAX);
            check_text (report.cases[i].name, TEST_NAME_MAX);
            check_text (report.cases[i].message, TEST_MESSAGE_MAX);
        }
        test_report_brief (&report, brief);
    }
    arena_destroy (&arena);
    return 0;
}
