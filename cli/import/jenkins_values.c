/* jenkins_values.c - Groovy's values as texts of a workflow, and what the names in them stand for. See jenkins.h. */

#include "cli/import/jenkins.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// Source: Jenkins' "Using environment variables", and those of the git and branch plugins.
const import_variable_t jenkins_variables[] = {
    {"BRANCH_NAME", "github.head_ref || github.ref_name"},
    {"BUILD_DISPLAY_NAME", "format('#{0}', github.run_number)"},
    {"BUILD_ID", "github.run_number"},
    {"BUILD_NUMBER", "github.run_number"},
    {"BUILD_TAG", "format('{0}-{1}', github.workflow, github.run_number)"},
    {"BUILD_URL", "format('{0}/{1}/actions/runs/{2}/', github.server_url, github.repository, github.run_id)"},
    {"CHANGE_AUTHOR", "github.event.pull_request.user.login"},
    {"CHANGE_BRANCH", "github.head_ref"},
    {"CHANGE_ID", "github.event.pull_request.number"},
    {"CHANGE_TARGET", "github.base_ref"},
    {"CHANGE_TITLE", "github.event.pull_request.title"},
    {"CHANGE_URL", "github.event.pull_request.html_url"},
    {"EXECUTOR_NUMBER", "'0'"},
    {"GIT_BRANCH", "github.ref_name"},
    {"GIT_COMMIT", "github.sha"},
    {"GIT_PREVIOUS_COMMIT", "github.event.before"},
    {"GIT_URL", "format('{0}/{1}.git', github.server_url, github.repository)"},
    {"JENKINS_URL", "github.server_url"},
    {"JOB_BASE_NAME", "github.event.repository.name"},
    {"JOB_NAME", "github.workflow"},
    {"TAG_NAME", "github.ref_type == 'tag' && github.ref_name || ''"},
    {"WORKSPACE", "$GITHUB_WORKSPACE"},
    {NULL, NULL}};

void jenkins_bind (jenkins_t *self, const char *name, const char *text, const char *expression)
{
    self->bindings = arena_grow (self->arena, self->bindings, self->binding_count, &self->binding_capacity,
                                 sizeof (jenkins_binding_t));
    self->bindings[self->binding_count++] = (jenkins_binding_t){name, text, expression, NULL};
}

void jenkins_bind_constant (jenkins_t *self, const char *name, const char *value)
{
    jenkins_bind (self, name, draft_escape (self->arena, value), draft_literal (self->arena, value));
    self->bindings[self->binding_count - 1].constant = value;
}

const jenkins_binding_t *jenkins_bound (jenkins_t *self, const char *name)
{
    for (size_t i = self->binding_count; i-- > 0;)
        if (strcmp (self->bindings[i].name, name) == 0)
            return &self->bindings[i];
    const import_variable_t *own = import_variable (jenkins_variables, name);
    if (!own)
        return NULL;
    if (*own->expression == '$') {
        jenkins_bind (self, own->name, "${{ github.workspace }}", NULL);
        return &self->bindings[self->binding_count - 1];
    }
    jenkins_bind (self, own->name, arena_printf (self->arena, "${{ %s }}", own->expression),
                  arena_printf (self->arena, "(%s)", own->expression));
    return &self->bindings[self->binding_count - 1];
}

const char *jenkins_name (arena_t *arena, const char *code)
{
    while (isspace ((unsigned char) *code))
        code++;
    size_t size = strlen (code);
    while (size && isspace ((unsigned char) code[size - 1]))
        size--;
    const char *name = arena_strndup (arena, code, size);
    if (strncmp (name, "env.", 4) == 0)
        name += 4;
    else if (strncmp (name, "params.", 7) == 0)
        name += 7;
    return import_is_variable (name) ? name : NULL;
}

static const char *piece (jenkins_t *self, const groovy_t *part, bool *known)
{
    if (part->kind == GROOVY_STRING)
        return draft_escape (self->arena, part->text);
    const char *name = jenkins_name (self->arena, part->text);
    const jenkins_binding_t *bound = name ? jenkins_bound (self, name) : NULL;
    if (bound)
        return bound->text;
    *known = false;
    return draft_escape (self->arena, arena_printf (self->arena, "${%s}", part->text));
}

