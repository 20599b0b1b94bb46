/* callees.c - see callees.h. */

#include "cli/files/callees.h"

#include "cli/files/input.h"
#include "workflow/plan/load.h"

#include <stdlib.h>
#include <string.h>

// The last one: a repository may be within another's folder.
static const char *find_last (const char *text, const char *part)
{
    const char *last = NULL;
    for (const char *at = strstr (text, part); at; at = strstr (at + 1, part))
        last = at;
    return last;
}

callees_t called_from (turn_t *turn, const char *path)
{
    static const char *const folders[] = {"/.github/workflows/", "/.opencicd/workflows/"};
    callees_t self = {.turn = turn};
    char *full = realpath (path, NULL);
    for (size_t i = 0; full && i < sizeof folders / sizeof folders[0] && !self.root; i++) {
        const char *at = find_last (full, folders[i]);
        if (at)
            self.root = arena_strndup (turn->arena, full, (size_t) (at - full));
    }
    free (full);
    return self;
}

static const workflow_t *find (void *self_, const char *name, const char **reason)
{
    const callees_t *self = self_;
    turn_t *turn = self->turn;
    const char *text;
    size_t size;
    findings_t findings;
    const workflow_t *workflow;
    *reason = NULL;
    if (!self->root || strncmp (name, "./", 2) != 0)
        return NULL;
    fault_t fault =
        input_read (turn, arena_printf (turn->arena, "%s/%s", self->root, name + 2), &text, &size);
    turn->detail = NULL;
    if (fault) {
        *reason = fault == NOT_FOUND ? "there is no such file" : fault_text (fault);
        return NULL;
    }
    findings_init (&findings, turn->arena, name);
    if (workflow_load (turn->arena, name, text, size, &findings, &workflow) == OK)
        return workflow;
    *reason = arena_printf (turn->arena, "it is not well formed (line %d: %s)", findings.items[0].line,
                            findings.items[0].message);
    return NULL;
}

call_finder_t called_finder (callees_t *self)
{
    return (call_finder_t){self, find};
}

void called_check (callees_t *self, const workflow_t *workflow, findings_t *findings)
{
    findings_t all;
    const call_finder_t finder = called_finder (self);
    findings_init (&all, self->turn->arena, findings->file);
    (void) !calls_check (self->turn->arena, workflow, &finder, &all);
    // What is wrong in a called file is reported once, with that file, not with each of its callers
    for (size_t i = 0; i < all.count; i++)
        if (strcmp (all.items[i].file, findings->file) == 0)
            findings_add (findings, all.items[i].line, all.items[i].column, all.items[i].severity,
                          all.items[i].rule, "%s", all.items[i].message);
    findings_sort (findings);
}
