/* forge_rest.c - see forge_rest.h. */

#include "services/scm/forges/forge_rest.h"

#include "services/scm/forges/hook_shape.h"
#include "services/scm/forges/status_shape.h"

#include <string.h>

static void read_repository (const forge_call_t *call, const value_t *json, forge_repository_t *out)
{
    arena_t *arena = call->turn->arena;
    const char *visibility = hook_text (arena, json, "visibility");
    if (!*visibility)
        visibility = hook_is (json, "internal")  ? "internal"
                     : hook_is (json, "private") ? "private"
                                                 : "public";
    *out = (forge_repository_t){.id = hook_text (arena, json, "id"),
                                .full_name = hook_text (arena, json, "full_name"),
                                .default_branch = hook_text (arena, json, "default_branch"),
                                .visibility = visibility};
    // Never the address that an answer names
    out->clone_url = arena_printf (arena, "%s/%s.git", call->url, forge_path (call, out->full_name));
}

fault_t forge_rest_find (forge_call_t *call, forge_repository_t *out)
{
    arena_t *arena = call->turn->arena;
    forge_answer_t answer;
    const char *path = *call->repository
                           ? arena_printf (arena, "/repositories/%s", forge_segment (call, call->repository))
                           : arena_printf (arena, "/repos/%s", forge_path (call, call->full_name));
    TRY (forge_ask (call, "GET", path, NULL, &answer));
    read_repository (call, answer.json, out);
    return *out->id && strchr (out->full_name, '/')
               ? OK
               : turn_fail (call->turn, UNAVAILABLE, "%s names no repository in its answer", call->api);
}

fault_t forge_rest_list (forge_call_t *call, const forge_rest_t *rest, uint32_t page,
                         forge_repositories_t *out)
{
    forge_answer_t answer;
    const char *path = arena_printf (call->turn->arena, "/user/repos?%s&page=%u", rest->page, page);
    TRY (forge_ask (call, "GET", path, NULL, &answer));
    out->more = answer.more;
    for (size_t i = 0;
         answer.json->kind == VALUE_ARRAY && i < answer.json->list.count && out->count < FORGE_PAGE; i++)
        read_repository (call, answer.json->list.items[i], &out->items[out->count++]);
    return OK;
}

// ---- webhooks ----

static const value_t *events_of (arena_t *arena, const forge_rest_t *rest)
{
    value_t *events = value_array (arena);
    for (size_t i = 0; rest->events[i]; i++)
        value_push (arena, events, value_string (arena, rest->events[i]));
    return events;
}

static const value_t *wanted (arena_t *arena, const forge_rest_t *rest, const forge_hook_t *hook)
{
    value_t *body = value_object (arena), *config = value_object (arena);
    hook_put_text (arena, config, "url", hook->url);
    hook_put_text (arena, config, "content_type", "json");
    hook_put_text (arena, config, "secret", hook->secret);
    hook_put_text (arena, body, rest->type, rest->type_value);
    value_set (arena, body, "active", value_bool (true));
    value_set (arena, body, "events", events_of (arena, rest));
    value_set (arena, body, "config", config);
    return body;
}

static bool has_events (const forge_rest_t *rest, const value_t *there)
{
    const value_t *events = value_get (there, "events");
    for (size_t i = 0; rest->events[i]; i++) {
        bool found = false;
        for (size_t j = 0; events && events->kind == VALUE_ARRAY && j < events->list.count; j++) {
            const value_t *one = events->list.items[j];
            found = found || (one->kind == VALUE_STRING && strcmp (one->string.text, rest->events[i]) == 0);
        }
        if (!found)
            return false;
    }
    return true;
}

// What is ours and as it should be stays; what else has our address is replaced: its secret is not known.
fault_t forge_rest_hook (forge_call_t *call, const forge_rest_t *rest, forge_hook_t *hook)
{
    arena_t *arena = call->turn->arena;
    const char *base = arena_printf (arena, "/repos/%s/hooks", forge_path (call, call->full_name));
    forge_answer_t answer;
    TRY (forge_ask (call, "GET", arena_printf (arena, "%s?%s", base, rest->page), NULL, &answer));
    bool good = false;
    for (size_t i = 0; answer.json->kind == VALUE_ARRAY && i < answer.json->list.count; i++) {
        const value_t *there = answer.json->list.items[i];
        const char *id = hook_text (arena, there, "id");
        if (!*id || strcmp (hook_text (arena, there, "config.url"), hook->url) != 0)
            continue;
        bool ours = !good && *hook->id && strcmp (id, hook->id) == 0;
        if (ours && hook_is (there, "active") && has_events (rest, there))
            good = true;
        else
            TRY (forge_rest_unhook (call, id));
    }
    if (good)
        return OK;
    TRY (forge_ask (call, "POST", base, wanted (arena, rest, hook), &answer));
    hook->id = hook_text (arena, answer.json, "id");
    return *hook->id ? OK
                     : turn_fail (call->turn, UNAVAILABLE, "%s names no webhook in its answer", call->api);
}

fault_t forge_rest_unhook (forge_call_t *call, const char *hook)
{
    forge_answer_t answer;
    fault_t fault = forge_ask (call, "DELETE",
                               arena_printf (call->turn->arena, "/repos/%s/hooks/%s",
                                             forge_path (call, call->full_name), forge_segment (call, hook)),
                               NULL, &answer);
    if (fault == NOT_FOUND)
        call->turn->detail = NULL;
    return fault == NOT_FOUND ? OK : fault;
}

fault_t forge_rest_pull (forge_call_t *call, int64_t number, const value_t **out)
{
    forge_answer_t answer;
    TRY (forge_ask (call, "GET",
                    arena_printf (call->turn->arena, "/repos/%s/pulls/%lld",
                                  forge_path (call, call->full_name), (long long) number),
                    NULL, &answer));
    *out = answer.json;
    return OK;
}

fault_t forge_rest_status (forge_call_t *call, const forge_shown_t *status)
{
    arena_t *arena = call->turn->arena;
    forge_answer_t answer;
    const char *path = arena_printf (arena, "/repos/%s/statuses/%s", forge_path (call, call->full_name),
                                     forge_segment (call, status->sha));
    return forge_ask (call, "POST", path, status_shape_rest (arena, status), &answer);
}
