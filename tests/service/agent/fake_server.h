/* fake_server.h - what an agent takes for the server, and the agent itself on a thread of this process.
 *
 * It keeps the log as the collector does (offset by offset), remembers every status, and can be told to misbehave. */

#ifndef OPENCICD_TEST_FAKE_SERVER_H
#define OPENCICD_TEST_FAKE_SERVER_H

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "tests/service/agent/push.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct fake_server fake_server_t;

fake_server_t *fake_server_new (void);
void fake_server_destroy (fake_server_t **self_p); // And its agent
// Starts the agent, waits until it has registered. In the same work folder again where it was stopped before.
void fake_server_start_agent (fake_server_t *self, bool parked, bool ephemeral);
void fake_server_launch_agent (fake_server_t *self, bool parked, bool ephemeral); // Waits for nothing
void fake_server_set_shutdown (fake_server_t *self, uint32_t seconds); // Of the agent that starts next; 0
void fake_server_stop_agent (fake_server_t *self); // Fails the test where the agent says that it failed
void fake_server_wait_agent (fake_server_t *self); // Until it ends by itself

// Offers a job with these steps (JSON) to the agent, pushed or parked; the HTTP status that the agent answered.
int fake_server_offer (fake_server_t *self, const char *job, const char *steps);
// The offer's JSON, dated so long ago; and such an offer for a parked agent.
const char *fake_server_offer_text (fake_server_t *self, const char *job, const char *steps, int seconds_ago);
void fake_server_park (fake_server_t *self, const char *offer);

// The HTTP status of a signed request to the agent; `body` and `wrong` may be NULL.
int fake_server_ask (fake_server_t *self, const char *method, const char *path, const char *body,
                     const fake_wrong_t *wrong);

const char *fake_server_agent_address (fake_server_t *self); // "127.0.0.1:41503"

// How it misbehaves; 0 and false: not at all.
void fake_server_be_away (fake_server_t *self, int status,
                          const char *body);                          // That for everything; 0: it is back
void fake_server_forget_log (fake_server_t *self, int64_t keep);      // Once: 416, back to that offset
void fake_server_claim_log (fake_server_t *self, int64_t more);       // Once: so many bytes that it has not
void fake_server_be_slow (fake_server_t *self, int ms);               // With each piece of a log
void fake_server_fence (fake_server_t *self);                         // 409 for every word about jobs
void fake_server_set_clock (fake_server_t *self, int ahead_seconds);  // Of the agent's
void fake_server_lose_registrations (fake_server_t *self, int count); // Answers of the next ones
void fake_server_order (fake_server_t *self, const char *order);      // In answer to the next words

// Waiting, with a deadline of a minute each.
void fake_server_wait_finished (fake_server_t *self);                   // A status finished came in
void fake_server_wait_log (fake_server_t *self, const char *text);      // The log holds that
void fake_server_wait_requests (fake_server_t *self, const char *text); // fake_server_requests holds that
void fake_server_wait_refused (
    fake_server_t *self); // A request about a job, or a registration, because it is away
void fake_server_wait_asked (fake_server_t *self); // The agent beats or asks for a job, from now on
void fake_server_wait_idle (fake_server_t *self);  // The agent says so
// That in its answer to a GET of the path.
void fake_server_wait_says (fake_server_t *self, const char *path, const char *text);
void fake_server_wait_ended (fake_server_t *self, const char *job); // Likewise: its steps have ended

const char *fake_server_folder (fake_server_t *self);           // Where the agent works
void fake_server_touch (fake_server_t *self, const char *path); // An empty file in the agent's work folder
int fake_server_read_number (fake_server_t *self, const char *path); // Of a file there; 0 where it says none
unsigned fake_server_mode (fake_server_t *self, const char *path);   // Likewise: who may do what with it
const char *fake_server_log (fake_server_t *self);
size_t fake_server_log_size (fake_server_t *self);
void fake_server_check_result (fake_server_t *self, const char *result); // Of the last status
const char *fake_server_status (fake_server_t *self);                    // The last one, JSON
// From now on each status is looked at when it comes, next to the log that is there by then.
typedef void fake_status_fn (void *context, const char *status, const char *log);
void fake_server_on_status (fake_server_t *self, fake_status_fn *look, void *context);
const char *fake_server_requests (fake_server_t *self); // "PATCH 1,rest 2,finished," since the offer
// From a thread of its own, from its first answer until the agent has ended.
void fake_server_offer_all_the_while (fake_server_t *self);
int fake_server_keys (fake_server_t *self);               // Different keys that registrations brought
const char *fake_server_token_used (fake_server_t *self); // By the last registration

#endif
