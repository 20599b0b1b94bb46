/* report.c - a loop: look what is new, send what is due, wait. Everything is decided from the acknowledged offset and three times.
 *
 * What is left of the log when the job has ended goes with the last word, so that a small job costs one request. What is long or no
 * text is sent as any other piece. */

#include "agent/report.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/utf8.h"

#include <stdlib.h>
#include <string.h>

#define GATHER_US      MILLISECONDS (25)  // From the first byte or change to its request
#define STATUS_US      MILLISECONDS (250) // Between changes that are told
#define PIECE          MAX_CHUNK
#define SMALL_PIECE    (64 << 10) // Memory for one like this is kept
#define RETRY_LEAST    MILLISECONDS (50)
#define RETRY_MOST     SECONDS (5)
#define BAD_RANGES_MAX 10

typedef struct {
    server_t *server;
    work_t *work;
    const report_listener_t *listener;
    const char *token;
    arena_t *arena; // Of one request
    turn_t turn;
    char *bytes;
    size_t bytes_size;
    work_view_t view;
    int64_t acknowledged;
    uint64_t told;           // The version that was told
    int64_t unsent_since_us; // NEVER: nothing is unsent
    int64_t began_at_us, told_at_us, retry_at_us, retry_us;
    int64_t failing_since_us; // NEVER: the server answers
    unsigned bad_ranges;      // How often the last word did not fit the log that the server has
    int64_t beat_us;
    order_t order;
    bool dropped, bare;
    bool apart; // What is left of the log does not go with the last word
} report_t;

static void heard (report_t *self)
{
    self->failing_since_us = NEVER;
    self->retry_at_us = 0;
    self->retry_us = RETRY_LEAST;
}

static void try_later (report_t *self)
{
    int64_t now = clock_monotonic_us ();
    if (self->failing_since_us == NEVER)
        self->failing_since_us = now;
    self->retry_at_us = now + self->retry_us;
    self->retry_us = self->retry_us * 2 < RETRY_MOST ? self->retry_us * 2 : RETRY_MOST;
}

static void drop (report_t *self)
{
    log_warn ("the server wants to hear no more of this job", "job", work_offer (self->work)->job, "why",
              self->turn.detail, NULL);
    self->dropped = true;
    cancel_ask (work_cancel (self->work), true);
}

// Is there no sense in saying it again? Faults that pass are tried again later.
static bool is_final (fault_t fault)
{
    return fault == CONFLICT || fault == UNAUTHORIZED || fault == FORBIDDEN || fault == NOT_FOUND ||
           fault == GONE;
}

static void take_fault (report_t *self, fault_t fault)
{
    if (is_final (fault))
        drop (self);
    else
        try_later (self);
}

static void fresh_turn (report_t *self)
{
    arena_reset (self->arena);
    turn_init (&self->turn, self->arena, "", clock_now_us (clock_system ()));
}

static void make_room (report_t *self, int64_t wanted)
{
    size_t size = wanted > SMALL_PIECE ? PIECE : SMALL_PIECE;
    if (size <= self->bytes_size)
        return;
    free (self->bytes);
    self->bytes = malloc (size);
    if (!self->bytes)
        abort ();
    self->bytes_size = size;
}

static void send_log (report_t *self)
{
    size_t size;
    uint32_t step;
    int64_t next = self->acknowledged;
    fresh_turn (self);
    make_room (self, self->view.log_size - self->acknowledged);
    fault_t fault =
        spool_read (work_spool (self->work), self->acknowledged, self->bytes, self->bytes_size, &size, &step);
    if (!fault)
        fault = server_log (self->server, &self->turn, self->token, work_offer (self->work)->job,
                            self->acknowledged, step, self->bytes, size, &next);
    if (fault && fault != BAD_RANGE) {
        take_fault (self, fault);
        return;
    }
    int64_t written = spool_size (work_spool (self->work)); // More than when we looked, perhaps
    if (next == self->acknowledged || next > written) {
        try_later (self); // The server stands still, or knows more than we ever wrote
        return;
    }
    heard (self);
    self->acknowledged = next;
    self->view.log_size = written;
    self->unsent_since_us = next < self->view.log_size ? 0 : NEVER;
}

static void take_orders (report_t *self, const job_orders_t *orders)
{
    heard (self);
    if (orders->order <= self->order || self->view.ended)
        return;
    self->order = orders->order;
    cancel_ask (work_cancel (self->work), orders->order == order_kill);
}

static void tell (report_t *self)
{
    job_status_t status;
    job_orders_t orders = {.order = order_go_on};
    fresh_turn (self);
    self->told = self->view.version;
    self->told_at_us = clock_monotonic_us ();
    fault_t fault = work_status (self->work, self->arena, &status);
    if (status.state == job_finished) // It ended since we looked: that is for the last word
        return;
    if (!fault)
        fault = server_status (self->server, &self->turn, self->token, &status, &orders);
    if (!fault)
        take_orders (self, &orders);
    else
        take_fault (self, fault);
}

// A report that the server cannot read must not keep a job from ending: it is said again without what may be wrong in it.
static void strip (job_status_t *status)
{
    status->steps.count = 0;
    status->outputs = "";
    status->result = result_failure;
    status->reason = "the server did not accept the report of this job";
}

static bool is_short (const report_t *self)
{
    return self->view.log_size - self->acknowledged <= MAX_REST && !self->apart && !self->bare;
}

