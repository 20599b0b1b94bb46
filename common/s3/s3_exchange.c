/* s3_exchange.c - see s3_exchange.h.
 *
 * A flight is one attempt: the thread that waits signs it, begins it and judges its answer; the client's thread only copies the answer and says
 * that it has ended. So what `done` touches is under the lock, and all else belongs to the waiting thread. */

#include "common/s3/s3_exchange.h"

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/sha256.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_MS  5000
#define SILENCE_MS  10000
#define ATTEMPT_MS  30000
#define PAUSE_LEAST MILLISECONDS (50)
#define PAUSE_MOST  SECONDS (5)
#define NO_BODY     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

typedef enum { FLIGHT_DUE, FLIGHT_UP, FLIGHT_LANDED, FLIGHT_OVER } flight_state_t;

typedef struct {
    s3_t *s3;
    s3_exchange_t *exchange;
    flight_state_t state; // Under the lock while it is up
    http_answer_t answer; // Copies on the heap; under the lock while it is up
    size_t got;
    uint32_t attempt;
    uint32_t pause_ms;
    int64_t until_us; // Of all its attempts
    int64_t begun_us;
    const char *access_key; // That signed it
    bool rekeyed;           // It was refused once for its key
    backoff_t backoff;
} flight_t;

static const char *of_heap (const char *text, size_t size)
{
    char *made = malloc (size + 1);
    if (!made)
        abort ();
    memcpy (made, text, size);
    made[size] = 0;
    return made;
}

// In the client's thread.
static void landed (void *self_, const http_answer_t *answer)
{
    flight_t *self = self_;
    s3_t *s3 = self->s3;
    pthread_mutex_lock (&s3->lock);
    self->answer = *answer;
    self->answer.head = of_heap (answer->head, strlen (answer->head));
    self->answer.body = of_heap (answer->body, answer->size);
    self->answer.detail = answer->detail ? of_heap (answer->detail, strlen (answer->detail)) : NULL;
    self->state = FLIGHT_LANDED;
    s3->slots++;
    pthread_cond_broadcast (&s3->changed);
    pthread_mutex_unlock (&s3->lock);
}

// In the client's thread; the waiting one looks at neither before the flight has landed.
static bool take (void *self_, const char *bytes, size_t size)
{
    flight_t *self = self_;
    s3_exchange_t *exchange = self->exchange;
    if (size > exchange->room - self->got)
        return false;
    memcpy (exchange->into + self->got, bytes, size);
    self->got += size;
    return true;
}

static const char *sum_of (arena_t *arena, const void *data, size_t size)
{
    sha256_t sum;
    if (size == 0)
        return NO_BODY;
    sha256_init (&sum);
    sha256_add (&sum, data, size);
    return sha256_hex (&sum, arena);
}

// Signs it anew for each attempt, as a signature has a time.
static fault_t sign (flight_t *self, turn_t *turn, http_request_t *out)
{
    s3_t *s3 = self->s3;
    const s3_exchange_t *exchange = self->exchange;
    sigv4_key_t key = {.region = s3->place.region, .service = "s3"};
    TRY (s3_credentials_find (s3->credentials, turn, &key));
    self->access_key = key.access_key;
    const char *query = exchange->query ? exchange->query : "";
    const sigv4_request_t request = {.method = exchange->method,
                                     .host = s3->place.host,
                                     .path = s3_place_path (turn->arena, &s3->place, exchange->key),
                                     .query = query,
                                     .headers = exchange->headers,
                                     .sum = sum_of (turn->arena, exchange->body, exchange->size),
                                     .now_us =
                                         clock_now_us (clock_system ()) + MILLISECONDS (self->pause_ms)};
    *out = (http_request_t){.method = exchange->method,
                            .url = arena_printf (turn->arena, "%s%s%s%s", s3->place.origin, request.path,
                                                 *query ? "?" : "", query),
                            .headers = sigv4_headers (turn->arena, &key, &request)};
    return OK;
}

