/* plan_event.c - see plan_event.h. Source: GitHub's "Webhook events and payloads" and "Contexts reference". */

#include "cli/plan_event.h"

#include "cli/input.h"

#include <string.h>

#define NO_SHA "0000000000000000000000000000000000000000"

typedef struct {
    const char **items;
    size_t count, capacity;
} list_t;

static const value_t *get2 (const value_t *self, const char *key, const char *inner)
{
    return value_get (value_get (self, key), inner);
}

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
    words_t given = flag_list (cli->flags, flag);
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

static void add_all (arena_t *arena, list_t *into, const value_t *list)
{
    for (size_t i = 0; list && list->kind == VALUE_ARRAY && i < list->list.count; i++) {
        into->items = arena_grow (arena, into->items, into->count, &into->capacity, sizeof (char *));
        into->items[into->count++] = value_to_text (arena, list->list.items[i]);
    }
}

static void find_paths (const cli_t *cli, const value_t *payload, filter_event_t *event)
{
    static const char *const kinds[] = {"added", "modified", "removed"};
    words_t given = flag_list (cli->flags, "path");
    const value_t *commits = value_get (payload, "commits");
    list_t paths = {.items = given.items, .count = given.count, .capacity = given.count};
    for (size_t i = 0; !given.count && commits && commits->kind == VALUE_ARRAY && i < commits->list.count;
         i++)
        for (size_t j = 0; j < sizeof kinds / sizeof kinds[0]; j++)
            add_all (cli->turn->arena, &paths, value_get (commits->list.items[i], kinds[j]));
    event->paths = paths.count ? (const char *const *) paths.items : NULL;
    event->path_count = paths.count;
}

// ---- the context ----

static void put (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

static const char *ref_name (const char *ref)
{
    static const char *const heads[] = {"refs/heads/", "refs/tags/", "refs/pull/"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (strncmp (ref, heads[i], strlen (heads[i])) == 0)
            return ref + strlen (heads[i]);
    return ref;
}

static const value_t *github_of (const cli_t *cli, const char *event, const char *ref, const value_t *payload)
{
    arena_t *arena = cli->turn->arena;
    value_t *github = value_object (arena);
    const value_t *pull = value_get (payload, "pull_request");
    const char *shas[] = {flag_text (cli->flags, "sha"), value_get_text (payload, "after"),
                          text2 (pull, "head", "sha"), NO_SHA};
    const char *actors[] = {text2 (payload, "sender", "login"), text2 (payload, "pusher", "name"),
                            "somebody"};
    const char *names[] = {text2 (payload, "repository", "full_name"), "local/project"};
    const char *texts[][2] = {{"event_name", event},
                              {"ref", ref},
                              {"ref_name", ref_name (ref)},
                              {"ref_type", strncmp (ref, "refs/tags/", 10) == 0 ? "tag" : "branch"},
                              {"sha", first_of (shas, 4)},
                              {"head_ref", text2 (pull, "head", "ref")},
                              {"base_ref", text2 (pull, "base", "ref")},
                              {"repository", first_of (names, 2)},
                              {"actor", first_of (actors, 3)},
                              {"triggering_actor", first_of (actors, 3)},
                              {"run_id", "1"},
                              {"run_number", "1"},
                              {"run_attempt", "1"}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        put (arena, github, texts[i][0], texts[i][1]);
    const char *repository = first_of (names, 2), *slash = strchr (repository, '/');
    put (arena, github, "repository_owner",
         slash ? arena_strndup (arena, repository, (size_t) (slash - repository)) : repository);
    value_set (arena, github, "event", payload);
    return github;
}

// A short ref is a branch's.
static const char *ref_of (const cli_t *cli, const char *event, const value_t *payload)
{
    const char *base = text2 (value_get (payload, "pull_request"), "base", "ref");
    const char *ref = flag_text (cli->flags, "ref");
    if (!ref && *base && strncmp (event, "pull_request", 12) == 0)
        ref = base;
    if (!ref)
        ref = value_get_text (payload, "ref");
    if (!*ref)
        return "refs/heads/main";
    return strncmp (ref, "refs/", 5) == 0 ? ref : arena_printf (cli->turn->arena, "refs/heads/%s", ref);
}

fault_t plan_event_read (const cli_t *cli, plan_event_t *out)
{
    arena_t *arena = cli->turn->arena;
    const char *event = flag_text (cli->flags, "event"), *file = flag_text (cli->flags, "payload");
    const value_t *payload = value_object (arena);
    fault_t fault = file ? input_object (cli->turn, file, &payload) : OK;
    if (fault == OK)
        fault = pairs_of (cli, "input", &out->inputs);
    if (fault != OK)
        return fault;
    const value_t *given = value_get (payload, "inputs"), *message = get2 (payload, "head_commit", "message");
    if (given && given->kind == VALUE_OBJECT && out->inputs->list.count == 0)
        out->inputs = given;
    const char *activity = value_get_text (payload, "action"), *cron = value_get_text (payload, "schedule");
    out->happened =
        (filter_event_t){.name = event,
                         .activity = *activity ? activity : NULL,
                         .ref = ref_of (cli, event, payload),
                         .message = message && message->kind == VALUE_STRING ? message->string.text : NULL,
                         .workflow = text2 (payload, "workflow_run", "name"),
                         .cron = *cron ? cron : NULL};
    find_paths (cli, payload, &out->happened);
    out->github = github_of (cli, event, out->happened.ref, payload);
    return OK;
}