// What is left of the log, a step a piece. False where it cannot be told so.
static bool take_rest (report_t *self, log_rest_items_t *rest)
{
    int64_t at = self->acknowledged;
    make_room (self, MAX_REST);
    *rest = (log_rest_items_t){.items = arena_array (self->arena, MAX_RESTS, sizeof (log_rest_t))};
    while (at < self->view.log_size) {
        size_t size;
        uint32_t step;
        bool good = rest->count < MAX_RESTS &&
                    spool_read (work_spool (self->work), at, self->bytes, MAX_REST, &size, &step) == OK &&
                    utf8_valid (self->bytes, size) && !memchr (self->bytes, 0, size);
        if (!good)
            return false;
        rest->items[rest->count++] = (log_rest_t){step, arena_strndup (self->arena, self->bytes, size)};
        at += (int64_t) size;
    }
    return true;
}

// True when nothing is left to do.
static bool last_word (report_t *self)
{
    job_status_t status;
    job_orders_t orders;
    log_rest_items_t rest;
    fresh_turn (self);
    if (!take_rest (self, &rest)) {
        self->apart = true;
        return false;
    }
    fault_t fault = work_status (self->work, self->arena, &status);
    status.log = rest;
    status.log_offset = self->acknowledged;
    if (self->bare)
        strip (&status);
    self->listener->last_word (self->listener->self);
    if (!fault)
        fault = server_status (self->server, &self->turn, self->token, &status, &orders);
    if (!fault)
        return true;
    bool refused = fault == INVALID || fault == BAD_INPUT || fault == TOO_LARGE;
    if ((refused || fault == BAD_RANGE) && rest.count > 0) { // Perhaps by an older server
        self->apart = true;
        return false;
    }
    if (refused) {
        log_error ("the server refuses the report", "job", status.job, "why", self->turn.detail, NULL);
        if (self->bare)
            return true;
        self->bare = true;
        return false;
    }
    if (fault == BAD_RANGE) { // The server says how much it has when we begin again
        self->acknowledged = 0;
        if (++self->bad_ranges > BAD_RANGES_MAX)
            fault = CONFLICT;
    }
    take_fault (self, fault);
    return self->dropped;
}

static bool enough_unsent (const report_t *self)
{
    return self->view.log_size - self->acknowledged >= SMALL_PIECE;
}

// When something is due next, if nothing happens until then.
static int64_t next_at (const report_t *self)
{
    int64_t at = self->told_at_us + self->beat_us;
    if (self->unsent_since_us != NEVER && self->unsent_since_us + GATHER_US < at)
        at = self->unsent_since_us + GATHER_US;
    if (self->view.version != self->told && self->told_at_us + STATUS_US < at)
        at = self->told_at_us + STATUS_US;
    return at;
}

// What should end the wait early. In its first moments a job is let alone: it may have ended by then.
static work_view_t wanted (const report_t *self, bool early)
{
    work_view_t wish = {.log_size = self->acknowledged + SMALL_PIECE, .version = UINT64_MAX};
    if (!early && self->unsent_since_us == NEVER)
        wish.log_size = self->acknowledged + 1;
    if (!early && self->view.version == self->told)
        wish.version = self->told + 1;
    if (self->retry_at_us)
        wish = (work_view_t){.log_size = INT64_MAX, .version = UINT64_MAX};
    wish.ended = !self->view.ended;
    return wish;
}

static void look (report_t *self)
{
    int64_t now = clock_monotonic_us ();
    bool early = now < self->began_at_us + GATHER_US;
    bool due = enough_unsent (self) || self->view.ended;
    int64_t until = due ? now : early ? self->began_at_us + GATHER_US : next_at (self);
    if (until < self->retry_at_us)
        until = self->retry_at_us;
    if (until > now) {
        const work_view_t wish = wanted (self, early);
        self->view = work_wait (self->work, &wish, until);
    }
    if (self->view.log_size > self->acknowledged && self->unsent_since_us == NEVER)
        self->unsent_since_us = early ? self->began_at_us : clock_monotonic_us ();
}

// Sends one thing that is due. True when nothing is left to do.
static bool act (report_t *self)
{
    int64_t now = clock_monotonic_us ();
    if (now < self->retry_at_us)
        return false;
    bool unsent = self->view.log_size > self->acknowledged;
    if (self->view.ended && (!unsent || is_short (self)))
        return last_word (self);
    if (unsent && (self->view.ended || enough_unsent (self) || now >= self->unsent_since_us + GATHER_US)) {
        send_log (self);
        return false;
    }
    bool news = self->view.version != self->told && now >= self->told_at_us + STATUS_US;
    if (news || now >= self->told_at_us + self->beat_us)
        tell (self);
    return false;
}

fault_t report (server_t *server, work_t *work, const atomic_uint *lost_seconds,
                const report_listener_t *listener)
{
    const job_offer_t *offer = work_offer (work);
    int64_t now = clock_monotonic_us (), lease = offer->lease_seconds ? offer->lease_seconds : 30;
    report_t self = {.server = server,
                     .work = work,
                     .listener = listener,
                     .token = offer->token,
                     .arena = arena_new (),
                     .unsent_since_us = NEVER,
                     .told_at_us = now + GATHER_US - STATUS_US,
                     .began_at_us = now,
                     .failing_since_us = NEVER,
                     .retry_us = RETRY_LEAST,
                     .beat_us = SECONDS (lease) / 3};
    fault_t fault = OK;
    bool done = false;
    while (!done && !self.dropped && !fault) {
        look (&self);
        done = act (&self);
        if (self.failing_since_us != NEVER &&
            clock_monotonic_us () - self.failing_since_us > SECONDS (atomic_load (lost_seconds)))
            fault = UNAVAILABLE;
    }
    if (fault)
        cancel_ask (work_cancel (work), true);
    work_wait_end (work);
    free (self.bytes);
    arena_destroy (&self.arena);
    return fault;
}
