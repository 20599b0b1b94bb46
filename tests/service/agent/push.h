/* push.h - a request to an agent, signed as the scheduler signs it, right or wrong. */

#ifndef OPENCICD_TEST_PUSH_H
#define OPENCICD_TEST_PUSH_H

#include "common/http/http_client.h"

#include <stdint.h>

// What is wrong with a request to the agent; zero: nothing.
typedef struct {
    const char *key, *agent; // That it is signed with
    const char *path, *body; // That are sent in place of those that were signed
    int seconds_ago;         // Since it was signed
} fake_wrong_t;
typedef struct {
    const char *url;         // The agent's
    const char *key, *agent; // Its secret and its id
    int64_t ahead_us;        // The server's clock of this machine's
} push_from_t;

typedef struct {
    const char *method, *path;
    const char *body; // NULL for none
    const fake_wrong_t *wrong;
} push_request_t;

MUST_USE fault_t push_send (arena_t *arena, const push_from_t *from, const push_request_t *request,
                            http_answer_t *reply);

#endif