// For s3_ready() and the metrics: is the store itself at fault?
static void remember (s3_t *self, const s3_exchange_t *exchange)
{
    bool failed = exchange->fault != OK && exchange->fault != NOT_FOUND && exchange->fault != CONFLICT &&
                  exchange->fault != BAD_RANGE;
    metric_set (metrics_gauge ("opencicd_blob_up", NULL, NULL, "1 while the blob store serves requests"),
                !failed);
    pthread_mutex_lock (&self->lock);
    if (failed && !self->leaving)
        snprintf (self->reason, sizeof self->reason, "%s",
                  exchange->detail ? exchange->detail : fault_text (exchange->fault));
    if (!self->leaving)
        self->failing = failed ? exchange->fault : OK;
    pthread_mutex_unlock (&self->lock);
}

static void take_off (flight_t *self, turn_t *turn)
{
    s3_t *s3 = self->s3;
    s3_exchange_t *exchange = self->exchange;
    http_request_t request;
    int64_t left_ms = (self->until_us - clock_monotonic_us ()) / 1000;
    fault_t fault = sign (self, turn, &request);
    self->got = 0;
    self->begun_us = clock_monotonic_us () + MILLISECONDS (self->pause_ms);
    request.body = exchange->body;
    request.size = exchange->size;
    request.borrow = true; // Its caller waits
    request.take = exchange->into ? take : NULL;
    request.stream = self;
    request.answer_max = exchange->into ? 64 << 10 : S3_ANSWER;
    request.connect_ms = CONNECT_MS;
    request.silence_ms = SILENCE_MS;
    request.total_ms = left_ms < ATTEMPT_MS ? (uint32_t) (left_ms > 1 ? left_ms : 1) : ATTEMPT_MS;
    request.delay_ms = self->pause_ms;
    if (fault == OK) {
        self->state = FLIGHT_UP;
        fault = http_client_begin (s3->client, &request, landed, self, NULL);
    }
    if (fault == OK)
        return;
    pthread_mutex_lock (&s3->lock);
    s3->slots++;
    self->state = FLIGHT_OVER;
    pthread_mutex_unlock (&s3->lock);
    exchange->fault = fault == INVALID ? UNAVAILABLE : fault;
    exchange->detail = arena_printf (turn->arena, "blob store s3://%s: %s", s3->place.bucket,
                                     turn->detail ? turn->detail : "it is being closed");
    turn->detail = NULL;
    remember (s3, exchange);
}

// ---- what came of it

static void count (const flight_t *self)
{
    const s3_exchange_t *exchange = self->exchange;
    metric_add (metrics_counter ("opencicd_blob_requests_total", "operation", exchange->operation,
                                 "Requests to the blob store, each attempt counted"),
                1);
    metric_time (metrics_histogram ("opencicd_blob_seconds", "operation", exchange->operation,
                                    "How long the blob store took to answer"),
                 clock_monotonic_us () - self->begun_us);
    if (exchange->size > 0 && exchange->fault == OK)
        metric_add (metrics_counter ("opencicd_blob_bytes_total", "direction", "out",
                                     "Bytes to and from the blob store"),
                    (int64_t) exchange->size);
    if (exchange->got > 0)
        metric_add (metrics_counter ("opencicd_blob_bytes_total", "direction", "in",
                                     "Bytes to and from the blob store"),
                    (int64_t) exchange->got);
    if (exchange->fault != OK && exchange->fault != NOT_FOUND && exchange->fault != CONFLICT &&
        exchange->fault != BAD_RANGE)
        metric_add (metrics_counter ("opencicd_blob_errors_total", "fault", fault_name (exchange->fault),
                                     "Requests that the blob store did not serve, each attempt counted"),
                    1);
}

// Into the turn's arena.
static void bring_in (flight_t *self, turn_t *turn)
{
    s3_exchange_t *exchange = self->exchange;
    exchange->answer = self->answer;
    exchange->answer.head = arena_strdup (turn->arena, self->answer.head);
    exchange->answer.body = arena_copy (turn->arena, self->answer.body, self->answer.size);
    exchange->answer.detail = arena_strdup (turn->arena, self->answer.detail);
    free ((char *) self->answer.head);
    free ((char *) self->answer.body);
    free ((char *) self->answer.detail);
    self->answer = (http_answer_t){0};
    exchange->status = exchange->answer.status;
    exchange->got = self->got;
    exchange->detail = NULL;
    exchange->code = "";
}

