/* gitlab_text.c - GitLab's variables: what they are here, and texts that name them. See gitlab.h. */

#include "cli/import/gitlab.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 8 // Of variables that name variables

#define BRANCH "startsWith(github.ref, 'refs/heads/') && github.ref_name || ''"
#define SOURCE                                                                                                  \
    "github.event_name == 'pull_request' && 'merge_request_event' || github.event_name == 'workflow_dispatch' " \
    "&& 'web' || github.event_name"

// Source: GitLab's "Predefined CI/CD variables reference".
const import_variable_t gitlab_variables[] = {
    {"CI_COMMIT_AUTHOR", "github.event.head_commit.author.name"},
    {"CI_COMMIT_BEFORE_SHA", "github.event.before"},
    {"CI_COMMIT_BRANCH", BRANCH},
    {"CI_COMMIT_MESSAGE", "github.event.head_commit.message"},
    {"CI_COMMIT_REF_NAME", "github.head_ref || github.ref_name"},
    {"CI_COMMIT_REF_SLUG",
     "$(printf %s \"${GITHUB_HEAD_REF:-$GITHUB_REF_NAME}\" | tr A-Z a-z | tr -c a-z0-9 - | cut -c 1-63)"},
    {"CI_COMMIT_SHA", "github.sha"},
    {"CI_COMMIT_SHORT_SHA", "$(printf %.8s \"$GITHUB_SHA\")"},
    {"CI_COMMIT_TAG", "github.ref_type == 'tag' && github.ref_name || ''"},
    {"CI_COMMIT_TITLE", "github.event.head_commit.message"},
    {"CI_DEFAULT_BRANCH", "github.event.repository.default_branch"},
    {"CI_ENVIRONMENT_NAME", NULL},
    {"CI_JOB_ID", "$GITHUB_RUN_ID"},
    {"CI_JOB_NAME", "$GITHUB_JOB"},
    {"CI_JOB_TOKEN", "github.token"},
    {"CI_JOB_URL", "format('{0}/{1}/actions/runs/{2}', github.server_url, github.repository, github.run_id)"},
    {"CI_MERGE_REQUEST_IID", "github.event.pull_request.number"},
    {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "github.head_ref"},
    {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "github.base_ref"},
    {"CI_MERGE_REQUEST_TITLE", "github.event.pull_request.title"},
    {"CI_PIPELINE_ID", "github.run_id"},
    {"CI_PIPELINE_IID", "github.run_number"},
    {"CI_PIPELINE_SOURCE", SOURCE},
    {"CI_PIPELINE_URL",
     "format('{0}/{1}/actions/runs/{2}', github.server_url, github.repository, github.run_id)"},
    {"CI_PROJECT_DIR", "$GITHUB_WORKSPACE"},
    {"CI_PROJECT_ID", "github.repository_id"},
    {"CI_PROJECT_NAME", "github.event.repository.name"},
    {"CI_PROJECT_NAMESPACE", "github.repository_owner"},
    {"CI_PROJECT_PATH", "github.repository"},
    {"CI_PROJECT_PATH_SLUG",
     "$(printf %s \"$GITHUB_REPOSITORY\" | tr A-Z a-z | tr -c a-z0-9 - | cut -c 1-63)"},
    {"CI_PROJECT_URL", "format('{0}/{1}', github.server_url, github.repository)"},
    {"CI_REGISTRY", NULL},
    {"CI_REGISTRY_IMAGE", NULL},
    {"CI_REGISTRY_PASSWORD", NULL},
    {"CI_REGISTRY_USER", NULL},
    {"CI_REPOSITORY_URL", "format('{0}/{1}.git', github.server_url, github.repository)"},
    {"CI_SERVER_URL", "github.server_url"},
    {"CI_API_V4_URL", "github.api_url"},
    {"GITLAB_USER_LOGIN", "github.actor"},
    {NULL, NULL}};

const char *gitlab_value (const node_t *variable)
{
    const node_t *value = variable && variable->kind == NODE_MAP ? node_get (variable, "value") : variable;
    return value && node_is_scalar (value) ? value->text : NULL;
}

static const char *own_value (gitlab_t *self, const node_t *job, const char *name)
{
    const char *text = gitlab_value (node_get (node_get (job, "variables"), name));
    return text ? text : gitlab_value (node_get (node_get (self->root, "variables"), name));
}

