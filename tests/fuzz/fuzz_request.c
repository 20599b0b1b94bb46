/* Any bytes as a request's path, query, ranges and text: what is accepted must be clean, what is decoded must hold its bounds. */

#include "common/utf8.h"
#include "gateway/header.h"
#include "gateway/route.h"
#include "gateway/text.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void read_url (turn_t *turn, char *text)
{
    segments_t path;
    pairs_t query, params;
    const route_t *route = NULL;
    const char *allow;
    char *mark = strchr (text, '?');
    if (mark)
        *mark++ = '\0';
    if (uri_query (turn, mark, &query) == OK)
        for (size_t i = 0; i < query.count; i++)
            FUZZ_CHECK (pairs_get (&query, query.items[i].name) == query.items[i].value);
    if (uri_path (turn, text, &path) != OK)
        return;
    FUZZ_CHECK (path.count <= URI_SEGMENTS);
    for (size_t i = 0; i < path.count; i++) {
        const char *segment = path.items[i];
        FUZZ_CHECK (*segment && !strchr (segment, '/') && strcmp (segment, "..") != 0);
        FUZZ_CHECK (utf8_valid (segment, strlen (segment)));
    }
    if (route_match (turn, "GET", &path, &route, &params, &allow) == OK)
        FUZZ_CHECK (route && params.count <= URI_PAIRS);
}

static void read_ranges (const char *text, int64_t size)
{
    int64_t first, last;
    if (header_range (text, size, &first, &last) == RANGE_GOOD)
        FUZZ_CHECK (first >= 0 && first <= last && last < size);
    if (header_content_range (text, &first, &last))
        FUZZ_CHECK (first >= 0 && first <= last);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "fuzz", 0);
    char *text = arena_strndup (arena, (const char *) data + 1, size - 1);
    struct mg_request_info info = {
        .num_headers = 1, .http_headers = {{"Accept", text}}, .http_version = "1.1"};
    (void) header_has (&info, "Accept", "text/plain");
    (void) header_id_valid (text);
    read_ranges (text, data[0] * 1000);
    size_t whole = text_whole ((const char *) data, size);
    FUZZ_CHECK (whole <= size && size - whole <= TEXT_TAIL);
    read_url (&turn, text);
    arena_destroy (&arena);
    return 0;
}
