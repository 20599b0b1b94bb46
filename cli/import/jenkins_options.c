/* jenkins_options.c - `parameters`, `options` and `triggers` of a pipeline. See jenkins.h. */

#include "cli/import/jenkins.h"
#include "common/base/line.h"

#include <string.h>

#define INPUTS_MAX 25 // Of a workflow, as GitHub has it

static void quote (jenkins_t *self, const groovy_t *row, const char *what)
{
    import_quote (self->import, self->import->top, row->line, row->source, row->size, "%s", what);
}

// ---- parameters ----

static const struct {
    const char *call, *type;
} types[] = {{"string", "string"},
             {"text", "string"},
             {"password", "string"},
             {"booleanParam", "boolean"},
             {"choice", "choice"}};

static const char *type_of (const groovy_t *row)
{
    for (size_t i = 0; row->kind == GROOVY_CALL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp (types[i].call, row->text) == 0)
            return types[i].type;
    return NULL;
}

// ['a', 'b'], or a text with lines.
static draft_t *choices_of (jenkins_t *self, const groovy_t *row)
{
    draft_t *list = draft_list (self->arena);
    const groovy_t *choices = groovy_argument (row, "choices");
    if (choices && choices->kind == GROOVY_LIST)
        for (size_t i = 0; i < choices->count; i++)
            if (choices->items[i]->kind == GROOVY_STRING)
                draft_add_text (list, draft_escape (self->arena, choices->items[i]->text));
    if (choices && choices->kind == GROOVY_STRING)
        for (line_t line = line_begin (choices->text, strlen (choices->text)); line_next (&line);)
            draft_add_text (list,
                            draft_escape (self->arena, arena_strndup (self->arena, line.text, line.size)));
    return list;
}

static const char *first_choice (const groovy_t *row)
{
    const groovy_t *choices = groovy_argument (row, "choices");
    if (choices && choices->kind == GROOVY_LIST && choices->count && choices->items[0]->kind == GROOVY_STRING)
        return choices->items[0]->text;
    return NULL;
}

// A push gives no inputs: then it is the default.
static const char *input_expression (jenkins_t *self, const char *name, const char *type, const char *preset)
{
    if (strcmp (type, "boolean") == 0 && preset && strcmp (preset, "true") == 0)
        return arena_printf (self->arena, "(github.event_name != 'workflow_dispatch' || inputs.%s)", name);
    if (strcmp (type, "boolean") == 0)
        return arena_printf (self->arena, "(github.event_name == 'workflow_dispatch' && inputs.%s)", name);
    if (!preset || !*preset)
        return arena_printf (self->arena, "inputs.%s", name);
    return arena_printf (self->arena, "(github.event_name != 'workflow_dispatch' && %s || inputs.%s)",
                         draft_literal (self->arena, preset), name);
}

static void add_parameter (jenkins_t *self, const groovy_t *row, const char *type, draft_t *inputs)
{
    draft_t *input = draft_map (self->arena);
    const char *name = groovy_argument_text (row, "name"), *about = groovy_argument_text (row, "description");
    const char *preset = groovy_argument_text (row, "defaultValue");
    bool choice = strcmp (type, "choice") == 0;
    if (choice)
        preset = first_choice (row);
    if (about)
        draft_set_text (input, "description", draft_escape (self->arena, about));
    draft_set_text (input, "type", type);
    if (choice)
        draft_set (input, "options", choices_of (self, row));
    else if (strcmp (type, "boolean") == 0)
        draft_set (input, "default",
                   draft_bare (self->arena, preset && strcmp (preset, "true") == 0 ? "true" : "false"));
    else if (preset && *preset)
        draft_set_text (input, "default", draft_escape (self->arena, preset));
    draft_set (inputs, name, input);
    const char *expression = input_expression (self, name, type, preset);
    const char *text = arena_printf (self->arena, "${{ %s }}", expression);
    jenkins_bind (self, name, text, expression);
    draft_set_text (self->import->env, name, text); // Jenkins gives each to scripts, too
    if (strcmp (row->text, "password") == 0)
        quote (self, row, "the parameter is no secret here: whoever sees the run sees it");
}

