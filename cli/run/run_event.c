/* run_event.c - see run_event.h. */

#include "cli/run/run_event.h"

#include "cli/files/input.h"
#include "cli/plan/plan_event.h"
#include "cli/server/server.h"
#include "workflow/model/model.h"
#include "workflow/plan/context.h"
#include "workflow/plan/load.h"
#include "workflow/schema/schema.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 200 // In one folder that are looked at

// ---- the files ----

static int by_name (const void *one, const void *other)
{
    return strcmp (*(const char *const *) one, *(const char *const *) other);
}

static bool is_workflow (const char *name)
{
    const char *dot = strrchr (name, '.');
    return name[0] != '.' && dot && (strcmp (dot, ".yml") == 0 || strcmp (dot, ".yaml") == 0);
}

fault_t workflow_files (turn_t *turn, const working_tree_t *tree, args_t *out)
{
    static const char *const folders[] = {".github/workflows", ".opencicd/workflows"};
    *out = (args_t){.items = arena_array (turn->arena, 2 * FILES_MAX, sizeof (char *))};
    for (size_t i = 0; i < 2; i++) {
        DIR *folder = opendir (arena_printf (turn->arena, "%s/%s", tree->root, folders[i]));
        size_t begin = out->count;
        for (struct dirent *entry; folder && (entry = readdir (folder)) && out->count - begin < FILES_MAX;)
            if (is_workflow (entry->d_name))
                out->items[out->count++] = arena_printf (turn->arena, "%s/%s", folders[i], entry->d_name);
        if (folder)
            closedir (folder);
        qsort (out->items + begin, out->count - begin, sizeof (char *), by_name);
    }
    return out->count ? OK
                      : turn_fail (turn, NOT_FOUND,
                                   "there is no workflow in .github/workflows or .opencicd/workflows of %s",
                                   tree->root);
}

const char *workflow_file_named (const args_t *files, const char *name)
{
    size_t size = strlen (name);
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->items[i], *slash = strrchr (path, '/') + 1;
        size_t whole = strlen (path);
        // A path may be given from wherever we are
        bool ends = size > whole && strcmp (name + size - whole, path) == 0 && name[size - whole - 1] == '/';
        if (strcmp (path, name) == 0 || strcmp (slash, name) == 0 || ends)
            return path;
        size_t stem = (size_t) (strrchr (slash, '.') - slash);
        if (stem == size && strncmp (slash, name, size) == 0)
            return path;
    }
    return NULL;
}

// ---- which event ----

// NULL for one that cannot be read: the server says why.
static const workflow_t *load_file (turn_t *turn, const working_tree_t *tree, const char *path)
{
    const char *text;
    size_t size;
    findings_t findings;
    const workflow_t *workflow;
    findings_init (&findings, turn->arena, path);
    fault_t fault = input_read (turn, arena_printf (turn->arena, "%s/%s", tree->root, path), &text, &size);
    return fault == OK && workflow_load (turn->arena, path, text, size, &findings, &workflow) == OK &&
                   workflow->event_count > 0
               ? workflow
               : NULL;
}

bool workflow_file_takes (turn_t *turn, const working_tree_t *tree, const char *path, const char *event)
{
    const workflow_t *workflow = load_file (turn, tree, path);
    turn->detail = NULL; // One that cannot be read is taken: the run of it says what is wrong, with its place
    return !workflow || workflow_event (workflow, event);
}

// Of a workflow that was named and no event: the first of these that it reacts to, else its own first.
static const char *event_of_file (turn_t *turn, const working_tree_t *tree, const char *path)
{
    static const char *const liked[] = {"push", "pull_request", "workflow_dispatch"};
    const workflow_t *workflow = load_file (turn, tree, path);
    if (!workflow)
        return "push";
    for (size_t i = 0; i < sizeof liked / sizeof liked[0]; i++)
        if (workflow_event (workflow, liked[i]))
            return liked[i];
    return workflow->events[0].name.text;
}

static fault_t check_event (turn_t *turn, const char *event)
{
    if (schema_row (&schema_on, event) && event[0] != '[')
        return OK;
    const char *nearest = schema_nearest (&schema_on, event);
    return turn_fail (turn, BAD_INPUT, "--event: unknown event %s%s%s%s", event,
                      nearest ? " (did you mean " : "", nearest ? nearest : "", nearest ? "?)" : "");
}

