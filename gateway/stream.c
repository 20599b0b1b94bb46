/* stream.c - see stream.h. */

#include "gateway/stream.h"

#include "gateway/reply.h"

#include <stdio.h>

const char *stream_seen (const request_t *self)
{
    const char *id = http_head_get (self->info, "Last-Event-ID");
    return id && *id ? id : NULL;
}

bool stream_begin (request_t *self)
{
    static const char hello[] = "retry: 1000\n\n";
    reply_header (self, "X-Accel-Buffering", "no"); // Proxies must not hold it back
    return reply_begin (self, 200, SSE_TYPE, REPLY_CLOSE) && reply_more (self, hello, sizeof (hello) - 1);
}

bool stream_send (request_t *self, buffer_t **text_p)
{
    bool sent = !buffer_full (*text_p) && reply_more (self, buffer_text (*text_p), buffer_size (*text_p));
    buffer_destroy (text_p);
    return sent;
}

bool stream_ping (request_t *self, const char *id)
{
    char text[64];
    int size = id ? snprintf (text, sizeof (text), "id: %s\n: ping\n\n", id)
                  : snprintf (text, sizeof (text), ": ping\n\n");
    return reply_more (self, text, (size_t) size);
}
