/* signature.h - how the server proves to an agent that a request is its own.
 *
 * HMAC-SHA256 (RFC 2104, FIPS 198-1) in hex, keyed with the agent's push key, over these lines, each but the last ended by a newline:
 *
 *     v1 | method | path with its query | agent's id | time | SHA-256 of the body in hex
 *
 * The push key is derived from the agent's secret on both sides and never sent, so an eavesdropper can neither forge a request
 * nor alter one. The time lets the agent refuse a request that is old or was recorded. docs/agent-protocol.md has an example. */

#ifndef OPENCICD_SIGNATURE_H
#define OPENCICD_SIGNATURE_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define SIGNATURE_SIZE 65 // 64 hex digits and the NUL

#define SIGNATURE_HEADER "Opencicd-Signature" // "v1=" and the hex
#define SIGNATURE_PREFIX "v1="
#define TIME_HEADER      "Opencicd-Time" // Microseconds since 1970 by the server's clock
#define AGENT_HEADER     "Opencicd-Agent"
#define BODY_SUM_HEADER  "Opencicd-Content-SHA256"

typedef struct {
    const char *key;    // push_key_of the agent's secret
    const char *method; // "POST"
    const char *target; // "/jobs/j01?hard=1"
    const char *agent;  // Its id
    const char *time;   // The header's value
    const char *body;   // SHA-256 in hex, also where it is empty
} signed_request_t;

const char *push_key_of (arena_t *arena, const char *secret); // BLAKE2b-256 of "push:" and the secret, in hex
void signature_make (const signed_request_t *request, char into[SIGNATURE_SIZE]);
// Compares in constant time; `given` is the header's text, from outside.
bool signature_is (const signed_request_t *request, const char *given);

#endif
