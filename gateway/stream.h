/* stream.h - what server-sent events have in common. Source: the HTML standard, server-sent events.
 *
 * Each stream is a loop that waits for what is new, at most STREAM_WAIT seconds; then a comment goes out, because only a write
 * shows that the client has gone. The id of an event is where to continue (Last-Event-ID). */

#ifndef OPENCICD_GATEWAY_STREAM_H
#define OPENCICD_GATEWAY_STREAM_H

#include "common/base/buffer.h"
#include "gateway/request.h"

#define STREAM_WAIT 10 // Seconds

const char *stream_seen (const request_t *request); // Last-Event-ID; NULL where the client has seen nothing
// All but the first return false if the client has gone.
MUST_USE bool stream_begin (request_t *request);
// Takes the text: a waiting stream holds no memory for what it has sent.
MUST_USE bool stream_send (request_t *request, buffer_t **text_p);
// `id`: where to continue by now, although nothing of interest has happened; NULL for none.
MUST_USE bool stream_ping (request_t *request, const char *id);

#endif
