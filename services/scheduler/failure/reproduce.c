/* reproduce.c - see failure.h: the command that runs a failed job on a copy of its commit, as `opencicd run` takes it (cli/run/run.c).
 *
 * A job of a called workflow is run by the job that calls it. Values of a matrix that are no plain ones choose nothing. */

#include "services/scheduler/failure/failure.h"
#include "workflow/expression/value.h"

#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+-"

// As one word of a shell.
static const char *word (arena_t *arena, const char *text)
{
    if (*text && !text[strspn (text, PLAIN)])
        return text;
    const char *quoted = "'";
    for (const char *at = text; *at;) {
        size_t size = strcspn (at, "'");
        quoted = arena_printf (arena, "%s%.*s%s", quoted, (int) size, at, at[size] ? "'\\''" : "");
        at += size + (at[size] != '\0');
    }
    return arena_printf (arena, "%s'", quoted);
}

static const char *with (arena_t *arena, const char *command, const char *flag, const char *value)
{
    return arena_printf (arena, "%s %s %s", command, flag, word (arena, value));
}

static const value_t *object (arena_t *arena, const char *json)
{
    const value_t *value;
    const char *error;
    if (!json || !*json || value_from_json (arena, json, strlen (json), &value, &error) != OK)
        return NULL;
    return value->kind == VALUE_OBJECT ? value : NULL;
}

static bool is_plain (const value_t *value)
{
    return value->kind == VALUE_STRING || value->kind == VALUE_NUMBER || value->kind == VALUE_BOOL;
}

static const char *with_all (arena_t *arena, const char *command, const char *flag, const char *between,
                             const value_t *values)
{
    for (size_t i = 0; values && i < values->list.count; i++) {
        if (!is_plain (values->list.items[i]))
            continue;
        const char *text = value_to_text (arena, values->list.items[i]);
        command =
            with (arena, command, flag, arena_printf (arena, "%s%s%s", values->list.keys[i], between, text));
    }
    return command;
}

const char *failure_command (arena_t *arena, const run_t *run, const failure_t *failure)
{
    if (!*run->workflow)
        return "";
    const char *command = arena_printf (arena, "opencicd run %s", word (arena, run->workflow));
    bool by_hand = strcmp (run->event, "workflow_dispatch") == 0;
    const value_t *inputs = by_hand ? object (arena, run->inputs) : NULL;
    if (!inputs || inputs->list.count == 0)
        command = with (arena, command, "--event", run->event);
    if (strncmp (run->ref, "refs/tags/", 10) == 0)
        command = with (arena, command, "--ref", run->ref);
    command =
        with (arena, command, "--job", arena_strndup (arena, failure->key, strcspn (failure->key, "/")));
    if (!strchr (failure->key, '/'))
        command = with_all (arena, command, "--matrix", ":", object (arena, failure->matrix));
    command = with_all (arena, command, "-i", "=", inputs);
    return strlen (command) <= MAX_REPRODUCE ? command : "";
}