static const char *full_ref (arena_t *arena, const char *ref)
{
    return !ref || strncmp (ref, "refs/", 5) == 0 ? ref : arena_printf (arena, "refs/heads/%s", ref);
}

fault_t run_event_read (const cli_t *cli, const working_tree_t *tree, const char *workflow, run_event_t *out)
{
    turn_t *turn = cli->turn;
    const char *file = flag_text (cli->flags, "payload"), *event = flag_text (cli->flags, "event");
    const value_t *payload = value_object (turn->arena), *inputs;
    TRY (pairs_of (cli, "input", &inputs));
    if (file)
        TRY (input_object (turn, file, &payload));
    bool given = inputs->list.count > 0;
    *out = (run_event_t){.ref = full_ref (turn->arena, flag_text (cli->flags, "ref")), .payload = payload};
    out->name = event      ? event
                : given    ? "workflow_dispatch"
                : workflow ? event_of_file (turn, tree, workflow)
                           : "push";
    if (given) {
        value_t *with = context_copy (turn->arena, payload);
        value_set (turn->arena, with, "inputs", inputs);
        out->payload = with;
    }
    return check_event (turn, out->name);
}

// ---- what it is about ----

static bool is_pull_request (const char *event)
{
    return strncmp (event, "pull_request", 12) == 0;
}

static double number_in (const value_t *payload)
{
    int64_t number = number_of (payload, "number");
    return number > 0 ? (double) number : 1;
}

const char *run_event_ref (arena_t *arena, const run_event_t *self)
{
    if (self->ref || !is_pull_request (self->name))
        return self->ref;
    return arena_printf (arena, "refs/pull/%.0f/merge", number_in (self->payload));
}

static void put (arena_t *arena, value_t *object, const char *key, const value_t *value)
{
    if (!value_get (object, key))
        value_set (arena, object, key, value);
}

static const value_t *side_of (arena_t *arena, const char *ref, const char *sha)
{
    value_t *side = value_object (arena);
    value_set (arena, side, "ref", value_string (arena, ref));
    value_set (arena, side, "sha", value_string (arena, sha));
    return side;
}

// From the branch that we are on into the default branch, where the payload does not say.
static const value_t *pull_payload (arena_t *arena, const run_event_t *self, const snapshot_t *snapshot)
{
    value_t *payload = context_copy (arena, self->payload);
    value_t *pull = context_copy (arena, value_get (payload, "pull_request"));
    const char *branch = *snapshot->branch ? snapshot->branch : "HEAD";
    const value_t *number = value_number (arena, number_in (payload));
    put (arena, pull, "number", number);
    put (arena, pull, "title", value_string (arena, branch));
    put (arena, pull, "state", value_string (arena, "open"));
    put (arena, pull, "draft", value_bool (false));
    put (arena, pull, "labels", value_array (arena));
    put (arena, pull, "head", side_of (arena, branch, snapshot->sha));
    put (arena, pull, "base", side_of (arena, snapshot->default_branch, snapshot->head));
    value_set (arena, payload, "pull_request", pull);
    put (arena, payload, "number", number);
    put (arena, payload, "action", value_string (arena, "synchronize"));
    return payload;
}

static void put_list (const cli_t *cli, value_t *body, const char *key, args_t texts)
{
    value_t *list = value_array (cli->turn->arena);
    for (size_t i = 0; i < texts.count; i++)
        value_push (cli->turn->arena, list, value_string (cli->turn->arena, texts.items[i]));
    value_set (cli->turn->arena, body, key, list);
}

const char *run_event_body (const cli_t *cli, const run_event_t *self, const snapshot_t *snapshot,
                            const char *workflow)
{
    arena_t *arena = cli->turn->arena;
    value_t *body = value_object (arena);
    body_text (cli, body, "event", self->name);
    body_text (cli, body, "ref", snapshot->ref);
    body_text (cli, body, "sha", snapshot->sha);
    body_text (cli, body, "workflow", workflow);
    put_list (cli, body, "jobs", flag_list (cli->flags, "job"));
    put_list (cli, body, "matrix", flag_list (cli->flags, "matrix"));
    value_set (arena, body, "no_needs", value_bool (flag_on (cli->flags, "no-needs")));
    value_set (arena, body, "payload",
               is_pull_request (self->name) ? pull_payload (arena, self, snapshot) : self->payload);
    return body_json (cli, body);
}
