/* agent_server.h - the agent's own HTTP server: GET /health, POST /jobs, GET and DELETE /jobs/{id}.
 *
 * The server of common/http with few threads: a slow, silent or unauthorized client costs one socket, for a bounded time. Only /health is open; all
 * other requests must be signed by the server (common/http/signature.h), and the body of an unsigned one is not read. */

#ifndef OPENCICD_AGENT_SERVER_H
#define OPENCICD_AGENT_SERVER_H

#include "agent/server_clock.h"
#include "common/base/buffer.h"
#include "common/base/turn.h"
#include "proto/messages.h"

#define AGENT_SERVER_BODY_MAX (4 << 20) // Bytes of an offer

typedef struct agent_server agent_server_t;

// Called from the server's threads.
typedef struct {
    void *self;
    server_clock_t *clock;
    // OK takes the arena; *runs: once that is answered, `run` is to be called in the same thread, until it returns. CONFLICT: there is another
    // job. GONE: the offer is stale, or was taken before.
    fault_t (*offer) (void *self, arena_t **arena, const job_offer_t *offer, bool *runs);
    void (*run) (void *self);
    fault_t (*show) (void *self, turn_t *turn, const char *job, job_status_t *out); // NOT_FOUND
    fault_t (*cancel) (void *self, const char *job, uint32_t attempt, bool hard);   // 0: any. NOT_FOUND
    void (*health) (void *self, buffer_t *json);
    void (*stale) (void *self); // A request's time contradicts what we know of the server's clock
} agent_server_listener_t;

// `listen` is HOST:PORT, port 0 for any. Borrows listener. BAD_INPUT or CONFLICT with the address.
MUST_USE fault_t agent_server_new (agent_server_t **out, turn_t *turn, const char *listen,
                                   const agent_server_listener_t *listener);
void agent_server_set_key (agent_server_t *self, const char *agent,
                           const char *key); // Until then every signed request is refused
int agent_server_port (const agent_server_t *self);
void agent_server_destroy (agent_server_t **self_p);

#endif