static const char *template_text (jenkins_t *self, const groovy_t *value, bool *known)
{
    buffer_t *text = buffer_new (DRAFT_MAX);
    for (size_t i = 0; i < value->count; i++)
        draft_append (text, piece (self, value->items[i], known));
    return import_taken (self->import, value->line, &text);
}

const char *jenkins_value (jenkins_t *self, const groovy_t *value, bool *known)
{
    *known = true;
    switch (value->kind) {
    case GROOVY_STRING:
    case GROOVY_NUMBER: return draft_escape (self->arena, value->text);
    case GROOVY_TEMPLATE: return template_text (self, value, known);
    case GROOVY_NAME:
        if (strcmp (value->text, "true") == 0 || strcmp (value->text, "false") == 0)
            return value->text;
        return piece (self, value, known);
    default:
        *known = false;
        return draft_escape (self->arena, arena_strndup (self->arena, value->source, value->size));
    }
}

const char *jenkins_plain (jenkins_t *self, const groovy_t *value, bool *known)
{
    const char *text = jenkins_value (self, value, known);
    *known = *known && !strstr (text, "secrets.");
    return *known ? text : "";
}

// ---- environment ----

// A secret, and the halves of it that the file names.
static void set_credentials (jenkins_t *self, const char *name, const char *id, draft_t *into)
{
    static const char *const halves[] = {"", "_USR", "_PSW"};
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        const char *variable = arena_printf (self->arena, "%s%s", name, halves[i]);
        if (i > 0 && !memmem (self->text, self->size, variable, strlen (variable)))
            continue;
        const char *secret = import_secret (self->import, arena_printf (self->arena, "%s%s", id, halves[i]));
        const char *text = arena_printf (self->arena, "${{ secrets.%s }}", secret);
        draft_set_text (into, variable, text);
        jenkins_bind (self, variable, text, NULL);
    }
}

static bool set_value (jenkins_t *self, const char *name, const groovy_t *value, draft_t *into)
{
    bool known = false;
    if (value->kind == GROOVY_CALL && strcmp (value->text, "credentials") == 0) {
        const char *id = groovy_argument_text (value, NULL);
        if (id)
            set_credentials (self, name, id, into);
        return id != NULL;
    }
    const char *text = jenkins_value (self, value, &known);
    if (!known)
        return false;
    draft_set_text (into, name, text);
    if (value->kind == GROOVY_STRING || value->kind == GROOVY_NUMBER)
        jenkins_bind_constant (self, name, value->text);
    else
        jenkins_bind (self, name, text, NULL);
    return true;
}

void jenkins_environment (jenkins_t *self, const groovy_t *section, draft_t *into, draft_t *notes)
{
    for (size_t i = 0; section && i < section->count; i++) {
        const groovy_t *row = section->items[i];
        bool done = row->kind == GROOVY_ASSIGN && import_is_variable (row->text) &&
                    set_value (self, row->text, row->items[0], into);
        if (!done)
            import_quote (self->import, notes, row->line, row->source, row->size,
                          "a variable of the environment");
    }
}

// ---- time ----

const char *jenkins_minutes (jenkins_t *self, const groovy_t *call)
{
    static const struct {
        const char *unit;
        double minutes;
    } units[] = {{"SECONDS", 1.0 / 60}, {"MINUTES", 1}, {"HOURS", 60}, {"DAYS", 1440}};
    const char *time = groovy_argument_text (call, "time"), *unit = groovy_argument_text (call, "unit");
    double factor = unit ? 0 : 1;
    if (!time)
        time = groovy_argument_text (call, NULL);
    char *end = NULL;
    double number = time ? strtod (time, &end) : 0;
    for (size_t i = 0; unit && i < sizeof units / sizeof units[0]; i++)
        if (strcmp (units[i].unit, unit) == 0)
            factor = units[i].minutes;
    double minutes = number * factor;
    if (!time || end == time || *end || !(minutes > 0) || minutes > 1e6)
        return NULL;
    return arena_printf (self->arena, "%d", minutes < 1 ? 1 : (int) (minutes + 0.5));
}
