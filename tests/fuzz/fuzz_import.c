/* fuzz_import.c - any bytes as a file of another system; the first one says of which.
 *
 * Holds: what comes out is a workflow in which lint finds no error, and in which no text of the file has become an expression; what does not
 * come out has a reason with a line. */

#include "cli/import/import.h"
#include "tests/fuzz/fuzz.h"
#include "workflow/lint/lint.h"
#include "workflow/yaml/yaml.h"

#include <stdlib.h>
#include <strings.h>

// No translator writes an expression with `runner`: one that is there was in the file.
static void check_text (arena_t *arena, const node_t *node)
{
    const expression_t *expression;
    expression_error_t error;
    expression_ref_t *refs;
    size_t count;
    if (!template_has_expression (node->text) ||
        template_parse (arena, node->text, node->size, &expression, &error) != OK)
        return;
    expression_refs (expression, arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK (refs[i].function || strcasecmp (refs[i].path[0], "runner") != 0);
}

static void check_node (arena_t *arena, const node_t *node)
{
    if (node_is_scalar (node))
        check_text (arena, node);
    for (size_t i = 0; i < node->count; i++)
        check_node (arena, node->items[i]);
}

static void check_workflow (arena_t *arena, const char *text, size_t size)
{
    findings_t findings;
    node_t *root;
    findings_init (&findings, arena, "workflow");
    FUZZ_CHECK (workflow_lint (arena, "workflow", text, size, NULL, &findings) == OK);
    FUZZ_CHECK (yaml_parse (arena, text, size, &findings, &root) == OK);
    check_node (arena, root);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static import_fn *const systems[] = {import_jenkins, import_gitlab, import_woodpecker};
    if (size == 0)
        return 0;
    arena_t *arena = arena_new ();
    import_t import;
    import_init (&import, arena, "file", "Title");
    if (systems[data[0] % 3](&import, (const char *) data + 1, size - 1) == OK) {
        buffer_t *text = buffer_new (DRAFT_MAX);
        import_print (&import, text);
        if (!buffer_full (text))
            check_workflow (arena, buffer_text (text), buffer_size (text));
        buffer_destroy (&text);
    } else
        FUZZ_CHECK (import.error && strtol (import.error, NULL, 10) > 0);
    arena_destroy (&arena);
    return 0;
}
