/* s3_exchange.h - requests to the bucket: signed, sent several at once, tried again where that helps, and what came of each in words.
 *
 * For helper threads: the caller waits, never an actor. All of a process share one client with its connections and S3_SLOTS requests at
 * once. A request is tried at most S3_ATTEMPTS times within the deadline of all its attempts, after pauses of random length, so that those
 * whom a store sends away do not come back together. Private to common/s3/. */

#ifndef OPENCICD_S3_EXCHANGE_H
#define OPENCICD_S3_EXCHANGE_H

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/s3/s3_credentials.h"
#include "common/s3/s3_place.h"

#include <pthread.h>
#include <stdatomic.h>

#define S3_SLOTS    48 // Requests of a process at once
#define S3_PARALLEL 16 // Of one call
#define S3_ATTEMPTS 6
#define S3_HEADERS  8
#define S3_LEAVE    SECONDS (3) // What is under way when the process leaves has this long
#define S3_ANSWER   (4 << 20)   // Bytes of an answer that is no blob

typedef struct {
    s3_place_t place; // In `arena`
    arena_t *arena;
    http_client_t *client; // With its thread
    s3_credentials_t *credentials;
    uint32_t total_ms;
    atomic_bool unconditional; // The store does not know If-None-Match
    pthread_mutex_t lock;      // Of what follows
    pthread_cond_t changed;    // A request has ended, or leaving
    size_t slots;              // Free ones
    bool leaving;              // No more attempts
    bool cut;                  // What was under way then
    int64_t leave_us;          // Monotonic: then what is under way is cut
    fault_t failing;           // What came of the last request, if that is the store's fault
    int64_t looked_us;         // When it was last asked whether that is over
    char reason[512];
} s3_t;

typedef struct {
    // The request
    const char *operation; // "put", for metrics
    const char *method;
    const char *key;   // NULL: the bucket
    const char *query; // Encoded; NULL: none
    const char *headers[S3_HEADERS];
    const void *body;
    size_t size;
    char *into; // Where a 2xx answer's body goes; NULL: it is kept
    size_t room;
    bool late;         // An error may come with 200
    uint32_t attempts; // At most; 0: S3_ATTEMPTS
    uint32_t total_ms; // Of all of them; 0: as the store's
    // The answer
    fault_t fault; // OK: 2xx. NOT_FOUND, CONFLICT (412), BAD_RANGE; UNAVAILABLE, BROKEN, ... with a detail
    const char *detail; // In the turn's arena, as what follows
    const char *code;   // "NoSuchKey"
    int status;
    size_t got; // Bytes in `into`
    http_answer_t answer;
} s3_exchange_t;

// Sends them all and waits until the last has ended. The first fault of them, with its detail in the turn.
MUST_USE fault_t s3_exchange (s3_t *self, turn_t *turn, s3_exchange_t *list, size_t count);
// What an answer that is not 2xx means: fills in fault, code and detail. Is it worth another attempt?
bool s3_judge (const s3_t *self, turn_t *turn, s3_exchange_t *exchange);

#endif
