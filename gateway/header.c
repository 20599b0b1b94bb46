/* header.c - see header.h. */

#include "gateway/header.h"

#include "common/http/http_head.h"

#include <string.h>

bool header_id_valid (const char *id)
{
    size_t size = strlen (id);
    return size >= 1 && size <= 64 &&
           strspn (id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == size;
}

bool header_type_valid (const char *type)
{
    const char *slash = strchr (type, '/');
    if (!slash || slash == type || !slash[1] || strlen (type) > 255)
        return false;
    for (; *type; type++)
        if ((unsigned char) *type < 0x20 || (unsigned char) *type >= 0x7f)
            return false;
    return true;
}

// "FIRST-LAST", "FIRST-", "-SUFFIX"; -1 for the number that is not there. Not both may be missing.
static bool range_parse (const char *text, int64_t *first, int64_t *last)
{
    const char *dash = strchr (text, '-');
    *first = *last = -1;
    if (!dash)
        return false;
    bool from = dash == text || http_number (text, (size_t) (dash - text), first);
    bool to = !dash[1] || http_number (dash + 1, strlen (dash + 1), last);
    return from && to && (*first >= 0 || *last >= 0);
}

range_t header_range (const char *text, int64_t size, int64_t *first, int64_t *last)
{
    if (!text || strncmp (text, "bytes=", 6) != 0 || !range_parse (text + 6, first, last))
        return RANGE_NONE; // Other units and several ranges may be answered with the whole (RFC 9110 14.2)
    bool suffix = *first < 0, open = *last < 0;
    if (!suffix && !open && *last < *first)
        return RANGE_NONE;
    if (suffix) {
        *first = *last < size ? size - *last : 0;
        *last = *last == 0 ? -1 : size - 1;
    } else if (open || *last >= size)
        *last = size - 1;
    return *first <= *last && *first < size ? RANGE_GOOD : RANGE_BAD;
}

bool header_content_range (const char *text, int64_t *first, int64_t *last)
{
    if (!text || strncmp (text, "bytes ", 6) != 0)
        return false;
    text += 6;
    const char *dash = strchr (text, '-');
    const char *slash = dash ? strchr (dash, '/') : NULL;
    return slash && strcmp (slash, "/*") == 0 && http_number (text, (size_t) (dash - text), first) &&
           http_number (dash + 1, (size_t) (slash - dash - 1), last) && *last >= *first;
}
