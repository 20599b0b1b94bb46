/* imported.c - see imported.h. */

#include "tests/unit/cli/import/imported.h"

#include "workflow/lint/lint.h"

#include <string.h>

static const char *problem (arena_t *arena, const char *text)
{
    findings_t findings;
    findings_init (&findings, arena, "workflow");
    fault_t fault = workflow_lint (arena, "workflow", text, strlen (text), NULL, &findings);
    for (size_t i = 0; fault != OK && i < findings.count; i++)
        if (findings.items[i].severity == SEVERITY_ERROR)
            return arena_printf (arena, "%d: %s\n%s", findings.items[i].line, findings.items[i].message,
                                 text);
    return "";
}

imported_t imported (import_fn *translate, const char *source)
{
    imported_t self = {.arena = arena_new (), .text = ""};
    import_t import;
    import_init (&import, self.arena, "file", "Title");
    fault_t fault = translate (&import, source, strlen (source));
    self.error = import.error;
    self.notes = import.notes;
    if (fault != OK)
        return self;
    buffer_t *text = buffer_new (DRAFT_MAX);
    import_print (&import, text);
    self.text = arena_strdup (self.arena, buffer_text (text));
    buffer_destroy (&text);
    CHECK_STR (problem (self.arena, self.text), "");
    return self;
}

void imported_end (imported_t *self)
{
    arena_destroy (&self->arena);
}

void imported_has (const imported_t *self, const char *file, int line, const char *part, bool has)
{
    if ((strstr (self->text, part) != NULL) != has)
        test_fail (file, line, "%s in the workflow: %s\n%s", has ? "not" : "found", part, self->text);
}
