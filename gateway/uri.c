/* uri.c - see uri.h. */

#include "gateway/uri.h"

#include "common/base/utf8.h"

#include <string.h>

const char *pairs_get (const uri_pairs_t *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->items[i].name, name) == 0)
            return self->items[i].value;
    return NULL;
}

static int hex (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// One byte, escaped or not, and how many bytes of text it took; -1 where the escape is broken.
static int decode_byte (const char *text, size_t size, bool plus, size_t *took)
{
    *took = 1;
    if (*text == '+' && plus)
        return ' ';
    if (*text != '%')
        return (unsigned char) *text;
    if (size < 3 || hex (text[1]) < 0 || hex (text[2]) < 0)
        return -1;
    *took = 3;
    return hex (text[1]) << 4 | hex (text[2]);
}

// `query`: "+" is a blank and an escaped "/" is harmless.
static fault_t decode (turn_t *turn, const char *text, size_t size, bool query, const char **out)
{
    char *into = arena_alloc (turn->arena, size + 1);
    size_t length = 0;
    for (size_t at = 0, took; at < size; at += took) {
        int c = decode_byte (text + at, size - at, query, &took);
        if (c < 0)
            return turn_fail (turn, BAD_INPUT, "the URL has a %% without two hex digits");
        if (c < 0x20 || c == 0x7f)
            return turn_fail (turn, BAD_INPUT, "the URL has an escaped control character");
        if (c == '/' && took == 3 && !query)
            return turn_fail (turn, BAD_INPUT, "the URL has an escaped / in its path");
        into[length++] = (char) c;
    }
    if (!utf8_valid (into, length))
        return turn_fail (turn, BAD_INPUT, "the URL is not UTF-8");
    *out = into;
    return OK;
}

static fault_t add_segment (turn_t *turn, const char *text, size_t size, segments_t *out)
{
    if (out->count == URI_SEGMENTS)
        return turn_fail (turn, NOT_FOUND, "the path has more than %d segments", URI_SEGMENTS);
    const char *segment = NULL;
    fault_t fault = decode (turn, text, size, false, &segment);
    if (fault != OK)
        return fault;
    if (!*segment || strcmp (segment, ".") == 0 || strcmp (segment, "..") == 0)
        return turn_fail (turn, BAD_INPUT, "the path has an empty, . or .. segment");
    out->items[out->count++] = segment;
    return OK;
}

fault_t uri_path (turn_t *turn, const char *path, segments_t *out)
{
    out->items = arena_array (turn->arena, URI_SEGMENTS, sizeof (*out->items));
    out->count = 0;
    if (path[0] != '/')
        return turn_fail (turn, BAD_INPUT, "the path does not begin with /");
    if (!path[1])
        return OK;
    for (const char *at = path; *at == '/';) {
        size_t size = strcspn (++at, "/");
        fault_t fault = add_segment (turn, at, size, out);
        if (fault != OK)
            return fault;
        at += size;
    }
    return OK;
}

static fault_t add_pair (turn_t *turn, const char *text, size_t size, uri_pairs_t *out)
{
    const char *equals = memchr (text, '=', size);
    size_t name_size = equals ? (size_t) (equals - text) : size;
    uri_pair_t pair = {.value = ""};
    fault_t fault = decode (turn, text, name_size, true, &pair.name);
    if (fault == OK && equals)
        fault = decode (turn, equals + 1, size - name_size - 1, true, &pair.value);
    if (fault != OK)
        return fault;
    if (pairs_get (out, pair.name))
        return turn_fail (turn, BAD_INPUT, "%s is given twice in the query", pair.name);
    if (out->count == URI_PAIRS)
        return turn_fail (turn, BAD_INPUT, "the query has more than %d parameters", URI_PAIRS);
    out->items[out->count++] = pair;
    return OK;
}

fault_t uri_query (turn_t *turn, const char *query, uri_pairs_t *out)
{
    out->count = 0;
    while (query && *query) {
        size_t size = strcspn (query, "&");
        fault_t fault = size ? add_pair (turn, query, size, out) : OK;
        if (fault != OK)
            return fault;
        query += size;
        query += *query == '&';
    }
    return OK;
}
