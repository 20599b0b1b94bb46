/* imported.h - a file of another system, translated, for tests: what comes out passes lint, whatever the test looks at. */

#ifndef OPENCICD_TESTS_IMPORTED_H
#define OPENCICD_TESTS_IMPORTED_H

#include "cli/import/import.h"
#include "tests/unit/test.h"

typedef struct {
    arena_t *arena;
    const char *text; // The workflow; "" where nothing came out
    size_t notes;     // NOT TRANSLATED
    const char *error;
} imported_t;

imported_t imported (import_fn *translate, const char *source);
void imported_end (imported_t *self);
void imported_has (const imported_t *self, const char *file, int line, const char *part, bool has);

// Is this part of the workflow there, or not?
#define CHECK_HAS(of, part)   (TEST_AT (), imported_has (of, __FILE__, __LINE__, part, true))
#define CHECK_LACKS(of, part) (TEST_AT (), imported_has (of, __FILE__, __LINE__, part, false))

#endif
