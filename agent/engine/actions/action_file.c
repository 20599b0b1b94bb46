/* action_file.c - see action_file.h. */

#include "agent/engine/actions/action_file.h"

#include "common/os/rooted.h"

#include <string.h>
#include <unistd.h>

static const char docker_alone[] = "runs: {using: docker, image: Dockerfile}\n";

static fault_t load (turn_t *turn, const action_ref_t *ref, const char *name, const char *text,
                     const action_t **out)
{
    findings_t findings;
    findings_init (&findings, turn->arena, name);
    fault_t fault = action_load (turn->arena, name, text, strlen (text), &findings, out);
    if (!fault)
        return OK;
    const finding_t *first = findings.items;
    while (first->severity != SEVERITY_ERROR)
        first++;
    const char *more =
        findings.errors > 1 ? arena_printf (turn->arena, " (and %zu more)", findings.errors - 1) : "";
    return turn_fail (turn, INVALID, "%s: %s:%d:%d: %s%s", ref->text, name, first->line, first->column,
                      first->message, more);
}

fault_t action_file_load (turn_t *turn, const action_ref_t *ref, int view, const char *folder,
                          const action_t **out)
{
    static const char *const names[] = {"action.yml", "action.yaml"};
    for (size_t i = 0; i < 2; i++) {
        const char *text, *path = arena_printf (turn->arena, "%s/%s", folder, names[i]);
        fault_t fault = rooted_read (turn, view, path, YAML_BYTES, &text);
        if (!fault)
            return load (turn, ref, names[i], text, out);
        if (fault != NOT_FOUND)
            return turn_fail (turn, fault, "%s: %s: %s", ref->text, path,
                              turn->detail ? turn->detail : fault_own_text (fault));
    }
    turn->detail = NULL;
    struct stat status;
    if (rooted_stat (view, arena_printf (turn->arena, "%s/Dockerfile", folder), true, &status) == 0)
        return load (turn, ref, "Dockerfile", docker_alone, out);
    return turn_fail (turn, NOT_FOUND, "%s: there is no action.yml, action.yaml or Dockerfile in %s%s",
                      ref->text, folder,
                      ref->kind == USES_WORKSPACE ? "; is actions/checkout run before this step?" : "");
}
