/* hold.c - see hold.h. Until it is over, the loop has a request at the server that waits for a shell to be opened, or for the end. */

#include "agent/hold.h"

#include "agent/hold_self.h"
#include "common/base/clock.h"
#include "common/base/url.h"
#include "proto/problem.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BEGIN_SECONDS 60 // To learn whether the job is to be held; then it ends
#define LEAVE_US      SECONDS (3)

// ---- requests ----

static fault_t judge (holding_t *self, const http_answer_t *answer)
{
    if (answer->fault)
        return answer->fault;
    if (answer->status >= 200 && answer->status < 300)
        return OK;
    problem_t problem = problem_read (self->now, answer->status, answer->body, answer->size);
    // What comes from something in between is no refusal of the server's
    return problem.ours ? problem.fault : UNAVAILABLE;
}

static void done (void *request_of_, const http_answer_t *answer)
{
    hold_request_t *request_of = request_of_;
    holding_t *self = request_of->of;
    fault_t fault = judge (self, answer);
    request_of->open = false;
    request_of->again_us = fault ? clock_monotonic_us () + HOLD_AGAIN : 0;
    request_of->answered (self, answer, fault);
}

void hold_send (holding_t *self, hold_request_t *request_of, const char *method, const char *path,
                const char *type, const void *body, size_t size)
{
    const char *headers[] = {"Accept: application/json",
                             arena_printf (self->now, "Authorization: Bearer %s", self->offer->token),
                             type ? arena_printf (self->now, "Content-Type: %s", type) : NULL, NULL};
    const http_request_t request = {
        .method = method,
        .url = arena_printf (self->now, "%s/jobs/%s%s", self->url, self->offer->job, path),
        .headers = headers,
        .body = body,
        .size = size,
        .total_ms = (HOLD_WAIT + 15) * 1000};
    request_of->open = http_client_begin (self->http, &request, done, request_of, &request_of->id) == OK;
    if (!request_of->open)
        request_of->again_us = clock_monotonic_us () + HOLD_AGAIN;
}

// ---- the hold ----

static void end (holding_t *self, const char *why)
{
    if (!self->over)
        self->why = why;
    self->over = true;
}

static bool is_final (fault_t fault)
{
    return fault && !fault_is_transient (fault);
}

static void take_hold (holding_t *self, const http_answer_t *answer, fault_t fault)
{
    held_job_t hold = {.job = "", .shell = "", .terminal = ""};
    if (is_final (fault))
        end (self, self->begun ? "The server no longer holds it." : "The server does not hold it.");
    if (fault)
        return;
    if (message_read_newer (MESSAGE (held_job), &self->turn, answer->body, answer->size, &hold) != OK ||
        !hold.until) {
        end (self, "The server does not hold it.");
        return;
    }
    self->until_us = clock_monotonic_us () + SECONDS (hold.seconds_left);
    self->begun = true;
    if (hold.over)
        end (self, "The hold was ended.");
    snprintf (self->wanted, sizeof self->wanted, "%s", hold.shell ? hold.shell : "");
    snprintf (self->terminal, sizeof self->terminal, "%s", hold.terminal ? hold.terminal : "");
    self->columns = hold.columns;
    self->rows = hold.rows;
}

static void ask (holding_t *self)
{
    if (self->ask.open || clock_monotonic_us () < self->ask.again_us)
        return;
    if (self->begun) {
        hold_send (self, &self->ask, "GET",
                   arena_printf (self->now, "/hold?wait=%d&shell=%s", HOLD_WAIT, self->wanted), NULL, NULL,
                   0);
        return;
    }
    const hold_begin_t begin = {.job = self->offer->job, .reason = self->port->reason};
    buffer_t *body = buffer_new (MAX_TEXT * 8);
    message_print (MESSAGE (hold_begin), &begin, body);
    hold_send (self, &self->ask, "POST", "/hold", "application/json", buffer_text (body), buffer_size (body));
    buffer_destroy (&body);
}

static bool is_readable (int events, int fd)
{
    struct epoll_event found[4];
    int count = epoll_wait (events, found, 4, 0);
    for (int i = 0; i < count; i++)
        if (found[i].data.fd == fd)
            return true;
    return false;
}

static int64_t least (int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void look (holding_t *self)
{
    bool readable;
    int64_t until_us = least (self->until_us, shell_due_us (self));
    if (!self->ask.open)
        until_us = least (until_us, self->ask.again_us);
    if (http_client_drive (self->http, &self->turn, self->events, until_us, &readable) != OK)
        end (self, "This agent cannot wait for the server.");
    if (is_readable (self->events, self->port->cancel))
        end (self, "The job is to stop.");
    if (clock_monotonic_us () >= self->until_us)
        end (self,
             self->begun ? "The time of the hold is over." : "The server did not say whether to hold it.");
}

static bool is_another (const holding_t *self)
{
    return *self->wanted && strcmp (self->wanted, self->shell.id) != 0 &&
           strcmp (self->wanted, self->finished) != 0;
}

static void work (holding_t *self)
{
    while (!self->over) {
        arena_reset (self->now);
        ask (self);
        if (is_another (self))
            shell_end (self, "another one was opened");
        if (is_another (self) && !shell_is_open (self) && !self->read.open && !self->write.open)
            shell_begin (self);
        shell_step (self);
        look (self);
    }
}

// The shell's end is reported, if that is possible at once.
static void leave (holding_t *self)
{
    int64_t until_us = clock_monotonic_us () + LEAVE_US;
    shell_end (self, "the hold is over");
    while (shell_is_open (self) && clock_monotonic_us () < until_us) {
        bool readable;
        arena_reset (self->now);
        shell_step (self);
        if (shell_is_open (self) &&
            http_client_drive (self->http, &self->turn, -1, least (until_us, shell_due_us (self)),
                               &readable) != OK)
            return;
    }
}

const char *hold_job (arena_t *arena, const char *url, const job_offer_t *offer, const engine_hold_t *hold)
{
    const http_client_options_t options = {.transfers = 4, .kept = 4};
    holding_t *self = arena_alloc (arena, sizeof *self);
    size_t size = strlen (url);
    *self = (holding_t){.arena = arena,
                        .now = arena_new (),
                        .url = arena_strndup (arena, url, size && url[size - 1] == '/' ? size - 1 : size),
                        .offer = offer,
                        .port = hold,
                        .http = http_client_new (&options),
                        .events = epoll_create1 (EPOLL_CLOEXEC),
                        .until_us = clock_monotonic_us () + SECONDS (BEGIN_SECONDS),
                        .shell = {.master = -1}};
    turn_init (&self->turn, self->now, "hold", 0);
    self->ask = (hold_request_t){.of = self, .answered = take_hold};
    struct epoll_event event = {.events = EPOLLIN, .data.fd = hold->cancel};
    if (self->events < 0 || epoll_ctl (self->events, EPOLL_CTL_ADD, hold->cancel, &event) != 0)
        end (self, "This machine has no file descriptor left.");
    work (self);
    leave (self);
    http_client_destroy (&self->http);
    if (self->events >= 0)
        close (self->events);
    arena_destroy (&self->now);
    return self->why;
}
