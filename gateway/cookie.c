/* cookie.c - see cookie.h. */

#include "gateway/cookie.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

const char *cookie_name (bool secure)
{
    return secure ? "__Host-opencicd" : "opencicd_session";
}

const char *cookie_flow_name (bool secure)
{
    return secure ? "__Host-opencicd-flow" : "opencicd_flow";
}

const char *cookie_get (arena_t *arena, const http_head_t *head, const char *name)
{
    const char *at = http_head_get (head, "Cookie");
    size_t size = strlen (name);
    while (at && *at) {
        at += strspn (at, " ;");
        size_t whole = strcspn (at, ";");
        if (whole > size && strncmp (at, name, size) == 0 && at[size] == '=')
            return arena_strndup (arena, at + size + 1, whole - size - 1);
        at += whole;
    }
    return NULL;
}

const char *cookie_set (arena_t *arena, const char *name, bool secure, const char *value, int64_t seconds)
{
    return arena_printf (arena, "%s=%s; Path=/; Max-Age=%" PRId64 "; HttpOnly; SameSite=Lax%s", name, value,
                         *value ? seconds : 0, secure ? "; Secure" : "");
}

static bool is_read (const http_head_t *head)
{
    return strcmp (head->method, "GET") == 0 || strcmp (head->method, "HEAD") == 0;
}

// "http://ci.example.org:8080" is the origin of what was sent to the host "ci.example.org:8080".
static bool is_ours (const http_head_t *head, const char *origin)
{
    const char *host = http_head_get (head, "Host"), *at = strstr (origin, "://");
    return host && at && strcasecmp (at + 3, host) == 0;
}

const char *cookie_refusal (const http_head_t *head)
{
    const char *site = http_head_get (head, "Sec-Fetch-Site"), *origin = http_head_get (head, "Origin");
    const char *type = http_head_get (head, "Content-Type");
    bool typed = site && strcmp (site, "none") == 0 && is_read (head); // Into the address bar, or a bookmark
    if (site ? !typed && strcmp (site, "same-origin") != 0 : origin && !is_ours (head, origin))
        return "a page of another site may not use this session";
    if (is_read (head))
        return NULL;
    if (!site && !origin)
        return "a change with a session needs Sec-Fetch-Site or Origin; programs use a token: Authorization: Bearer TOKEN";
    if (http_head_length (head) != 0 && (!type || strncasecmp (type, "application/json", 16) != 0))
        return "a change with a session needs Content-Type: application/json";
    return NULL;
}
