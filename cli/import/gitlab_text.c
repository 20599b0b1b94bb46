/* gitlab_text.c - GitLab's variables: what they are here, and texts that name them. See gitlab.h. */

#include "cli/import/gitlab.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS   8         // Of variables that name variables
#define TEXT_MAX (1 << 16) // Bytes of a text with its variables written out
#define WRITTEN_MAX \
    (4 << 20) // Bytes and variables of all texts of a file: four times what may come out of it

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

static const node_t *own_variable (const gitlab_t *self, const node_t *job, const char *name)
{
    const node_t *own = node_get (node_get (job, "variables"), name);
    return gitlab_value (own) ? own : node_get (node_get (self->root, "variables"), name);
}

// A text on the way out: what it names may name others, several times each, so that its length has no bound but ours.
typedef struct {
    gitlab_t *gitlab;
    const node_t *job;
    buffer_t *out;
    bool known;
    const char *name; // Of the variable in the text itself that was the last; NULL: none
    int line;         // Where it is set
} writer_t;

static void expand (writer_t *self, const char *text, size_t level);

static bool is_full (const writer_t *self)
{
    return buffer_full (self->out) || self->gitlab->written > WRITTEN_MAX;
}

// What came of a name and what it names is too much to go on with: there is no workflow.
static void fail (const writer_t *self)
{
    import_t *import = self->gitlab->import;
    if (buffer_full (self->out))
        import->error = arena_printf (
            import->arena, "%d: with the variable %.100s written out, a text has more than %d bytes",
            self->line, self->name, TEXT_MAX);
    else
        import->error = arena_printf (
            import->arena,
            "%d: with the variable %.100s written out, the texts of this file have more than %d bytes",
            self->line, self->name, WRITTEN_MAX);
}

// What a name stands for where the file does not set it: GitLab's, or one that is set in the project. NULL: nothing here.
static const char *meaning (gitlab_t *self, const char *name, bool own)
{
    const import_variable_t *given = import_variable (gitlab_variables, name);
    if (given && given->expression && *given->expression != '$')
        return arena_printf (self->arena, "${{ %s }}", given->expression);
    if (strcmp (name, "CI_COMMIT_REF_SLUG") == 0)
        return "${{ github.head_ref || github.ref_name }}";
    if (strcmp (name, "CI_COMMIT_SHORT_SHA") == 0)
        return "${{ github.sha }}";
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

// The variable at p, whose name is written in `size` bytes there.
static void expand_name (writer_t *self, const char *name, const char *p, size_t size, size_t level)
{
    gitlab_t *gitlab = self->gitlab;
    const node_t *own = own_variable (gitlab, self->job, name);
    const char *value = gitlab_value (own);
    gitlab->written++; // An empty one takes time too
    if (level == 0) {
        self->name = name;
        self->line = own ? own->line : 1;
    }
    if (value && level < LEVELS) {
        expand (self, value, level + 1);
        return;
    }
    const char *is = meaning (gitlab, name, value != NULL);
    draft_append (self->out, is ? is : arena_strndup (gitlab->arena, p, size));
    self->known = self->known && is;
}

static void expand (writer_t *self, const char *text, size_t level)
{
    arena_t *arena = self->gitlab->arena;
    for (const char *p = text; *p && !is_full (self);) {
        const char *name;
        size_t size = *p == '$' ? name_at (arena, p, &name) : 0;
        if (size)
            expand_name (self, name, p, size, level);
        else {
            bool doubled = strncmp (p, "$$", 2) == 0;
            size = doubled ? 2 : 1 + strcspn (p + 1, "$");
            const char *piece = arena_strndup (arena, p, doubled ? 1 : size);
            draft_append (self->out, draft_escape (arena, piece));
            self->gitlab->written += size;
        }
        p += size;
    }
}

const char *gitlab_text (gitlab_t *self, const node_t *job, const char *text, bool *known)
{
    writer_t writer = {.gitlab = self, .job = job, .out = buffer_new (TEXT_MAX), .known = true};
    expand (&writer, text, 0);
    bool full = is_full (&writer);
    if (full && writer.name && !self->import->error)
        fail (&writer);
    *known = writer.known && !full;
    const char *copy = arena_strdup (self->arena, buffer_text (writer.out));
    buffer_destroy (&writer.out);
    return copy;
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