static const char *expand (gitlab_t *self, const node_t *job, const char *text, bool *known, size_t level);

// What a name stands for: the file's own value, GitLab's, or one that is set in the project.
static const char *meaning (gitlab_t *self, const node_t *job, const char *name, bool *known, size_t level)
{
    const char *own = own_value (self, job, name);
    if (own && level < LEVELS)
        return expand (self, job, own, known, level + 1);
    const import_variable_t *given = import_variable (gitlab_variables, name);
    if (given && given->expression && *given->expression != '$')
        return arena_printf (self->arena, "${{ %s }}", given->expression);
    if (strcmp (name, "CI_COMMIT_REF_SLUG") == 0)
        return "${{ github.head_ref || github.ref_name }}";
    if (strcmp (name, "CI_COMMIT_SHORT_SHA") == 0)
        return "${{ github.sha }}";
    if (given || own)
        *known = false;
    return given || own ? NULL : arena_printf (self->arena, "${{ vars.%s }}", name);
}

// The name after a '$', and what it takes; 0 where none is there.
static size_t name_at (arena_t *arena, const char *p, const char **name)
{
    bool braces = p[1] == '{';
    const char *from = p + 1 + braces;
    size_t size = 0;
    while (isalnum ((unsigned char) from[size]) || from[size] == '_')
        size++;
    if (size == 0 || isdigit ((unsigned char) *from) || (braces && from[size] != '}'))
        return 0;
    *name = arena_strndup (arena, from, size);
    return size + 1 + (braces ? 2 : 0);
}

static const char *expand (gitlab_t *self, const node_t *job, const char *text, bool *known, size_t level)
{
    buffer_t *out = buffer_new (1 << 16);
    for (const char *p = text; *p;) {
        const char *name, *is;
        size_t size = *p == '$' ? name_at (self->arena, p, &name) : 0;
        is = size ? meaning (self, job, name, known, level) : NULL;
        if (is)
            buffer_puts (out, is);
        else if (size || strncmp (p, "$$", 2) != 0) {
            const char *piece = arena_strndup (self->arena, p,
                                               size                         ? size
                                               : strncmp (p, "${{", 3) == 0 ? 3
                                                                            : 1);
            buffer_puts (out, strlen (piece) > 1 ? draft_escape (self->arena, piece) : piece);
            size = strlen (piece);
        } else {
            buffer_putc (out, '$');
            size = 2;
        }
        p += size;
    }
    const char *copy = arena_strdup (self->arena, buffer_text (out));
    *known = *known && !buffer_full (out);
    buffer_destroy (&out);
    return copy;
}

const char *gitlab_text (gitlab_t *self, const node_t *job, const char *text, bool *known)
{
    *known = true;
    return expand (self, job, text, known, 0);
}

// Minutes of a unit, by the beginning of its name; 0: there is no such unit.
static double unit_minutes_of (const char *name, size_t size)
{
    static const struct {
        const char *unit;
        double minutes;
    } units[] = {{"seconds", 1.0 / 60}, {"minutes", 1},    {"hours", 60},  {"hrs", 60},      {"days", 1440},
                 {"weeks", 10080},      {"months", 43200}, {"mos", 43200}, {"years", 525600}};
    if (size == 0)
        return 1.0 / 60;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strncmp (units[i].unit, name, size) == 0)
            return units[i].minutes;
    return 0;
}

const char *gitlab_minutes (arena_t *arena, const char *duration, int unit_minutes)
{
    double sum = 0;
    for (const char *p = duration + strspn (duration, " "); *p; p += strspn (p, " ,")) {
        char *end;
        double number = strtod (p, &end);
        if (end == p || !(number >= 0) || number > 1e6)
            return NULL;
        p = end + strspn (end, " ");
        size_t size = 0;
        while (isalpha ((unsigned char) p[size]))
            size++;
        double factor = unit_minutes_of (p, size);
        if (factor == 0)
            return NULL;
        sum += number * factor;
        p += size;
        p += strncmp (p, " and ", 5) == 0 ? 5 : 0;
    }
    int count = (int) (sum / unit_minutes + 0.999);
    return sum > 0 && sum < 1e7 ? arena_printf (arena, "%d", count > 0 ? count : 1) : NULL;
}
