/* hook_shape.c - see hook_shape.h. */

#include "services/scm/forges/hook_shape.h"

#include "common/base/json.h"
#include "workflow/plan/fork.h"

#include <math.h>
#include <string.h>

#define QUEUE "refs/heads/gh-readonly-queue/" // Branches of merge queues: their merge_group says all

fault_t hook_json (turn_t *turn, const hook_request_t *request, const value_t **out)
{
    const char *error = NULL;
    json_shape_t shape = json_shape (request->body, request->size);
    *out = value_null ();
    if (shape.depth > HOOK_DEPTH)
        return turn_fail (turn, INVALID, "the body is nested %zu deep; at most %d", shape.depth, HOOK_DEPTH);
    if (shape.values > HOOK_VALUES)
        return turn_fail (turn, TOO_LARGE, "the body has %zu values; at most %d", shape.values, HOOK_VALUES);
    if (value_from_json_within (turn->arena, request->body, request->size, HOOK_MEMORY, out, &error) != OK)
        return turn_fail (turn, INVALID, "the body is not JSON: %s", error);
    return (*out)->kind == VALUE_OBJECT ? OK : turn_fail (turn, INVALID, "the body is not a JSON object");
}

const value_t *hook_at (const value_t *value, const char *path)
{
    while (value && *path) {
        char key[64];
        size_t size = strcspn (path, ".");
        if (size >= sizeof key)
            return NULL;
        memcpy (key, path, size);
        key[size] = '\0';
        value = value_get (value, key);
        path += size + (path[size] == '.');
    }
    return value;
}

const char *hook_text (arena_t *arena, const value_t *value, const char *path)
{
    const value_t *found = hook_at (value, path);
    return found && (found->kind == VALUE_STRING || found->kind == VALUE_NUMBER)
               ? value_to_text (arena, found)
               : "";
}

int64_t hook_number (const value_t *value, const char *path)
{
    const value_t *found = hook_at (value, path);
    double number = found && found->kind == VALUE_NUMBER ? found->number : 0;
    return number > 0 && number < 9e15 && floor (number) == number ? (int64_t) number : 0;
}

bool hook_is (const value_t *value, const char *path)
{
    const value_t *found = hook_at (value, path);
    return found && found->kind == VALUE_BOOL && found->boolean;
}

bool hook_is_zeros (const char *sha)
{
    return !sha[strspn (sha, "0")];
}

bool hook_begins (const char *text, const char *with)
{
    return strncmp (text, with, strlen (with)) == 0;
}

const char *hook_full_ref (arena_t *arena, const char *ref, const char *ref_type)
{
    if (!*ref || hook_begins (ref, "refs/"))
        return ref;
    return arena_printf (arena, "refs/%s/%s", strcmp (ref_type, "tag") == 0 ? "tags" : "heads", ref);
}

const char *hook_short_ref (const char *ref)
{
    return hook_begins (ref, "refs/heads/") ? ref + 11 : hook_begins (ref, "refs/tags/") ? ref + 10 : ref;
}

