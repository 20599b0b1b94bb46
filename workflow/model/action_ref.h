/* action_ref.h - what `uses` of a step names, taken apart strictly.
 *
 *     owner/repo[/path]@ref   an action in a repository      ./path   in the workspace
 *     https://host/owner/repo[/path]@ref   of that server and no other, as Gitea and Forgejo have it
 *     $/path                  in the repository of the file that says so, at its own commit      docker://image
 *
 * Parts become folders, URLs and arguments of git: what could mean something else there is refused here. */

#ifndef OPENCICD_WORKFLOW_ACTION_REF_H
#define OPENCICD_WORKFLOW_ACTION_REF_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>

#define ACTION_REF_MAX 1024 // Bytes

typedef enum { USES_REPOSITORY, USES_WORKSPACE, USES_SELF, USES_IMAGE } uses_kind_t;

typedef struct {
    uses_kind_t kind;
    const char *text;       // As written
    const char *site;       // "https://host" in lower case, where that is named; else ""
    const char *repository; // "owner/repo"; "" but for USES_REPOSITORY
    const char
        *path; // Below the repository or the workspace, without ./ and slashes around it; "" for its root
    const char *ref;   // A tag, a branch or a commit
    bool is_commit;    // `ref` is a whole commit id, in lower case: it cannot move
    const char *key;   // "[https://host/]owner/repo@ref", all but the ref in lower case: what is locked
    const char *image; // After docker://
} action_ref_t;

// INVALID with *error, one sentence that names the text.
MUST_USE fault_t action_ref_parse (arena_t *arena, const char *text, action_ref_t *out, const char **error);

#endif
