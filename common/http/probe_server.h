/* probe_server.h - /healthz, /readyz and /metrics over HTTP, for a process that serves no other HTTP.
 *
 * One thread, no library: it answers GET and HEAD of three paths, one request a connection, and closes. Nothing it returns is
 * secret and nothing can be changed through it; keep its address off public networks nevertheless. A client that is slow, or sends more
 * than PROBE_HEAD_MAX bytes, is cut off after PROBE_SECONDS; more than PROBE_CLIENTS at once wait to be accepted. */

#ifndef OPENCICD_PROBE_SERVER_H
#define OPENCICD_PROBE_SERVER_H

#include "common/base/turn.h"

#define PROBE_CLIENTS  16
#define PROBE_SECONDS  3
#define PROBE_HEAD_MAX 8192

// The answers, the same wherever these are served.
#define PROBE_ALIVE        "{\"status\":\"alive\"}\n"
#define PROBE_READY        "{\"status\":\"ready\"}\n"
#define PROBE_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define PROBE_METRICS_MAX  (4 << 20) // Bytes

typedef struct probe_server probe_server_t;

// Called from the server's thread; a fault with its detail is the reason why this process is not ready.
typedef fault_t (*probe_ready_fn) (void *context, turn_t *turn);

// `listen` is HOST:PORT, port 0 for any free one. BAD_INPUT or CONFLICT, with the address in the detail.
MUST_USE fault_t probe_server_new (probe_server_t **out, turn_t *turn, const char *listen,
                                   probe_ready_fn ready, void *context);
void probe_server_destroy (probe_server_t **self_p);
const char *
probe_server_address (const probe_server_t *self); // "127.0.0.1:41503", with the port that was chosen
// From now on this process is not ready, and `ready` is not called any more.
void probe_server_stopping (probe_server_t *self);

#endif
