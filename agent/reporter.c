/* reporter.c - a loop: look what is new, send what is due, wait. Everything is decided from the acknowledged offset and three times.
 *
 * That a step has ended is reported once the server has its log: an agent that is killed in between leaves no step that is shown as
 * successful and whose last lines are missing.
 *
 * What is left of the log when the job has ended goes with the final status, so that a small job costs one request. What is long or no
 * text is sent as any other piece. */

#include "agent/reporter.h"

#include "agent/engine/process/counters.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define STATUS_US   MILLISECONDS (250) // Between changes that are reported
#define PIECE       MAX_CHUNK
#define RETRY_FIRST MILLISECONDS (50) // After a failure; doubled up to RETRY_MOST
#define RETRY_MOST  SECONDS (5)
#define BAD_RANGES_MAX \
    10 // Past it the two sides will never agree on an offset: the attempt is given up as fenced

// What the final status goes without, because it was refused with it.
typedef struct {
    bool own_token; // It is sent with the job's token alone
    bool log;       // The rest of the log is sent before it
    bool details;   // Steps, outputs and the reason stay here
} omitted_t;

typedef struct {
    server_t *server;
    job_attempt_t *attempt;
    const reporter_listener_t *listener;
    const char *token;
    arena_t *arena; // Of one request
    turn_t turn;
    char *bytes;
    size_t bytes_size;
    attempt_view_t view;
    int64_t acknowledged;
    int64_t stored;          // The most that was: a collector may go back
    uint64_t reported;       // The version that was reported
    int64_t unsent_since_us; // NEVER: nothing is unsent
    int64_t began_at_us, reported_at_us, retry_at_us;
    backoff_t backoff;
    int64_t failing_since_us; // NEVER: the server answers
    unsigned bad_ranges;      // How often the final status did not fit the log that the server has
    int64_t heartbeat_us;
    order_t order;
    bool abandoned;
    omitted_t omitted;
} reporter_t;

static void answered (reporter_t *self)
{
    self->failing_since_us = NEVER;
    self->retry_at_us = 0;
    backoff_reset (&self->backoff);
}

static void try_later (reporter_t *self)
{
    int64_t now = clock_monotonic_us ();
    if (self->failing_since_us == NEVER)
        self->failing_since_us = now;
    self->retry_at_us = now + backoff_next_us (&self->backoff);
}

static void abandon (reporter_t *self)
{
    log_warn ("the server no longer expects this job from us", "job", attempt_offer (self->attempt)->job,
              "why", self->turn.detail, NULL);
    self->abandoned = true;
    self->listener->kill (self->listener->self);
}

// Is there no sense in saying it again? Faults that pass are tried again later.
static bool is_permanent (fault_t fault)
{
    return fault == CONFLICT || fault == UNAUTHORIZED || fault == FORBIDDEN || fault == NOT_FOUND ||
           fault == GONE;
}

static void take_fault (reporter_t *self, fault_t fault)
{
    if (is_permanent (fault))
        abandon (self);
    else
        try_later (self);
}

static void fresh_turn (reporter_t *self)
{
    arena_reset (self->arena);
    turn_init (&self->turn, self->arena, "", clock_now_us (clock_system ()));
}

static void make_room (reporter_t *self, int64_t size_needed)
{
    size_t size = size_needed > REPORTER_PIECE ? PIECE : REPORTER_PIECE;
    if (size <= self->bytes_size)
        return;
    free (self->bytes);
    self->bytes = malloc (size);
    if (!self->bytes)
        abort ();
    self->bytes_size = size;
}

static void send_log (reporter_t *self)
{
    size_t size;
    spool_place_t place;
    int64_t next = self->acknowledged;
    count_set (COUNT_SPOOL_UNSENT, self->view.log_size - self->acknowledged);
    fresh_turn (self);
    make_room (self, self->view.log_size - self->acknowledged);
    fault_t fault = spool_read (attempt_spool (self->attempt), self->acknowledged, self->bytes,
                                self->bytes_size, &size, &place);
    if (!fault)
        fault = server_log (self->server, &self->turn, self->token, attempt_offer (self->attempt)->job,
                            self->acknowledged, place.step, place.at_us, self->bytes, size, &next);
    if (fault && fault != BAD_RANGE) {
        take_fault (self, fault);
        return;
    }
    int64_t written = spool_size (attempt_spool (self->attempt)); // More than when we looked, perhaps
    if (next == self->acknowledged || next > written) {
        try_later (self); // The server makes no progress, or has more than we ever wrote
        return;
    }
    answered (self);
    self->acknowledged = next;
    self->stored = next > self->stored ? next : self->stored;
    count_set (COUNT_SPOOL_UNSENT, self->view.log_size - next);
    self->view.log_size = written;
    self->unsent_since_us = next < self->view.log_size ? 0 : NEVER;
}

