/* lint_actions.c - rules about what `uses` names: its form, its pin, the inputs and outputs of well-known actions.
 *
 * They are those of every version together: an unknown one is unknown in all of them. After the action.yml of
 * each, as of 2026. */

#include "common/base/commit_id.h"
#include "common/base/nearest.h"
#include "workflow/lint/lint_rules.h"

#include <string.h>
#include <strings.h>

typedef struct {
    const char *action;
    const char *inputs;   // Separated by spaces
    const char *required; // The same
    const char *outputs;  // "*": whatever its script sets
} known_t;

static const known_t known[] = {
    {"actions/checkout",
     "repository ref token ssh-key ssh-known-hosts ssh-strict ssh-user persist-credentials path clean filter "
     "sparse-checkout sparse-checkout-cone-mode fetch-depth fetch-tags show-progress lfs submodules set-safe-directory "
     "github-server-url",
     "", "ref commit"},
    {"actions/upload-artifact",
     "name path if-no-files-found retention-days compression-level overwrite include-hidden-files archive",
     "path", "artifact-id artifact-url artifact-digest"},
    {"actions/download-artifact",
     "name artifact-ids path pattern merge-multiple github-token repository run-id skip-decompress digest-mismatch",
     "", "download-path"},
    {"actions/cache",
     "path key restore-keys upload-chunk-size enableCrossOsArchive fail-on-cache-miss lookup-only save-always",
     "path key", "cache-hit"},
    {"actions/cache/restore", "path key restore-keys enableCrossOsArchive fail-on-cache-miss lookup-only",
     "path key", "cache-hit cache-primary-key cache-matched-key"},
    {"actions/cache/save", "path key upload-chunk-size enableCrossOsArchive", "path key", ""},
    {"actions/setup-python",
     "python-version python-version-file cache architecture check-latest token cache-dependency-path "
     "update-environment allow-prereleases freethreaded pip-version pip-install",
     "", "python-version cache-hit python-path"},
    {"actions/github-script",
     "script github-token debug user-agent previews result-encoding retries retry-exempt-status-codes base-url",
     "script", "*"},
};

bool lint_known_action (size_t index, const char **action, const char **inputs)
{
    if (index >= sizeof known / sizeof known[0])
        return false;
    *action = known[index].action;
    *inputs = known[index].inputs;
    return true;
}

// Of the workspace, or of the workflow's own repository.
static bool is_path (const char *uses)
{
    return strncmp (uses, "./", 2) == 0 || strncmp (uses, ".\\", 2) == 0 || strncmp (uses, "$/", 2) == 0;
}

// After "https://host/", with which other forges name the server of an action.
static const char *after_site (const char *uses)
{
    size_t scheme = strncmp (uses, "https://", 8) == 0 ? 8 : strncmp (uses, "http://", 7) == 0 ? 7 : 0;
    const char *slash = scheme ? strchr (uses + scheme, '/') : NULL;
    return slash ? slash + 1 : uses;
}

// [https://host/]owner/repo[/path]@ref
static void check_action (lint_t *self, const text_t *uses)
{
    const char *text = after_site (uses->text), *at = strchr (text, '@'), *slash = strchr (text, '/');
    if (is_path (text))
        return;
    if (strncmp (text, "docker://", 9) == 0 && text[9] != '\0') {
        if (!strstr (text, "@sha256:"))
            lint_add (self, RULE_UNPINNED, uses->node, 0,
                      "\"%s\" is not pinned; name the image with @sha256:...", text);
        return;
    }
    bool whole = slash && at && slash > text && at > slash + 1 && at[1] != '\0' && slash[1] != '/';
    if (!whole) {
        lint_add (
            self, RULE_ACTION_REF, uses->node, 0,
            "\"%s\" is not an action; write owner/repo@ref, owner/repo/path@ref, ./path, $/path or docker://image",
            uses->text);
        return;
    }
    bool own = strncasecmp (text, "actions/", 8) == 0 || strncasecmp (text, "github/", 7) == 0;
    if (!own && !commit_id_is_meant (at + 1))
        lint_add (self, RULE_UNPINNED, uses->node, 0, "\"%s\" is not pinned; use a commit instead of \"%s\"",
                  uses->text, at + 1);
}

