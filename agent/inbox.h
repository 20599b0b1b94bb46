/* inbox.h - the agent's own HTTP server: GET /health, POST /jobs, GET and DELETE /jobs/{id}.
 *
 * civetweb with few threads and no files. Only /health is open; the rest wants the push key. */

#ifndef OPENCICD_AGENT_INBOX_H
#define OPENCICD_AGENT_INBOX_H

#include "common/buffer.h"
#include "common/turn.h"
#include "proto/messages.h"

#define INBOX_THREADS  3
#define INBOX_BODY_MAX (4 << 20) // Bytes of an offer

typedef struct inbox inbox_t;

// Called from the server's threads.
typedef struct {
    void *self;
    // Takes the arena where it takes the job; CONFLICT where there is one already.
    fault_t (*offer) (void *self, arena_t **arena, const job_offer_t *offer);
    fault_t (*show) (void *self, turn_t *turn, const char *job, job_status_t *out); // NOT_FOUND
    fault_t (*cancel) (void *self, const char *job, bool hard);                     // NOT_FOUND
    void (*health) (void *self, buffer_t *json);
} inbox_listener_t;

// `listen` is HOST:PORT, port 0 for any. Borrows listener. UNAVAILABLE with *error.
MUST_USE fault_t inbox_new (inbox_t **out, arena_t *arena, const char *listen,
                            const inbox_listener_t *listener, const char **error);
void inbox_set_key (inbox_t *self, const char *key); // Before it nobody is let in
int inbox_port (const inbox_t *self);
void inbox_destroy (inbox_t **self_p);

#endif
