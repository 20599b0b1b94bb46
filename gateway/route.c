/* route.c - see route.h. The table is matched segment by segment: at some fifty rows a search tree would gain nothing. */

#include "gateway/route.h"

#include <string.h>

#define HANDLER(name, takes, gives, extra, flags) \
    static const route_handler_t name##_handler = {name, takes, gives, extra, flags};
HANDLERS (HANDLER)
#undef HANDLER

#define ROUTE(verb, where, message, may, most, code, how, meaning) \
    {.method = #verb,                                              \
     .path = where,                                                \
     .ask = MESSAGE (message),                                     \
     .roles = may,                                                 \
     .limit = most,                                                \
     .status = code,                                               \
     .handler = &how##_handler,                                    \
     .text = meaning},
const route_t routes[] = {ROUTES (ROUTE)};
#undef ROUTE
const size_t routes_count = sizeof (routes) / sizeof (routes[0]);

#define ROUTE_CHECK(verb, where, message, may, most, code, how, meaning) \
    _Static_assert((may) != 0, #verb " " where " has no role");          \
    _Static_assert((code) >= 200 && (code) < 300, #verb " " where " needs a status");
ROUTES (ROUTE_CHECK)
#undef ROUTE_CHECK

bool route_audited (const route_t *route)
{
    return strcmp (route->method, "GET") != 0 && (route->roles & MAY_VIEW) && !(route->roles & UNAUDITED);
}

static const char *joined (turn_t *turn, const segments_t *path, size_t from)
{
    const char *text = path->items[from];
    for (size_t i = from + 1; i < path->count; i++)
        text = arena_printf (turn->arena, "%s/%s", text, path->items[i]);
    return text;
}

// One segment of a row's pattern against the path from `at` on; how many of its segments it takes, 0 where it does not fit.
static size_t fit (turn_t *turn, const char *pattern, size_t size, const segments_t *path, size_t at,
                   uri_pairs_t *params)
{
    if (at == path->count)
        return 0;
    if (pattern[0] != '{')
        return strlen (path->items[at]) == size && memcmp (path->items[at], pattern, size) == 0;
    bool rest = size > 5 && memcmp (pattern + size - 4, "...}", 4) == 0;
    params->items[params->count++] =
        (uri_pair_t){.name = arena_strndup (turn->arena, pattern + 1, size - (rest ? 5 : 2)),
                     .value = rest ? joined (turn, path, at) : path->items[at]};
    return rest ? path->count - at : 1;
}

static bool matches (turn_t *turn, const char *pattern, const segments_t *path, uri_pairs_t *params)
{
    size_t at = 0;
    params->count = 0;
    while (*pattern == '/') {
        size_t size = strcspn (++pattern, "/");
        size_t took = fit (turn, pattern, size, path, at, params);
        if (took == 0)
            return false;
        at += took;
        pattern += size;
    }
    return at == path->count;
}

static segments_t without_prefix (const segments_t *path)
{
    if (path->count >= 2 && strcmp (path->items[0], "api") == 0 && strcmp (path->items[1], "v1") == 0)
        return (segments_t){path->items + 2, path->count - 2};
    return *path;
}

// Actions and their GitHub clients show people this answer, as it is: it has to say whose fault that is.
static fault_t refuse (turn_t *turn, const segments_t *path)
{
    bool github = path->count > 0 && strcmp (path->items[0], "repos") == 0;
    return turn_fail (turn, NOT_FOUND, "no such path%s",
                      github ? ": of GitHub's REST API this server has only the artifacts of runs" : "");
}

fault_t route_match (turn_t *turn, const char *method, const segments_t *whole, const route_t **out,
                     uri_pairs_t *params, const char **allow)
{
    const segments_t path = without_prefix (whole);
    const char *want = strcmp (method, "HEAD") == 0 ? "GET" : method;
    *allow = NULL;
    for (size_t i = 0; i < routes_count; i++) {
        if (!matches (turn, routes[i].path, &path, params))
            continue;
        if (strcmp (routes[i].method, want) == 0) {
            *out = &routes[i];
            return OK;
        }
        *allow = *allow ? arena_printf (turn->arena, "%s, %s", *allow, routes[i].method) : routes[i].method;
    }
    return *allow ? turn_fail (turn, NO_METHOD, "%s: this path knows %s", method, *allow)
                  : refuse (turn, &path);
}