static bool reaches_head (lint_t *self, const text_t *ref)
{
    static const char *const heads[] = {
        "github.head_ref", "github.event.pull_request.head.sha", "github.event.pull_request.head.ref",
        "github.event.workflow_run.head_sha", "github.event.workflow_run.head_branch"};
    expression_ref_t *refs = NULL;
    size_t count = 0;
    if (ref->expression)
        expression_flows (ref->expression, self->arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < sizeof (heads) / sizeof (heads[0]); j++)
            if (lint_leads_to (&refs[i], heads[j]))
                return true;
    return false;
}

static void check_checkout (lint_t *self, const step_t *step)
{
    bool trusted = !workflow_event (self->workflow, "pull_request_target") &&
                   !workflow_event (self->workflow, "workflow_run");
    if (trusted || strncasecmp (step->uses.text, "actions/checkout@", 17) != 0)
        return;
    for (size_t i = 0; i < step->with.count; i++)
        if (strcasecmp (step->with.items[i].key.text, "ref") == 0 &&
            reaches_head (self, &step->with.items[i].value))
            lint_add (self, RULE_CHECKOUT, step->with.items[i].value.node, 0,
                      "this checks out a stranger's code in a run that has the repository's secrets");
}

static const known_t *find_known (const char *uses)
{
    size_t size = strcspn (uses, "@");
    for (size_t i = 0; i < sizeof (known) / sizeof (known[0]); i++)
        if (strlen (known[i].action) == size && strncasecmp (known[i].action, uses, size) == 0)
            return &known[i];
    return NULL;
}

const char *lint_action_outputs (const char *uses)
{
    const known_t *action = find_known (uses);
    return action && strcmp (action->outputs, "*") != 0 ? action->outputs : NULL;
}

static bool has_input (const step_t *step, const char *name)
{
    for (size_t i = 0; i < step->with.count; i++)
        if (strcasecmp (step->with.items[i].key.text, name) == 0)
            return true;
    return false;
}

static void check_input (lint_t *self, const known_t *action, const text_t *key)
{
    nearest_t nearest;
    char *save = NULL;
    nearest_begin (&nearest, key->text);
    for (char *name = strtok_r (arena_strdup (self->arena, action->inputs), " ", &save); name;
         name = strtok_r (NULL, " ", &save)) {
        if (strcasecmp (name, key->text) == 0)
            return;
        nearest_offer (&nearest, name);
    }
    lint_add (self, RULE_INPUT, key->node, 0, "action \"%s\" has no input \"%s\"%s", action->action,
              key->text,
              nearest.best ? arena_printf (self->arena, "; did you mean \"%s\"?", nearest.best) : "");
}

static void check_inputs (lint_t *self, const step_t *step)
{
    const known_t *action = find_known (step->uses.text);
    char *save = NULL;
    if (!action || step->with.whole.text)
        return;
    for (size_t i = 0; i < step->with.count; i++)
        if (!step->with.items[i].key.expression)
            check_input (self, action, &step->with.items[i].key);
    for (char *name = strtok_r (arena_strdup (self->arena, action->required), " ", &save); name;
         name = strtok_r (NULL, " ", &save))
        if (!has_input (step, name))
            lint_add (self, RULE_INPUT, step->uses.node, 0, "action \"%s\" needs the input \"%s\"",
                      action->action, name);
}

void lint_action (lint_t *self, const step_t *step)
{
    check_action (self, &step->uses);
    check_checkout (self, step);
    check_inputs (self, step);
}

// ./path/x.yml, $/path/x.yml, or owner/repo/path/x.yml@ref
void lint_reusable (lint_t *self, const text_t *uses)
{
    const char *text = uses->text, *at = strrchr (text, '@');
    size_t size = at ? (size_t) (at - text) : strlen (text);
    bool yaml = (size > 4 && strncmp (text + size - 4, ".yml", 4) == 0) ||
                (size > 5 && strncmp (text + size - 5, ".yaml", 5) == 0);
    bool local = strncmp (text, "./", 2) == 0 || strncmp (text, "$/", 2) == 0;
    const char *slash = strchr (text, '/');
    bool remote = at && at[1] && slash && strchr (slash + 1, '/') && strchr (slash + 1, '/') < at;
    if (!yaml || !(local ? !at : remote))
        lint_add (self, RULE_ACTION_REF, uses->node, 0,
                  "\"%s\" is not a workflow; write ./.github/workflows/file.yml or "
                  "owner/repo/.github/workflows/file.yml@ref",
                  text);
}