void hook_put_text (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

void hook_put_number (arena_t *arena, value_t *object, const char *key, int64_t number)
{
    value_set (arena, object, key, value_number (arena, (double) number));
}

value_t *hook_user (arena_t *arena, const char *login, int64_t id, const char *email)
{
    value_t *user = value_object (arena);
    hook_put_text (arena, user, "login", login);
    hook_put_number (arena, user, "id", id);
    hook_put_text (arena, user, "type", "User");
    if (*email)
        hook_put_text (arena, user, "email", email);
    return user;
}

value_t *hook_repository (arena_t *arena, int64_t id, const char *full_name, const char *page,
                          const char *clone_url, const char *default_branch, bool is_private)
{
    value_t *object = value_object (arena);
    const char *slash = strrchr (full_name, '/');
    size_t owner = slash ? (size_t) (slash - full_name) : 0;
    hook_put_number (arena, object, "id", id);
    hook_put_text (arena, object, "name", slash ? slash + 1 : full_name);
    hook_put_text (arena, object, "full_name", full_name);
    value_set (arena, object, "owner", hook_user (arena, arena_strndup (arena, full_name, owner), 0, ""));
    value_set (arena, object, "private", value_bool (is_private));
    hook_put_text (arena, object, "html_url", page);
    hook_put_text (arena, object, "clone_url", clone_url);
    hook_put_text (arena, object, "default_branch", default_branch);
    return object;
}

value_t *hook_replace (arena_t *arena, const value_t *object, const char *key, const value_t *item)
{
    value_t *made = value_object (arena);
    for (size_t i = 0; i < object->list.count; i++)
        if (strcmp (object->list.keys[i], key) != 0)
            value_set (arena, made, object->list.keys[i], object->list.items[i]);
    if (item)
        value_set (arena, made, key, item);
    return made;
}

// ---- events ----

hook_event_t *hook_add (hook_events_t *events, const char *event, const char *reason)
{
    hook_event_t *made = &events->items[events->count < HOOK_EVENTS ? events->count++ : HOOK_EVENTS - 1];
    *made = (hook_event_t){.event = event,
                           .action = "",
                           .reason = reason,
                           .ref = "",
                           .sha = "",
                           .before = "",
                           .lane = "",
                           .actor = "",
                           .author = ""};
    return made;
}

static const value_t *of_ref (arena_t *arena, const value_t *payload, const char *ref)
{
    value_t *made = value_object (arena);
    hook_put_text (arena, made, "ref", hook_short_ref (ref));
    hook_put_text (arena, made, "ref_type", hook_begins (ref, "refs/tags/") ? "tag" : "branch");
    hook_put_text (arena, made, "pusher_type", "user");
    static const char *const kept[] = {"repository", "sender"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (value_get (payload, kept[i]))
            value_set (arena, made, kept[i], value_get (payload, kept[i]));
    const char *branch = value_get_text (value_get (payload, "repository"), "default_branch");
    hook_put_text (arena, made, "master_branch", branch);
    return made;
}

void hook_add_push (arena_t *arena, hook_events_t *events, const char *ref, const char *before,
                    const char *after, const value_t *payload, bool creates, bool deletes)
{
    bool is_gone = hook_is_zeros (after);
    const char *actor = value_get_text (value_get (payload, "sender"), "login");
    bool runs = hook_begins (ref, "refs/heads/") || hook_begins (ref, "refs/tags/");
    hook_event_t *push =
        hook_add (events, "push",
                  !runs                      ? "neither a branch nor a tag"
                  : hook_begins (ref, QUEUE) ? "a branch of a merge queue: its merge_group runs"
                  : is_gone                  ? "the ref was removed"
                                             : "");
    push->ref = push->lane = ref;
    push->sha = is_gone ? "" : after;
    push->before = hook_is_zeros (before) ? "" : before;
    push->actor = actor;
    push->payload = payload;
    bool more = runs && ((is_gone && deletes) || (!is_gone && creates && hook_is_zeros (before)));
    if (!more || *push->reason == 'a')
        return;
    hook_event_t *other = hook_add (events, is_gone ? "delete" : "create", "");
    other->ref = other->lane = ref;
    other->sha = push->sha;
    other->actor = actor;
    other->payload = of_ref (arena, payload, ref);
}

bool hook_is_foreign (arena_t *arena, const value_t *pull)
{
    value_t *github = value_object (arena), *event = value_object (arena);
    if (pull)
        value_set (arena, event, "pull_request", pull);
    hook_put_text (arena, github, "event_name", "pull_request");
    value_set (arena, github, "event", event);
    return fork_is (github);
}

static bool moves_head (const char *action)
{
    static const char *const actions[] = {"opened", "reopened", "synchronize"};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp (actions[i], action) == 0)
            return true;
    return false;
}

static void fill_pull (arena_t *arena, hook_event_t *event, const char *action, const value_t *payload)
{
    const value_t *pull = value_get (payload, "pull_request");
    event->action = action;
    event->payload = payload;
    event->pull = hook_number (pull, "number");
    event->sha = hook_text (arena, pull, "head.sha");
    event->actor = hook_text (arena, payload, "sender.login");
    event->author = hook_text (arena, pull, "user.id");
    if (!*event->author)
        event->author = hook_text (arena, pull, "user.login");
    event->untrusted = hook_is_foreign (arena, pull);
    event->lane = arena_printf (arena, "pull/%lld", (long long) event->pull);
}

void hook_add_pull (arena_t *arena, hook_events_t *events, const char *action, const value_t *payload)
{
    hook_event_t *event = hook_add (events, "pull_request", "");
    fill_pull (arena, event, action, payload);
    event->head_moved = moves_head (action);
    if (event->pull == 0 || !*event->sha) {
        event->reason = "it names neither number nor head of the pull request";
        return;
    }
    // What runs is the default branch's: nothing of the head
    hook_event_t *target = hook_add (events, "pull_request_target", "");
    fill_pull (arena, target, action, payload);
    target->untrusted = false;
    target->sha = "";
    target->lane = arena_printf (arena, "target/%lld", (long long) target->pull);
}
