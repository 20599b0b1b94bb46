/* resume.c - see resume.h. */

#include "agent/engine/job/resume.h"

#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/folder_empty.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STATE_MAX (32 << 20) // Bytes; outputs and variables have bounds of their own

static const char *inside (const job_run_t *self, const char *name)
{
    return arena_printf (self->arena, "%s/%s", self->offer->keep, name);
}

// ---- keeping

// What was added since the job began, not what its file says: that may be another one by then.
static const value_t *added_env (const job_run_t *self)
{
    value_t *added = value_object (self->arena);
    const value_t *env = self->lane.env;
    added->cased = true;
    for (size_t i = 0; i < env->list.count; i++) {
        const value_t *first = value_get (self->first_env, env->list.keys[i]);
        if (!first || !value_equal (first, env->list.items[i]))
            value_set (self->arena, added, env->list.keys[i], env->list.items[i]);
    }
    return added;
}

void resume_keep (job_run_t *self)
{
    turn_t turn;
    value_t *state = value_object (self->arena);
    if (!self->offer->keep || !*self->offer->keep || !self->first_env)
        return;
    turn_init (&turn, self->arena, "keep", 0);
    value_set (self->arena, state, "steps", self->frame.steps);
    value_set (self->arena, state, "env", added_env (self));
    value_set (self->arena, state, "path",
               value_string (self->arena, self->lane.added_path ? self->lane.added_path : ""));
    value_set (self->arena, state, "workspace", value_string (self->arena, self->folders->workspace));
    const char *workspace = inside (self, "workspace");
    if (folder_make (&turn, self->offer->keep) != OK)
        return; // It begins anew next time
    if (access (workspace, F_OK) == 0 && (folder_empty_volume (workspace) != OK || rmdir (workspace) != 0))
        return;
    if (rename (self->outside->workspace, workspace) == 0)
        (void) !file_write (&turn, inside (self, "state.json"), value_to_json (self->arena, state, 0));
}

// ---- going on

// By its id, its name as it is shown, or its number among the steps of the file.
static bool find_step (const job_run_t *self, const char *wanted, size_t *out)
{
    for (size_t i = 0; i < self->step_count; i++) {
        const char *id = self->steps[i].step->id.text;
        if ((id && strcmp (id, wanted) == 0) || strcmp (self->steps[i].name, wanted) == 0 ||
            strcmp (arena_printf (self->arena, "%zu", i + 1), wanted) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

// What names the workspace where it was names it where it is.
static const char *moved (const job_run_t *self, const char *text, const char *from)
{
    const char *out = "", *found;
    while (*from && (found = strstr (text, from))) {
        out =
            arena_printf (self->arena, "%s%.*s%s", out, (int) (found - text), text, self->folders->workspace);
        text = found + strlen (from);
    }
    return arena_printf (self->arena, "%s%s", out, text);
}

static void restore (job_run_t *self, const value_t *state)
{
    const char *from = value_get_text (state, "workspace");
    const value_t *steps = value_get (state, "steps"), *env = value_get (state, "env");
    const char *path = value_get_text (state, "path");
    for (size_t i = 0; steps && steps->kind == VALUE_OBJECT && i < steps->list.count; i++)
        value_set (self->arena, self->frame.steps, steps->list.keys[i], steps->list.items[i]);
    for (size_t i = 0; env && env->kind == VALUE_OBJECT && i < env->list.count; i++)
        value_set (
            self->arena, self->lane.env, env->list.keys[i],
            value_string (self->arena, moved (self, value_to_text (self->arena, env->list.items[i]), from)));
    if (*path)
        self->lane.added_path = moved (self, path, from);
}

static fault_t go_on (job_run_t *self, scope_t *scope, size_t *first)
{
    turn_t turn;
    const char *text, *error, *from = self->offer->resume_from;
    const value_t *state;
    *first = 0;
    turn_init (&turn, self->arena, "resume", 0);
    if (!self->offer->keep || !from || !*from ||
        file_read (&turn, inside (self, "state.json"), STATE_MAX, &text) != OK)
        return OK;
    if (!find_step (self, from, first)) {
        scope->error =
            arena_printf (self->arena, "it cannot continue at \"%s\": there is no such step", from);
        return INVALID;
    }
    if (value_from_json (self->arena, text, strlen (text), &state, &error) != OK ||
        rmdir (self->outside->workspace) != 0 ||
        rename (inside (self, "workspace"), self->outside->workspace) != 0) {
        scope->error =
            arena_printf (self->arena, "it cannot continue in %s: %s", self->offer->keep, strerror (errno));
        return INVALID;
    }
    (void) unlink (inside (self, "state.json")); // Its workspace is not there any more
    restore (self, state);
    return OK;
}

// If the job cannot continue there, what is kept stays as it is: the name of the step may be misspelled.
fault_t resume_open (job_run_t *self, scope_t *scope, size_t *first)
{
    const value_t *env = value_copy (self->arena, self->lane.env);
    fault_t fault = go_on (self, scope, first);
    self->first_env = fault ? NULL : env;
    return fault;
}
