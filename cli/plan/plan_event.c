/* plan_event.c - see plan_event.h. Source: GitHub's "Webhook events and payloads" and "Contexts reference". */

#include "cli/plan/plan_event.h"

#include "cli/files/input.h"
#include "workflow/plan/context.h"
#include "workflow/plan/payload.h"
#include "workflow/plan/plan.h"

#include <string.h>

#define NO_SHA       "0000000000000000000000000000000000000000"
#define COUNT(table) (sizeof (table) / sizeof ((table)[0]))

typedef struct {
    const char **items;
    size_t count, capacity;
} names_t;

static const char *text2 (const value_t *self, const char *key, const char *inner)
{
    return value_get_text (value_get (self, key), inner);
}

static const char *first_of (const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (texts[i] && *texts[i])
            return texts[i];
    return "";
}

fault_t pairs_of (const cli_t *cli, const char *flag, const value_t **out)
{
    arena_t *arena = cli->turn->arena;
    args_t given = flag_list (cli->flags, flag);
    value_t *object = value_object (arena);
    for (size_t i = 0; i < given.count; i++) {
        const char *text = given.items[i], *equals = strchr (text, '=');
        if (!equals || equals == text)
            return turn_fail (cli->turn, BAD_INPUT, "--%s: %s is not NAME=VALUE", flag, text);
        value_set (arena, object, arena_strndup (arena, text, (size_t) (equals - text)),
                   value_string (arena, equals + 1));
    }
    *out = object;
    return OK;
}

// ---- changed files ----

static void add_all (arena_t *arena, names_t *into, const value_t *list)
{
    for (size_t i = 0; list && list->kind == VALUE_ARRAY && i < list->list.count; i++) {
        into->items = arena_grow (arena, into->items, into->count, &into->capacity, sizeof (char *));
        into->items[into->count++] = value_to_text (arena, list->list.items[i]);
    }
}

static void find_paths (const cli_t *cli, const value_t *payload, filter_event_t *event)
{
    static const char *const kinds[] = {"added", "modified", "removed"};
    args_t given = flag_list (cli->flags, "path");
    const value_t *commits = value_get (payload, "commits");
    names_t paths = {.items = given.items, .count = given.count, .capacity = given.count};
    for (size_t i = 0; !given.count && commits && commits->kind == VALUE_ARRAY && i < commits->list.count;
         i++)
        for (size_t j = 0; j < sizeof kinds / sizeof kinds[0]; j++)
            add_all (cli->turn->arena, &paths, value_get (commits->list.items[i], kinds[j]));
    // None given means unknown, not unchanged: then path filters match, as on the server
    event->paths = paths.count ? (const char *const *) paths.items : NULL;
    event->path_count = paths.count;
}

// ---- the context ----

// Where the page of the repository is, less its name.
static const char *server_of (arena_t *arena, const value_t *repository)
{
    const char *page = value_get_text (repository, "html_url"),
               *name = value_get_text (repository, "full_name");
    size_t size = strlen (page), less = strlen (name) + 1;
    bool there = size > less && page[size - less] == '/' && strcmp (page + size - less + 1, name) == 0;
    return there ? arena_strndup (arena, page, size - less) : "http://localhost:8080";
}

// As the server would fill it, except for what only a run has: its numbers are those of a first run.
static const value_t *context_of (const cli_t *cli, const workflow_t *workflow, const char *path,
                                  const char *event, const char *ref, const value_t *payload)
{
    const value_t *pull = value_get (payload, "pull_request"),
                  *repository = value_get (payload, "repository");
    // Events name their commit in different places; the first that is there is github.sha
    const char *shas[] = {flag_text (cli->flags, "sha"),
                          value_get_text (payload, "after"),
                          value_get_text (pull, "merge_commit_sha"),
                          text2 (pull, "head", "sha"),
                          text2 (payload, "merge_group", "head_sha"),
                          NO_SHA};
    const char *actors[] = {text2 (payload, "sender", "login"), text2 (payload, "pusher", "name"),
                            "somebody"};
    const char *urls[] = {value_get_text (repository, "clone_url"), value_get_text (repository, "full_name")};
    const context_t context = {.run_id = "1",
                               .run_number = 1,
                               .workflow = workflow->name.text ? workflow->name.text : path,
                               .path = path,
                               .event = event,
                               .ref = ref,
                               .sha = first_of (shas, COUNT (shas)),
                               .actor = first_of (actors, COUNT (actors)),
                               .project_id = "project",
                               .project = "project",
                               .url = first_of (urls, COUNT (urls)),
                               .default_branch = value_get_text (repository, "default_branch"),
                               .server_url = server_of (cli->turn->arena, repository),
                               .payload = payload};
    value_t *github = context_copy (cli->turn->arena, context_github (cli->turn->arena, &context));
    value_set (cli->turn->arena, github, "run_attempt", value_string (cli->turn->arena, "1"));
    return github;
}

// A short ref is a branch's.
static const char *ref_of (const cli_t *cli, const char *event, const value_t *payload)
{
    const char *ref = flag_text (cli->flags, "ref");
    if (!ref)
        ref = payload_ref (cli->turn->arena, event, payload);
    if (!*ref)
        return "refs/heads/main";
    return strncmp (ref, "refs/", 5) == 0 ? ref : arena_printf (cli->turn->arena, "refs/heads/%s", ref);
}

// As for a manual run. Errors of the inputs are reported when the run is planned.
static const value_t *with_inputs (arena_t *arena, const workflow_t *workflow, const char *event,
                                   const value_t *payload, const value_t *given)
{
    findings_t findings;
    plan_context_t context = {0};
    const value_t *inputs;
    findings_init (&findings, arena, "");
    if (strcmp (event, "workflow_dispatch") != 0 ||
        plan_inputs (arena, &workflow->dispatch, given, &context, &findings, &inputs) != OK)
        return payload;
    value_t *complete = context_copy (arena, payload);
    value_set (arena, complete, "inputs", payload_inputs (arena, inputs));
    return complete;
}

static const char *or_null (const char *text)
{
    return *text ? text : NULL;
}

fault_t plan_event_read (const cli_t *cli, const workflow_t *workflow, const char *path, plan_event_t *out)
{
    arena_t *arena = cli->turn->arena;
    const char *event = flag_text (cli->flags, "event"), *file = flag_text (cli->flags, "payload");
    const value_t *payload = value_object (arena);
    fault_t fault = file ? input_object (cli->turn, file, &payload) : OK;
    if (fault == OK)
        fault = pairs_of (cli, "input", &out->inputs);
    if (fault != OK)
        return fault;
    const value_t *given = value_get (payload, "inputs");
    if (given && given->kind == VALUE_OBJECT && out->inputs->list.count == 0)
        out->inputs = given;
    const char *ref = ref_of (cli, event, payload);
    out->happened = (filter_event_t){.name = event,
                                     .activity = or_null (value_get_text (payload, "action")),
                                     .ref = payload_filter_ref (arena, event, ref, payload),
                                     .message = or_null (text2 (payload, "head_commit", "message")),
                                     .workflow = or_null (text2 (payload, "workflow_run", "name")),
                                     .cron = or_null (value_get_text (payload, "schedule"))};
    find_paths (cli, payload, &out->happened);
    out->github = context_of (cli, workflow, path, event, ref,
                              with_inputs (arena, workflow, event, payload, out->inputs));
    out->title = payload_title (arena, event, payload);
    return OK;
}
