/* reach.c - see reach.h. */

#include "agent/reach.h"

#include "common/base/url.h"

#include <string.h>

static bool is_loopback (const char *host)
{
    size_t size = strlen (host), end = sizeof ".localhost" - 1;
    return strcmp (host, "localhost") == 0 || strncmp (host, "127.", 4) == 0 || strcmp (host, "::1") == 0 ||
           (size > end && strcmp (host + size - end, ".localhost") == 0);
}

bool reach_works (turn_t *turn, const char *server, const char *own)
{
    url_t to, from;
    if (url_parse (turn, own, &to) != OK || url_parse (turn, server, &from) != OK)
        return true; // Others refuse them, with a reason
    bool any = strcmp (to.host, "0.0.0.0") == 0 || strcmp (to.host, "::") == 0;
    return !(any || is_loopback (to.host)) || is_loopback (from.host);
}
