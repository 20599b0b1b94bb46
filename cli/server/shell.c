/* shell.c - see shell.h. One loop over three things: standard input, a request that waits for what is printed, one that sends what was typed. */

#include "cli/server/shell.h"

#include "cli/terminal/raw.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "proto/fields_hold.h"
#include "proto/problem.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define WAIT     20 // Seconds that a request waits for something to be printed
#define WAIT_MS  ((WAIT + 15) * 1000)
#define AGAIN_US SECONDS (1)
#define END_KEY  '\x04' // Ctrl-D

typedef struct talk talk_t;
typedef struct {
    talk_t *of;
    void (*answered) (talk_t *self, const http_answer_t *answer);
    bool open;
    int64_t again_us; // Not before; monotonic
} talk_request_t;

struct talk {
    client_t *client;
    turn_t *turn;
    arena_t *arena; // Of one turn of the loop
    http_client_t *http;
    const char *path; // "/jobs/J/shell/S"
    bool raw, over;
    fault_t fault;
    int64_t heard_us; // When the server answered last; monotonic
    talk_request_t read, write;
    int64_t shown; // Bytes
    char keys[MAX_SHELL_PIECE];
    size_t key_count, in_flight;
    int64_t typed; // Bytes that the server has
    bool at_end;   // Of standard input
    bool ask_line; // A line begins: `~` may follow
    bool tilde;    // It did
    bool leaves;   // And then `.`
    bool resized;
    int events, signals; // epoll; a signalfd
    bool always;         // Standard input is a file: it cannot be waited for
    shell_end_t *out;
};

// ---- requests ----

static void done (void *request_of_, const http_answer_t *answer)
{
    talk_request_t *request_of = request_of_;
    talk_t *self = request_of->of;
    request_of->open = false;
    fault_t fault = answer->fault;
    if (!fault)
        fault =
            client_judge (self->turn, client_url (self->client), answer->status, answer->body, answer->size);
    if (fault && fault_is_transient (fault)) {
        request_of->again_us = clock_monotonic_us () + AGAIN_US;
        return;
    }
    self->heard_us = clock_monotonic_us ();
    request_of->again_us = 0;
    if (fault) {
        self->fault = fault;
        self->over = true;
    } else
        request_of->answered (self, answer);
}

static void send_request (talk_t *self, talk_request_t *request_of, const char *method, const char *query,
                          const void *body, size_t size)
{
    const char *headers[CLIENT_HEADERS];
    const char *type = body ? "Content-Type: application/octet-stream" : NULL;
    http_request_t request =
        client_request (self->client, self->arena, arena_printf (self->arena, "%s?%s", self->path, query),
                        type, NULL, headers);
    request.method = method;
    request.body = body;
    request.size = size;
    request.total_ms = WAIT_MS;
    request_of->open = http_client_begin (self->http, &request, done, request_of, NULL) == OK;
    if (!request_of->open)
        request_of->again_us = clock_monotonic_us () + AGAIN_US;
}

static bool may_send (const talk_request_t *request_of)
{
    return !request_of->open && clock_monotonic_us () >= request_of->again_us;
}

// ---- what it prints ----

static void take_screen (talk_t *self, const http_answer_t *answer)
{
    const char *next = http_answer_header (answer, self->arena, "Shell-Next"),
               *ended = http_answer_header (answer, self->arena, "Shell-Ended"),
               *reason = http_answer_header (answer, self->arena, "Shell-Reason");
    if (!next || !bytes_write (STDOUT_FILENO, answer->body, answer->size)) {
        self->fault = turn_fail (
            self->turn, BROKEN, next ? "standard output: %s" : "this server has no shells", strerror (errno));
        self->over = true;
        return;
    }
    self->shown = strtoll (next, NULL, 10);
    if (!ended)
        return;
    *self->out = (shell_end_t){.status = (uint32_t) strtoul (ended, NULL, 10),
                               .reason = arena_strdup (self->turn->arena, reason ? reason : "")};
    self->over = true;
}

static void read_screen (talk_t *self)
{
    if (may_send (&self->read))
        send_request (self, &self->read, "GET",
                      arena_printf (self->arena, "at=%lld&wait=%d", (long long) self->shown, WAIT), NULL, 0);
}

// ---- what is typed ----

// As ssh has it: at the beginning of a line `~.` leaves, and `~~` is a tilde.
static void add_key (talk_t *self, char key)
{
    if (self->raw && self->tilde) {
        self->tilde = false;
        self->leaves |= key == '.';
        if (key == '.')
            return;
        if (key != '~')
            self->keys[self->key_count++] = '~';
    } else if (self->raw && self->ask_line && key == '~') {
        self->tilde = true;
        return;
    }
    self->ask_line = key == '\r' || key == '\n';
    self->keys[self->key_count++] = key;
}