void jenkins_parameters (jenkins_t *self, const groovy_t *section)
{
    draft_t *dispatch = draft_map (self->arena), *inputs = draft_map (self->arena);
    for (size_t i = 0; section && i < section->count; i++) {
        const groovy_t *row = section->items[i];
        const char *type = type_of (row), *name = groovy_argument_text (row, "name");
        bool empty = type && strcmp (type, "choice") == 0 && draft_count (choices_of (self, row)) == 0;
        if (!type || !name || !import_is_variable (name) || empty || draft_count (inputs) == INPUTS_MAX)
            quote (self, row, "a parameter");
        else
            add_parameter (self, row, type, inputs);
    }
    if (draft_count (inputs) == 0)
        return;
    draft_set (dispatch, "inputs", inputs);
    draft_set (self->import->on, "workflow_dispatch", dispatch);
}

// ---- options ----

static void set_concurrency (jenkins_t *self, const groovy_t *row)
{
    const char *abort = groovy_argument_text (row, "abortPrevious");
    draft_t *map = draft_map (self->arena);
    draft_set_text (map, "group", "${{ github.workflow }}-${{ github.ref }}");
    if (abort && strcmp (abort, "true") == 0)
        draft_set (map, "cancel-in-progress", draft_bare (self->arena, "true"));
    else
        draft_set_text (map, "queue", "max"); // Jenkins lets all of them wait
    draft_set (self->import->top, "concurrency", map);
}

static bool is_on (const groovy_t *row)
{
    const char *is = groovy_argument_text (row, NULL);
    return !is || strcmp (is, "true") == 0;
}

static bool set_option (jenkins_t *self, const groovy_t *row)
{
    if (strcmp (row->text, "timeout") == 0)
        return (self->minutes = jenkins_minutes (self, row)) != NULL;
    if (strcmp (row->text, "disableConcurrentBuilds") == 0)
        set_concurrency (self, row);
    else if (strcmp (row->text, "skipDefaultCheckout") == 0)
        self->checkout = !is_on (row);
    else if (strcmp (row->text, "checkoutToSubdirectory") == 0) {
        const char *folder = groovy_argument_text (row, NULL);
        self->folder = folder ? draft_escape (self->arena, folder) : NULL;
        return folder != NULL;
    } else
        return strcmp (row->text, "timestamps") == 0 || strcmp (row->text, "ansiColor") == 0 ||
               strcmp (row->text, "skipStagesAfterUnstable") == 0 ||
               strcmp (row->text, "parallelsAlwaysFailFast") == 0;
    return true;
}

void jenkins_options (jenkins_t *self, const groovy_t *section)
{
    for (size_t i = 0; section && i < section->count; i++) {
        const groovy_t *row = section->items[i];
        if (row->kind != GROOVY_CALL || !set_option (self, row))
            quote (self, row, "an option");
    }
}

// ---- triggers ----

static bool is_comment (const line_t *line)
{
    return line->size == 0 || *line->text == '#';
}

static bool add_crons (jenkins_t *self, const char *text, draft_t *schedule)
{
    const char *zone = NULL;
    for (line_t line = line_begin (text, strlen (text)); line_next (&line);) {
        line_trim (&line);
        if (is_comment (&line))
            continue;
        const char *row = arena_strndup (self->arena, line.text, line.size);
        if (strncmp (row, "TZ=", 3) == 0) {
            zone = draft_escape (self->arena, row + 3);
            continue;
        }
        const char *cron = jenkins_cron (self->arena, row, self->import->title);
        if (!cron)
            return false;
        draft_t *item = draft_map (self->arena);
        draft_set_text (item, "cron", cron);
        if (zone && !strstr (zone, "${{"))
            draft_set_text (item, "timezone", zone);
        draft_add (schedule, item);
    }
    return true;
}

void jenkins_triggers (jenkins_t *self, const groovy_t *section)
{
    draft_t *schedule = draft_list (self->arena);
    for (size_t i = 0; section && i < section->count; i++) {
        const groovy_t *row = section->items[i];
        bool call = row->kind == GROOVY_CALL, done = false;
        const char *cron = call && strcmp (row->text, "cron") == 0 ? groovy_argument_text (row, NULL) : NULL;
        const groovy_t *argument = groovy_argument (row, NULL);
        if (cron && argument->kind == GROOVY_STRING)
            done = add_crons (self, cron, schedule);
        else // What is pushed comes by itself
            done = call && (strcmp (row->text, "pollSCM") == 0 || strcmp (row->text, "githubPush") == 0);
        if (!done)
            quote (self, row, "a trigger");
    }
    if (draft_count (schedule))
        draft_set (self->import->on, "schedule", schedule);
}
