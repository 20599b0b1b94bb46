/* scope.c - the names that an expression may use, looked up in its frame, and its evaluation. */

#include "agent/engine/state/scope.h"

#include "agent/engine/folder/hash_files.h"
#include "agent/engine/state/job_run.h"

#include <string.h>

static const char *const given_contexts[] = {"needs", "matrix", "strategy", "vars", "secrets"};

result_t frame_status (const job_run_t *job, const frame_t *frame)
{
    return job->stop.cancelling && !frame->began_cancelling ? result_cancelled : frame->status;
}

static const value_t *or_null (const value_t *value)
{
    return value ? value : value_null ();
}

// `job`, with the status as it is now.
static const value_t *job_context (job_run_t *job)
{
    const char *status = state_name (&states_result, frame_status (job, &job->frame));
    if (strcmp (value_get_text (job->job_context, "status"), status) != 0)
        value_set (job->arena, job->job_context, "status", value_string (job->arena, status));
    return job->job_context;
}

static const value_t *context (void *self_, const char *name)
{
    scope_t *self = self_;
    const struct {
        const char *name;
        const value_t *value;
    } own[] = {{"github", self->github},
               {"env", self->env},
               {"job", job_context (self->job)},
               {"steps", self->frame->steps},
               {"inputs", or_null (self->frame->inputs)},
               {"runner", self->job->runner}};
    for (size_t i = 0; i < sizeof (own) / sizeof (own[0]); i++)
        if (strcmp (name, own[i].name) == 0)
            return own[i].value;
    for (size_t i = 0; i < sizeof (given_contexts) / sizeof (given_contexts[0]); i++)
        if (strcmp (name, given_contexts[i]) == 0)
            return or_null (value_get (self->job->given, name));
    return NULL;
}

static bool status_function (void *self_, const char *name)
{
    const scope_t *self = self_;
    if (strcmp (name, "always") == 0)
        return true;
    if (strcmp (name, "cancelled") == 0)
        return self->job->stop.cancelling;
    return frame_status (self->job, self->status_of) ==
           (strcmp (name, "success") == 0 ? result_success : result_failure);
}

// A cancel ends the hashing of files too, but where the step runs because of it.
static bool is_stopping (void *self_)
{
    const scope_t *self = self_;
    stop_t *stop = &self->job->stop;
    stop_check (stop);
    return stop->killed || (stop->cancelling && !self->began_cancelling);
}

static fault_t hash_function (void *self_, arena_t *arena, const char *const *patterns, size_t count,
                              const char **out)
{
    const scope_t *self = self_;
    const glob_stop_t stop = {.asked = is_stopping, .self = self_};
    return hash_files (arena, self->job->folders->view, self->job->folders->workspace, patterns, count, &stop,
                       out);
}

static fault_t evaluate (scope_t *self, const text_t *text, const value_t **out)
{
    const expression_scope_t scope = {
        .self = self, .context = context, .status = status_function, .hash_files = hash_function};
    expression_error_t error;
    fault_t fault = expression_eval (self->arena, text->expression, &scope, out, &error);
    if (fault)
        self->error = arena_printf (self->arena, "line %d: \"%s\": %s", text->line,
                                    text->text ? text->text : "", error.message);
    return fault;
}

fault_t scope_value (scope_t *self, const text_t *text, const value_t **out)
{
    *out = text->text ? value_string (self->arena, text->text) : value_null ();
    return text->text && text->expression ? evaluate (self, text, out) : OK;
}

fault_t scope_text (scope_t *self, const text_t *text, const char **out)
{
    const value_t *value;
    *out = text->text;
    if (!text->text || !text->expression)
        return OK;
    fault_t fault = evaluate (self, text, &value);
    if (!fault)
        *out = value_to_text (self->arena, value);
    return fault;
}

fault_t scope_condition (scope_t *self, const text_t *text, bool *out)
{
    const value_t *value;
    *out = frame_status (self->job, self->status_of) == result_success;
    if (!text->expression)
        return OK;
    fault_t fault = evaluate (self, text, &value);
    if (!fault)
        *out = value_truthy (value);
    return fault;
}

fault_t scope_number (scope_t *self, const text_t *text, double fallback, double *out)
{
    const char *string;
    *out = fallback;
    fault_t fault = scope_text (self, text, &string);
    if (fault || !string || !*string)
        return fault;
    *out = value_parse_number (string, strlen (string));
    if (*out > 0)
        return OK;
    self->error = arena_printf (self->arena, "line %d: \"%s\" is not a number above 0", text->line, string);
    return INVALID;
}

fault_t scope_flag (scope_t *self, const text_t *text, bool *out)
{
    const char *string;
    *out = false;
    fault_t fault = scope_text (self, text, &string);
    if (!fault && string)
        *out = strcmp (string, "true") == 0;
    return fault;
}

static void set (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

static fault_t whole_map (scope_t *self, const text_t *whole, arena_t *arena, value_t *object)
{
    const value_t *map;
    fault_t fault = evaluate (self, whole, &map);
    if (fault || map->kind == VALUE_NULL)
        return fault;
    if (map->kind != VALUE_OBJECT) {
        self->error = arena_printf (self->arena, "line %d: \"%s\" is not a map", whole->line, whole->text);
        return INVALID;
    }
    for (size_t i = 0; i < map->list.count; i++)
        set (arena, object, map->list.keys[i], value_to_text (self->arena, map->list.items[i]));
    return OK;
}

fault_t scope_pairs (scope_t *self, const pairs_t *pairs, arena_t *arena, value_t *object)
{
    if (pairs->whole.text)
        return whole_map (self, &pairs->whole, arena, object);
    fault_t fault = OK;
    for (size_t i = 0; i < pairs->count && !fault; i++) {
        const char *key, *value;
        if (pairs->items[i].insert) {
            fault = whole_map (self, &pairs->items[i].value, arena, object);
            continue;
        }
        fault = scope_text (self, &pairs->items[i].key, &key);
        if (!fault)
            fault = scope_text (self, &pairs->items[i].value, &value);
        if (!fault)
            set (arena, object, key, value ? value : "");
    }
    return fault;
}
