/* fuzz_import.c - any bytes as a file of another system; the first one says of which.
 *
 * Holds: what comes out is a workflow in which lint finds no error; what does not come out has a reason with a line. */

#include "cli/import/import.h"
#include "tests/fuzz/fuzz.h"
#include "workflow/lint/lint.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static import_fn *const systems[] = {import_jenkins, import_gitlab, import_woodpecker};
    if (size == 0)
        return 0;
    arena_t *arena = arena_new ();
    import_t import;
    findings_t findings;
    import_init (&import, arena, "file", "Title");
    if (systems[data[0] % 3](&import, (const char *) data + 1, size - 1) == OK) {
        buffer_t *text = buffer_new (DRAFT_MAX);
        import_print (&import, text);
        findings_init (&findings, arena, "workflow");
        if (!buffer_full (text))
            FUZZ_CHECK (workflow_lint (arena, "workflow", buffer_text (text), buffer_size (text), NULL,
                                       &findings) == OK);
        buffer_destroy (&text);
    } else
        FUZZ_CHECK (import.error && strtol (import.error, NULL, 10) > 0);
    arena_destroy (&arena);
    return 0;
}