static bool may_try_again (flight_t *self, bool worth)
{
    const s3_exchange_t *exchange = self->exchange;
    bool refused = strcmp (exchange->code, "ExpiredToken") == 0 ||
                   strcmp (exchange->code, "InvalidAccessKeyId") == 0 ||
                   strcmp (exchange->code, "InvalidToken") == 0;
    if (refused && !self->rekeyed) { // A file may hold another one by now
        self->rekeyed = true;
        return s3_credentials_refused (self->s3->credentials, self->access_key);
    }
    uint32_t most = exchange->attempts ? exchange->attempts : S3_ATTEMPTS;
    return worth && self->attempt < most;
}

// Full jitter: anything from nothing to twice as long as the last time.
static uint32_t pause_of (flight_t *self)
{
    int64_t most_us = backoff_next_us (&self->backoff);
    return (uint32_t) (randombytes_uniform ((uint32_t) most_us) / 1000) + 1;
}

static void land (flight_t *self, turn_t *turn, bool leaving)
{
    s3_exchange_t *exchange = self->exchange;
    bring_in (self, turn);
    bool worth = s3_judge (self->s3, turn, exchange);
    count (self);
    if (exchange->fault != OK && !leaving && may_try_again (self, worth)) {
        self->pause_ms = pause_of (self);
        if (clock_monotonic_us () + MILLISECONDS (self->pause_ms) < self->until_us) {
            self->state = FLIGHT_DUE;
            self->attempt++;
            metric_add (metrics_counter ("opencicd_blob_retries_total", NULL, NULL,
                                         "Requests that the blob store was asked again"),
                        1);
            return;
        }
    }
    self->state = FLIGHT_OVER;
    remember (self->s3, exchange);
}

// ---- all of a call

// Under the lock.
static void wait_for_change (s3_t *self)
{
    const struct timespec until = {.tv_sec = self->leave_us / 1000000,
                                   .tv_nsec = self->leave_us % 1000000 * 1000};
    if (!self->leaving || self->cut)
        pthread_cond_wait (&self->changed, &self->lock);
    else if (pthread_cond_timedwait (&self->changed, &self->lock, &until) != 0) {
        self->cut = true;
        pthread_mutex_unlock (&self->lock);
        http_client_stop (self->client); // What is under way lands in this thread
        pthread_mutex_lock (&self->lock);
    }
}

// Under the lock: the next that may be begun, or that has landed; waits for it. NULL: all are over.
static flight_t *next (s3_t *self, flight_t *flights, size_t count)
{
    for (;;) {
        size_t up = 0, over = 0;
        flight_t *due = NULL;
        for (size_t i = 0; i < count; i++) {
            if (flights[i].state == FLIGHT_LANDED)
                return &flights[i];
            up += flights[i].state == FLIGHT_UP;
            over += flights[i].state == FLIGHT_OVER;
            if (flights[i].state == FLIGHT_DUE && !due)
                due = &flights[i];
        }
        if (over == count)
            return NULL;
        if (due && up < S3_PARALLEL && self->slots > 0) {
            self->slots--;
            return due;
        }
        wait_for_change (self);
    }
}

fault_t s3_exchange (s3_t *self, turn_t *turn, s3_exchange_t *list, size_t count)
{
    flight_t *flights = arena_array (turn->arena, count + 1, sizeof *flights);
    int64_t now_us = clock_monotonic_us ();
    for (size_t i = 0; i < count; i++) {
        assert (!list[i].headers[S3_HEADERS - 1]);
        flights[i] = (flight_t){
            .s3 = self,
            .exchange = &list[i],
            .attempt = 1,
            .until_us = now_us + MILLISECONDS (list[i].total_ms ? list[i].total_ms : self->total_ms),
            .backoff = {.least_us = PAUSE_LEAST, .most_us = PAUSE_MOST}};
    }
    for (;;) {
        pthread_mutex_lock (&self->lock);
        flight_t *flight = next (self, flights, count);
        bool leaving = self->leaving;
        pthread_mutex_unlock (&self->lock);
        if (!flight)
            break;
        if (flight->state == FLIGHT_LANDED)
            land (flight, turn, leaving);
        else
            take_off (flight, turn);
    }
    for (size_t i = 0; i < count; i++)
        if (list[i].fault) {
            turn->detail = list[i].detail;
            return list[i].fault;
        }
    return OK;
}
