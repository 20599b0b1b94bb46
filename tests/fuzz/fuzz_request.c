/* Any bytes as a request's head, chunks, path, query, ranges and text: what is accepted must be clean, what is decoded must hold its bounds. */

#include "common/base/utf8.h"
#include "common/http/http_chunks.h"
#include "common/http/http_head.h"
#include "gateway/header.h"
#include "gateway/route.h"
#include "gateway/text.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void read_url (turn_t *turn, char *text)
{
    segments_t path;
    uri_pairs_t query, params;
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

static void read_head (arena_t *arena, const char *data, size_t size)
{
    size_t head_size = 0;
    http_head_t head;
    if (size > HTTP_HEAD_MAX || http_head_find (data, size, 0, &head_size) != HEAD_WHOLE)
        return;
    FUZZ_CHECK (head_size <= size);
    char *copy = arena_copy (arena, data, head_size);
    if (http_head_parse (&head, copy, head_size).status)
        return;
    FUZZ_CHECK (head.path[0] == '/' && head.count <= HTTP_HEADERS);
    for (size_t i = 0; i < head.count; i++)
        FUZZ_CHECK (head.headers[i].name >= copy && head.headers[i].value < copy + head_size &&
                    !strpbrk (head.headers[i].value, "\r\n"));
    FUZZ_CHECK (http_head_length (&head) >= -1);
}

// In one piece and byte by byte it is the same body.
static void read_chunks (const char *data, size_t size)
{
    size_t bodies[2] = {0}, ends[2] = {0};
    for (int i = 0; i < 2; i++) {
        http_chunks_t chunks = {0};
        chunks_t what = CHUNKS_MORE;
        for (size_t at = 0; at < size && (what == CHUNKS_MORE || what == CHUNKS_DATA);) {
            size_t used, count = 0, have = i ? 1 : size - at;
            const char *part;
            what = http_chunks_take (&chunks, data + at, have, &used, &part, &count);
            FUZZ_CHECK (used <= have &&
                        (what != CHUNKS_DATA || (part >= data + at && part + count <= data + at + used)));
            bodies[i] += what == CHUNKS_DATA ? count : 0;
            at += used;
            ends[i] = at;
        }
    }
    FUZZ_CHECK (bodies[0] == bodies[1] && ends[0] == ends[1]);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "fuzz", 0);
    char *text = arena_strndup (arena, (const char *) data + 1, size - 1);
    http_head_t head = {.count = 1, .headers = {{"Accept", text}}};
    (void) http_head_has (&head, "Accept", "text/plain");
    read_head (arena, (const char *) data, size);
    read_chunks ((const char *) data, size);
    (void) header_id_valid (text);
    read_ranges (text, data[0] * 1000);
    size_t whole = text_whole ((const char *) data, size);
    FUZZ_CHECK (whole <= size && size - whole <= TEXT_TAIL);
    read_url (&turn, text);
    arena_destroy (&arena);
    return 0;
}
