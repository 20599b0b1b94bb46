/* Bodies that come in chunks, in pieces of any size. */

#include "common/http/http_chunks.h"
#include "tests/unit/test.h"

#include <string.h>

typedef struct {
    char body[8192];
    size_t size, used;
    chunks_t end;
} decoded_t;

// Feeds `piece` bytes at a time.
static decoded_t decode (const char *text, size_t size, size_t piece)
{
    decoded_t self = {.end = CHUNKS_MORE};
    http_chunks_t chunks = {0};
    while (self.used < size && self.end != CHUNKS_END && self.end != CHUNKS_BAD) {
        size_t have = size - self.used < piece ? size - self.used : piece, used, count;
        const char *data;
        self.end = http_chunks_take (&chunks, text + self.used, have, &used, &data, &count);
        if (self.end == CHUNKS_DATA) {
            memcpy (self.body + self.size, data, count);
            self.size += count;
        }
        self.used += used;
    }
    return self;
}

TEST (a_body_in_chunks_is_the_same_however_it_comes_in)
{
    static const char text[] =
        "5\r\nhello\r\n1;a=\"b\"\r\n \r\n00a\r\n0123456789\r\n0\r\nX: y\r\nZ:\r\n\r\nGET";
    for (size_t piece = 1; piece < sizeof text; piece++) {
        decoded_t decoded = decode (text, sizeof text - 1, piece);
        CHECK_INT (decoded.end, CHUNKS_END);
        CHECK_INT (decoded.used, sizeof text - 1 - 3); // What follows is another request's
        CHECK_INT (decoded.size, 16);
        CHECK (memcmp (decoded.body, "hello 0123456789", 16) == 0);
    }
}

// The bytes of the last chunk's own line are not among them.
TEST (all_trailers_together_have_a_bound)
{
    char text[HTTP_CHUNK_LINE + 16];
    for (int more = 0; more < 2; more++) {
        size_t size = HTTP_CHUNK_LINE + more;
        memset (text, 'x', sizeof text);
        memcpy (text, "00;a\r\nA: b\r\nB:", 14);
        memcpy (text + 6 + size - 4, "\r\n\r\n", 4);
        for (size_t piece = 1; piece < 1000; piece += 100)
            CHECK_INT (decode (text, 6 + size, piece).end, more ? CHUNKS_BAD : CHUNKS_END);
    }
}

TEST (what_is_not_a_chunk_is_refused)
{
    static const char *const wrong[] = {
        "\r\n",        "g\r\n",         "-1\r\n",    "0x1\r\n",    " 1\r\n",         "1\n",
        "1\r\r",       "1\r\nab",       "1\r\na\nb", "1\r\na\r\r", "1;\n\r\n",       "1;\x01\r\n",
        "4000001\r\n", "100000001\r\n", "0\r\n\n",   "0\r\n\r\r",  "0\r\n X: y\r\n", "0\r\nX: y\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (decode (wrong[i], strlen (wrong[i]), 1).end != CHUNKS_BAD)
            test_fail (__FILE__, __LINE__, "%zu is taken: %s", i, wrong[i]);
    static char longest[2 * HTTP_CHUNK_LINE];
    memset (longest, 'a', sizeof longest);
    memcpy (longest, "1;", 2);
    CHECK_INT (decode (longest, sizeof longest, 100).end, CHUNKS_BAD);
    CHECK_INT (decode (longest, HTTP_CHUNK_LINE, 100).end, CHUNKS_MORE);
}
