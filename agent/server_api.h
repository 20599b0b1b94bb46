/* server_api.h - what an agent says to the server, in messages of proto/. One for each thread that speaks.
 *
 * Every function gives the fault that the server answered, with its detail in the turn, or UNAVAILABLE and TIMEOUT where no
 * answer came. */

#ifndef OPENCICD_AGENT_SERVER_API_H
#define OPENCICD_AGENT_SERVER_API_H

#include "agent/artifact_port.h"
#include "agent/http.h"
#include "proto/messages.h"

typedef struct server server_t;

server_t *server_new (const char *url);
void server_destroy (server_t **self_p);
// Turning true ends a request that waits; borrowed.
void server_abandon_on (server_t *self, const atomic_bool *abandon);

MUST_USE fault_t server_register (server_t *self, turn_t *turn, const char *token,
                                  const agent_register_t *ask, agent_registered_t *out);
MUST_USE fault_t server_beat (server_t *self, turn_t *turn, const char *token, const agent_beat_t *ask,
                              job_orders_t *out);
// out->job is "" where no job came in time.
MUST_USE fault_t server_next (server_t *self, turn_t *turn, const char *token, const agent_next_t *ask,
                              job_offer_t *out);
MUST_USE fault_t server_status (server_t *self, turn_t *turn, const char *token, const job_status_t *ask,
                                job_orders_t *out);
// Bytes of a log from `offset` on. OK and BAD_RANGE both say in *next where to go on.
MUST_USE fault_t server_log (server_t *self, turn_t *turn, const char *token, const char *job, int64_t offset,
                             uint32_t step, const void *data, size_t size, int64_t *next);

// Artifacts of one job. Borrows all. While the server is away a request is made again, for so long:
#define ARTIFACT_PATIENCE_SECONDS 300
typedef struct {
    server_t *server;
    const char *token, *job, *run;
    uint32_t attempt;
    int cancel; // Becomes readable when the job is to stop; then nothing is made again
} server_artifacts_t;
artifact_port_t server_artifact_port (server_artifacts_t *self);

#endif