static void read_keys (talk_t *self)
{
    char keys[1024];
    size_t room = (sizeof self->keys - self->key_count) / 2; // A key may become two
    if (self->at_end || room == 0)
        return;
    ssize_t got = read (STDIN_FILENO, keys, room < sizeof keys ? room : sizeof keys);
    if (got < 0)
        return;
    for (ssize_t i = 0; i < got; i++)
        add_key (self, keys[i]);
    if (got > 0)
        return;
    self->at_end = true;
    (void) epoll_ctl (self->events, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
    self->keys[self->key_count++] = END_KEY;
}

static void take_receipt (talk_t *self, const http_answer_t *answer)
{
    (void) answer;
    self->typed += (int64_t) self->in_flight;
    self->key_count -= self->in_flight;
    memmove (self->keys, self->keys + self->in_flight, self->key_count);
    self->in_flight = 0;
    if (self->leaves) {
        self->out->reason = "you left it";
        self->over = true;
    }
}

static void write_keys (talk_t *self)
{
    uint32_t columns, rows;
    bool some = self->key_count > 0 || self->resized || self->leaves;
    if (!some || !may_send (&self->write))
        return;
    const char *window =
        raw_size (&columns, &rows) ? arena_printf (self->arena, "&columns=%u&rows=%u", columns, rows) : "";
    self->resized = false;
    self->in_flight = self->key_count;
    send_request (self, &self->write, "POST",
                  arena_printf (self->arena, "at=%lld%s%s", (long long) self->typed, window,
                                self->leaves ? "&ended=true" : ""),
                  self->keys, self->in_flight);
}

// ---- the loop ----

static void look (talk_t *self)
{
    struct epoll_event found[2];
    struct signalfd_siginfo signal;
    bool readable;
    int64_t until_us = self->heard_us + MILLISECONDS (SHELL_LOST_MS);
    const talk_request_t *requests[] = {&self->read, &self->write};
    for (size_t i = 0; i < 2; i++)
        if (!requests[i]->open && requests[i]->again_us && requests[i]->again_us < until_us)
            until_us = requests[i]->again_us;
    if (self->always && !self->at_end && self->key_count == 0)
        until_us = 0;
    fault_t fault = http_client_drive (self->http, self->turn, self->events, until_us, &readable);
    int count = epoll_wait (self->events, found, 2, 0);
    for (int i = 0; i < count; i++) {
        if (found[i].data.fd == STDIN_FILENO)
            read_keys (self);
        else
            self->resized = read (self->signals, &signal, sizeof signal) > 0;
    }
    if (self->always && self->key_count == 0)
        read_keys (self);
    if (!fault && clock_monotonic_us () > self->heard_us + MILLISECONDS (SHELL_LOST_MS + WAIT_MS))
        fault = turn_fail (self->turn, UNAVAILABLE, "the server does not answer");
    self->over |= fault != OK;
    self->fault = self->fault ? self->fault : fault;
}

static void watch (talk_t *self)
{
    sigset_t window;
    struct epoll_event event = {.events = EPOLLIN};
    sigemptyset (&window);
    sigaddset (&window, SIGWINCH);
    sigprocmask (SIG_BLOCK, &window, NULL);
    self->signals = signalfd (-1, &window, SFD_CLOEXEC | SFD_NONBLOCK);
    self->events = epoll_create1 (EPOLL_CLOEXEC);
    event.data.fd = self->signals;
    (void) epoll_ctl (self->events, EPOLL_CTL_ADD, self->signals, &event);
    event.data.fd = STDIN_FILENO;
    self->always = epoll_ctl (self->events, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0;
}

fault_t shell_talk (client_t *client, turn_t *turn, const char *job, const char *shell, bool raw,
                    shell_end_t *out)
{
    const http_client_options_t options = {.transfers = 2, .kept = 2};
    talk_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    *out = (shell_end_t){.reason = ""};
    *self = (talk_t){.client = client,
                     .turn = turn,
                     .arena = arena_new (),
                     .http = http_client_new (&options),
                     .path = arena_printf (turn->arena, "/jobs/%s/shell/%s", job, shell),
                     .raw = raw,
                     .ask_line = true,
                     .heard_us = clock_monotonic_us (),
                     .out = out};
    self->read = (talk_request_t){.of = self, .answered = take_screen};
    self->write = (talk_request_t){.of = self, .answered = take_receipt};
    watch (self);
    while (!self->over) {
        arena_reset (self->arena);
        read_screen (self);
        write_keys (self);
        look (self);
    }
    fault_t fault = self->fault;
    http_client_destroy (&self->http);
    close (self->events);
    close (self->signals);
    arena_destroy (&self->arena);
    free (self);
    return fault;
}