static void take_orders (reporter_t *self, const job_orders_t *orders)
{
    answered (self);
    if (orders->order <= self->order || self->view.ended)
        return;
    self->order = orders->order;
    if (orders->order == order_kill)
        self->listener->kill (self->listener->self);
    else
        cancel_ask (attempt_cancel (self->attempt), false);
}

// A step has ended, and the server lacks some of what it printed.
static bool is_step_ahead (const reporter_t *self)
{
    return self->view.steps_end > self->stored;
}

static void send_progress (reporter_t *self)
{
    job_status_t status;
    job_orders_t orders = {.order = order_go_on};
    fresh_turn (self);
    if (!is_step_ahead (self)) // Else what is held back is still to be reported
        self->reported = self->view.version;
    self->reported_at_us = clock_monotonic_us ();
    fault_t fault = attempt_status (self->attempt, self->arena, self->stored, &status);
    if (status.state == job_finished) // It ended since we looked: that is for the final status
        return;
    int64_t sent_us = clock_boottime_us ();
    if (!fault)
        fault = server_status (self->server, &self->turn, self->token, &status, &orders);
    if (!fault)
        self->listener->answer (self->listener->self, sent_us, orders.lease_seconds);
    if (!fault)
        take_orders (self, &orders);
    else
        take_fault (self, fault);
}

// A report that the server cannot read must not keep a job from ending: it is sent again without what may be wrong in it.
static void strip (job_status_t *status)
{
    status->steps.count = status->annotations.count = 0;
    status->outputs = "";
    status->result = result_failure;
    status->reason = "the server did not accept the report of this job";
}

static bool is_short (const reporter_t *self)
{
    return self->view.log_size - self->acknowledged <= MAX_TRAILER && !self->omitted.log &&
           !self->omitted.details;
}

// What is left of the log, a step a piece. False where it cannot be reported so.
static bool take_rest (reporter_t *self, log_trailer_items_t *rest)
{
    int64_t at = self->acknowledged;
    make_room (self, MAX_TRAILER);
    *rest = (log_trailer_items_t){.items = arena_array (self->arena, MAX_TRAILERS, sizeof (log_trailer_t))};
    while (at < self->view.log_size) {
        size_t size;
        spool_place_t place;
        bool good =
            rest->count < MAX_TRAILERS &&
            spool_read (attempt_spool (self->attempt), at, self->bytes, MAX_TRAILER, &size, &place) == OK &&
            utf8_valid (self->bytes, size) && !memchr (self->bytes, 0, size);
        if (!good)
            return false;
        rest->items[rest->count++] =
            (log_trailer_t){place.step, arena_strndup (self->arena, self->bytes, size), place.at_us};
        at += (int64_t) size;
    }
    return true;
}

// Where it is not taken the next heartbeat says so.
static void take_next (reporter_t *self, const job_orders_t *orders)
{
    if (orders->next.count == 0 || !*orders->next.items[0].job)
        return;
    const job_offer_t *offer = &orders->next.items[0];
    fault_t fault = self->listener->offer (self->listener->self, &self->arena, offer);
    if (fault)
        log_warn ("the next job was not taken", "job", offer->job, "why", fault_text (fault), NULL);
}

// Says how the job ended. *own: with the agent's own token, which asks for its next job.
static fault_t send_final_status (reporter_t *self, job_status_t *status, job_orders_t *orders, bool *own)
{
    const char *token = NULL;
    if (!self->omitted.own_token && attempt_offer (self->attempt)->chained)
        token = self->listener->token (self->listener->self, self->arena);
    *own = status->next = token != NULL;
    return server_status (self->server, &self->turn, token ? token : self->token, status, orders);
}

static bool is_refused (fault_t fault)
{
    return fault == INVALID || fault == BAD_INPUT || fault == TOO_LARGE;
}

// What to send instead next time. True when nothing is left to do.
static bool take_refusal (reporter_t *self, fault_t fault, const char *job, bool own, bool with_rest)
{
    if (own && (fault == UNAUTHORIZED || fault == FORBIDDEN || is_refused (fault))) {
        self->omitted.own_token = true; // Its own token may be revoked: the job's is not
        return false;
    }
    if (with_rest && (is_refused (fault) || fault == BAD_RANGE)) { // Perhaps by an older server
        self->omitted.log = true;
        return false;
    }
    if (is_refused (fault)) {
        log_error ("the server refuses the report", "job", job, "why", self->turn.detail, NULL);
        bool done = self->omitted.details;
        self->omitted.details = true;
        return done;
    }
    if (fault == BAD_RANGE) { // The server says how much it has when we begin again
        self->acknowledged = 0;
        if (++self->bad_ranges > BAD_RANGES_MAX)
            fault = CONFLICT;
    }
    take_fault (self, fault);
    return self->abandoned;
}

