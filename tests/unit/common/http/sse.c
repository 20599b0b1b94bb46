/* sse.c - server-sent events, however their bytes are cut. */

#include "common/http/sse.h"
#include "common/base/buffer.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

static void note (void *into, const char *type, const char *id, const char *data, size_t size)
{
    buffer_printf (into, "%s(%s)=", type, id);
    buffer_add (into, data, size);
    buffer_putc (into, ';');
}

// What comes out where the bytes come `piece` at a time.
static void read (const char *bytes, size_t piece, buffer_t *into)
{
    sse_t *sse = sse_new (note, into);
    buffer_clear (into);
    for (size_t at = 0, size = strlen (bytes); at < size; at += piece)
        CHECK_INT (sse_feed (sse, bytes + at, size - at < piece ? size - at : piece), OK);
    sse_destroy (&sse);
}

TEST (events_are_read_whatever_the_pieces_in_which_they_come)
{
    static const char *const cases[][2] = {
        {"data: a\n\n", "message()=a;"},
        {"data:a\n\n", "message()=a;"},
        {"data:  a\n\n", "message()= a;"},
        {"event: log\nid: 7\ndata: {}\n\n", "log(7)={};"},
        {"data: a\ndata: b\n\n", "message()=a\nb;"},
        {"data: a\r\n\r\ndata: b\r\rdata: c\n\n", "message()=a;message()=b;message()=c;"},
        {": ping\n\ndata: a\n\n", "message()=a;"},
        {"retry: 1000\n\n", ""},
        {"event: x\n\ndata: a\n\n", "message()=a;"},
        {"id: 1\ndata: a\n\ndata: b\n\n", "message(1)=a;message(1)=b;"},
        {"data\n\n", "message()=;"},
        {"data: half", ""},
        {"data: half\n", ""},
        {"dat: x\nDATA: y\n\n", ""},
    };
    buffer_t *into = buffer_new (1000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t piece = 1; piece < 12; piece++) {
            read (cases[i][0], piece, into);
            CHECK_STR (buffer_text (into), cases[i][1]);
        }
    buffer_destroy (&into);
}

TEST (a_new_connection_forgets_what_was_half_there_and_keeps_the_last_id)
{
    buffer_t *into = buffer_new (1000);
    sse_t *sse = sse_new (note, into);
    CHECK_INT (sse_feed (sse, "id: 9\ndata: a\n\nid: 10\ndata: ha", 28), OK);
    sse_restart (sse);
    CHECK_STR (sse_last_id (sse), "10");
    CHECK_INT (sse_feed (sse, "data: b\n\n", 9), OK);
    CHECK_STR (buffer_text (into), "message(9)=a;message(10)=b;");
    sse_destroy (&sse);
    buffer_destroy (&into);
}

TEST (an_event_without_an_end_is_too_large)
{
    size_t size = 1 << 20;
    char *piece = malloc (size);
    buffer_t *into = buffer_new (1000);
    sse_t *sse = sse_new (note, into);
    fault_t fault = OK;
    memset (piece, 'x', size);
    for (int i = 0; i < 17 && fault == OK; i++)
        fault = sse_feed (sse, piece, size);
    CHECK_INT (fault, TOO_LARGE);
    sse_destroy (&sse);
    buffer_destroy (&into);
    free (piece);
}
