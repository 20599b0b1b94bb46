/* server_api.h - the agent's requests to the server, in messages of proto/. One server_t per thread.
 *
 * Every function returns the server's fault, with its detail in the turn, or UNAVAILABLE or TIMEOUT if no
 * answer came. */

#ifndef OPENCICD_AGENT_SERVER_API_H
#define OPENCICD_AGENT_SERVER_API_H

#include "agent/chunk_folder.h"
#include "agent/engine/builtin/artifact_port.h"
#include "proto/messages.h"

typedef struct server server_t;

server_t *server_new (const char *url);
void server_destroy (server_t **self_p);
// How long each of its requests may take from now on, besides the time that the server was asked to wait.
void server_set_patience (server_t *self, uint32_t ms);
// From any thread: fails the request in progress, and all later ones.
void server_abandon (server_t *self);

MUST_USE fault_t server_register (server_t *self, turn_t *turn, const char *token,
                                  const agent_register_t *ask, agent_registered_t *out);
MUST_USE fault_t server_heartbeat (server_t *self, turn_t *turn, const char *token,
                                   const agent_heartbeat_t *ask, job_orders_t *out);
// out->job is "" if no job came in time.
MUST_USE fault_t server_next (server_t *self, turn_t *turn, const char *token, const agent_next_t *ask,
                              job_offer_t *out);
MUST_USE fault_t server_status (server_t *self, turn_t *turn, const char *token, const job_status_t *ask,
                                job_orders_t *out);
// What an action's tag or branch is locked to; a commit in `ask` locks it, if it was not locked.
MUST_USE fault_t server_action (server_t *self, turn_t *turn, const char *token, const action_look_t *ask,
                                action_pin_t *out);
// The secrets that the job of `token` names, and its environment's variables.
MUST_USE fault_t server_secrets (server_t *self, turn_t *turn, const char *token, const job_secrets_t *ask,
                                 job_values_t *out);
// Sends bytes of a log from `offset` on. After OK and BAD_RANGE, *next is the offset at which to continue.
MUST_USE fault_t server_log (server_t *self, turn_t *turn, const char *token, const char *job, int64_t offset,
                             uint32_t step, int64_t at_us, const void *data, size_t size, int64_t *next);

// Artifacts of one job. Borrows all. A step's summary, which must not fail the job, is sent again for this long:
#define ARTIFACT_RETRY_SECONDS 300
typedef struct {
    server_t *server;
    const char *url; // The server's, for links
    const char *token, *job, *run;
    uint32_t attempt;
    int cancel;            // Becomes readable when the job is to stop: that ends the retries
    chunk_folder_t copies; // Of chunks of caches
    int64_t copied_bytes;  // That came from there
} server_artifacts_t;
artifact_port_t server_artifact_port (server_artifacts_t *self);

#endif