// True when nothing is left to do.
static bool final_status (reporter_t *self)
{
    job_status_t status;
    job_orders_t orders = {.order = order_go_on}; // As it stays where the answer is empty
    log_trailer_items_t rest;
    bool own = false;
    fresh_turn (self);
    if (!take_rest (self, &rest)) {
        self->omitted.log = true;
        return false;
    }
    fault_t fault = attempt_status (self->attempt, self->arena, self->view.log_size, &status);
    status.log = rest;
    status.log_offset = self->acknowledged;
    if (self->omitted.details)
        strip (&status);
    self->listener->final_status (self->listener->self);
    if (!fault)
        fault = send_final_status (self, &status, &orders, &own);
    if (fault)
        return take_refusal (self, fault, status.job, own, rest.count > 0);
    take_next (self, &orders);
    return true;
}

static bool enough_unsent (const reporter_t *self)
{
    return self->view.log_size - self->acknowledged >= REPORTER_PIECE;
}

// When something is due next, if nothing happens until then.
static int64_t next_at (const reporter_t *self)
{
    int64_t at = self->reported_at_us + self->heartbeat_us;
    if (self->unsent_since_us != NEVER && self->unsent_since_us + REPORTER_GATHER_US < at)
        at = self->unsent_since_us + REPORTER_GATHER_US;
    if (self->view.version != self->reported && self->reported_at_us + STATUS_US < at)
        at = self->reported_at_us + STATUS_US;
    return at;
}

// What should end the wait early. In its first moments a job is let alone: it may have ended by then.
static attempt_view_t next_change (const reporter_t *self, bool early)
{
    attempt_view_t wait_for = {.log_size = self->acknowledged + REPORTER_PIECE, .version = UINT64_MAX};
    if (!early && self->unsent_since_us == NEVER)
        wait_for.log_size = self->acknowledged + 1;
    if (!early && self->view.version == self->reported)
        wait_for.version = self->reported + 1;
    if (self->retry_at_us)
        wait_for = (attempt_view_t){.log_size = INT64_MAX, .version = UINT64_MAX};
    wait_for.ended = !self->view.ended;
    return wait_for;
}

static void look (reporter_t *self)
{
    int64_t now = clock_monotonic_us ();
    bool early = now < self->began_at_us + REPORTER_GATHER_US;
    bool due = enough_unsent (self) || self->view.ended;
    int64_t until = due ? now : early ? self->began_at_us + REPORTER_GATHER_US : next_at (self);
    if (until < self->retry_at_us)
        until = self->retry_at_us;
    if (until > now) {
        const attempt_view_t wait_for = next_change (self, early);
        self->view = attempt_wait (self->attempt, &wait_for, until);
    }
    if (self->view.log_size > self->acknowledged && self->unsent_since_us == NEVER)
        self->unsent_since_us = early ? self->began_at_us : clock_monotonic_us ();
}

static bool is_log_due (const reporter_t *self, int64_t now, bool changed)
{
    return self->view.ended || enough_unsent (self) || now >= self->unsent_since_us + REPORTER_GATHER_US ||
           (changed && is_step_ahead (self));
}

// Sends one thing that is due. True when nothing is left to do.
static bool act (reporter_t *self)
{
    int64_t now = clock_monotonic_us ();
    if (now < self->retry_at_us)
        return false;
    bool unsent = self->view.log_size > self->acknowledged;
    if (self->view.ended && (!unsent || is_short (self)))
        return final_status (self);
    // The report that holds the lease goes first: a job may print faster than its log is sent, as long as it runs.
    bool due = !self->view.ended && now >= self->reported_at_us + self->heartbeat_us;
    bool changed = self->view.version != self->reported && now >= self->reported_at_us + STATUS_US;
    if (!due && unsent && is_log_due (self, now, changed)) {
        send_log (self);
        return false;
    }
    if (due || changed)
        send_progress (self);
    return false;
}

fault_t reporter_run (server_t *server, job_attempt_t *attempt, int64_t began_us,
                      const atomic_uint *lost_seconds, const reporter_listener_t *listener)
{
    const job_offer_t *offer = attempt_offer (attempt);
    int64_t lease = offer->lease_seconds ? offer->lease_seconds : LEASE_SECONDS;
    reporter_t self = {.server = server,
                       .attempt = attempt,
                       .listener = listener,
                       .token = offer->token,
                       .arena = arena_new (),
                       .unsent_since_us = NEVER,
                       .reported_at_us = began_us + REPORTER_GATHER_US - STATUS_US,
                       .began_at_us = began_us,
                       .failing_since_us = NEVER,
                       .backoff = {.least_us = RETRY_FIRST, .most_us = RETRY_MOST},
                       .heartbeat_us = SECONDS (lease) / 3};
    fault_t fault = OK;
    bool done = false;
    while (!done && !self.abandoned && !fault) {
        look (&self);
        done = act (&self);
        if (self.failing_since_us != NEVER &&
            clock_monotonic_us () - self.failing_since_us > SECONDS (atomic_load (lost_seconds)))
            fault = UNAVAILABLE;
    }
    if (fault)
        listener->kill (listener->self);
    attempt_wait_end (attempt);
    free (self.bytes);
    arena_destroy (&self.arena);
    return fault;
}
