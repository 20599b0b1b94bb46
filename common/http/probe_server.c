/* probe_server.c - a thread that accepts, reads a head, answers and closes; see probe_server.h. */

#include "common/http/probe_server.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/metrics.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS_SIZE 320
#define ANSWER_MAX   (PROBE_METRICS_MAX + 4096)
#define JSON         "application/json"

typedef struct {
    int fd;
    int64_t until_us; // Monotonic
    buffer_t *head;   // The request so far
    buffer_t *answer; // The rest of the answer; NULL while the request is read
} guest_t;

struct probe_server {
    probe_ready_fn ready;
    void *context;
    int fd, end; // Listening; eventfd
    pthread_t thread;
    bool started;
    guest_t guests[PROBE_CLIENTS];
    size_t count;
    pthread_mutex_t lock; // Held while readiness is checked, and protects what follows
    bool stopping;
    char address[ADDRESS_SIZE];
};

// ---- answers ----

static void answer (guest_t *guest, int status, const char *text, const char *type, const buffer_t *body)
{
    guest->answer = buffer_new (ANSWER_MAX);
    buffer_printf (guest->answer,
                   "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
                   "%sConnection: close\r\n\r\n",
                   status, text, type, buffer_size (body), status == 405 ? "Allow: GET, HEAD\r\n" : "");
    if (strncmp (buffer_text (guest->head), "HEAD ", 5) != 0)
        buffer_add (guest->answer, buffer_text (body), buffer_size (body));
}

static fault_t ask_ready (probe_server_t *self, turn_t *turn)
{
    pthread_mutex_lock (&self->lock);
    fault_t fault = self->stopping ? turn_fail (turn, UNAVAILABLE, "it is being stopped")
                                   : self->ready (self->context, turn);
    pthread_mutex_unlock (&self->lock);
    return fault;
}

static void answer_ready (probe_server_t *self, guest_t *guest, buffer_t *body)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "probe", 0);
    fault_t fault = ask_ready (self, &turn);
    if (fault == OK)
        buffer_puts (body, PROBE_READY);
    else
        buffer_printf (body, "not ready: %s\n", turn.detail ? turn.detail : fault_text (fault));
    answer (guest, fault == OK ? 200 : 503, fault == OK ? "OK" : "Service Unavailable",
            fault == OK ? JSON : "text/plain; charset=utf-8", body);
    arena_destroy (&arena);
}

static bool begins (const char *text, size_t size, const char *expected)
{
    return size == strlen (expected) && memcmp (text, expected, size) == 0;
}

// The head's first line, "GET /readyz?verbose HTTP/1.1"; the query is ignored.
static void serve (probe_server_t *self, guest_t *guest)
{
    const char *head = buffer_text (guest->head);
    size_t method = strcspn (head, " \r\n");
    const char *path = head + method + (head[method] == ' ');
    size_t size = strcspn (path, "? \r\n");
    buffer_t *body = buffer_new (PROBE_METRICS_MAX);
    if (!begins (head, method, "GET") && !begins (head, method, "HEAD"))
        answer (guest, 405, "Method Not Allowed", JSON, body);
    else if (begins (path, size, "/readyz"))
        answer_ready (self, guest, body);
    else if (begins (path, size, "/healthz")) {
        buffer_puts (body, PROBE_ALIVE);
        answer (guest, 200, "OK", JSON, body);
    } else if (begins (path, size, "/metrics")) {
        metrics_print (body);
        bool full = buffer_full (body); // A part of them would be taken for all
        if (full)
            buffer_clear (body);
        answer (guest, full ? 500 : 200, full ? "Internal Server Error" : "OK", PROBE_METRICS_TYPE, body);
    } else
        answer (guest, 404, "Not Found", JSON, body);
    buffer_destroy (&body);
}

// ---- guests ----

static void welcome (probe_server_t *self)
{
    int fd = accept4 (self->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        self->guests[self->count++] = (guest_t){.fd = fd,
                                                .until_us = clock_monotonic_us () + SECONDS (PROBE_SECONDS),
                                                .head = buffer_new (PROBE_HEAD_MAX)};
}

static void close_guest (probe_server_t *self, size_t at)
{
    guest_t *guest = &self->guests[at];
    close (guest->fd);
    buffer_destroy (&guest->head);
    buffer_destroy (&guest->answer);
    self->guests[at] = self->guests[--self->count];
}

// False when it is to be closed.
static bool receive (probe_server_t *self, guest_t *guest)
{
    char chunk[1024];
    ssize_t got = recv (guest->fd, chunk, sizeof chunk, 0);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    buffer_add (guest->head, chunk, (size_t) got);
    if (strstr (buffer_text (guest->head), "\r\n\r\n"))
        serve (self, guest);
    return !buffer_full (guest->head);
}

static bool send_answer (guest_t *guest)
{
    ssize_t put = send (guest->fd, buffer_text (guest->answer), buffer_size (guest->answer),
                        MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0)
        return errno == EAGAIN || errno == EINTR;
    buffer_cut (guest->answer, (size_t) put);
    return buffer_size (guest->answer) > 0;
}

static void attend (probe_server_t *self, const struct pollfd *polls)
{
    int64_t now = clock_monotonic_us ();
    for (size_t i = self->count; i-- > 0;) {
        guest_t *guest = &self->guests[i];
        bool stays = guest->until_us > now;
        if (stays && polls[i].revents && !guest->answer)
            stays = receive (self, guest);
        if (stays && guest->answer)
            stays = send_answer (guest);
        if (!stays)
            close_guest (self, i);
    }
}

static int wait_ms (const probe_server_t *self)
{
    int64_t due = NEVER, now = clock_monotonic_us ();
    for (size_t i = 0; i < self->count; i++)
        if (self->guests[i].until_us < due)
            due = self->guests[i].until_us;
    if (due == NEVER)
        return -1;
    return due > now ? (int) ((due - now) / 1000 + 1) : 0;
}

static void *run (void *context)
{
    probe_server_t *self = context;
    struct pollfd polls[PROBE_CLIENTS + 2];
    log_name_thread ("probes");
    for (;;) {
        for (size_t i = 0; i < self->count; i++)
            polls[i] = (struct pollfd){.fd = self->guests[i].fd,
                                       .events = self->guests[i].answer ? POLLOUT : POLLIN};
        size_t known = self->count;
        polls[known] = (struct pollfd){.fd = self->end, .events = POLLIN};
        polls[known + 1] = (struct pollfd){.fd = self->fd, .events = POLLIN};
        if (poll (polls, known + 1 + (known < PROBE_CLIENTS), wait_ms (self)) < 0 && errno != EINTR)
            break;
        if (polls[known].revents)
            break;
        bool knocks = known < PROBE_CLIENTS && polls[known + 1].revents;
        attend (self, polls);
        if (knocks)
            welcome (self);
    }
    while (self->count > 0)
        close_guest (self, self->count - 1);
    return NULL;
}

// ---- beginning and end ----

static int bind_first (const struct addrinfo *list)
{
    int fd = -1;
    for (; list && fd < 0; list = list->ai_next) {
        fd = socket (list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
            continue;
        (void) !setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof (int));
        if (bind (fd, list->ai_addr, list->ai_addrlen) == 0 && listen (fd, PROBE_CLIENTS) == 0)
            return fd;
        int error = errno;
        close (fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

static fault_t begin_to_listen (probe_server_t *self, turn_t *turn, const char *where)
{
    const char *colon = strrchr (where, ':');
    if (!colon || colon == where)
        return turn_fail (turn, BAD_INPUT, "probe_listen: %s: must be HOST:PORT", where);
    const char *host = arena_strndup (turn->arena, where, (size_t) (colon - where));
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int error = getaddrinfo (host, colon + 1, &hints, &list);
    if (error != 0)
        return turn_fail (turn, BAD_INPUT, "probe_listen: %s: %s", where, gai_strerror (error));
    self->fd = bind_first (list);
    freeaddrinfo (list);
    if (self->fd < 0)
        return turn_fail (turn, CONFLICT, "cannot listen on %s for probes (probe_listen): %m", where);
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    char port[NI_MAXSERV] = "";
    if (getsockname (self->fd, (struct sockaddr *) &bound, &size) == 0)
        getnameinfo ((struct sockaddr *) &bound, size, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    snprintf (self->address, sizeof self->address, "%s:%s", host, port);
    return OK;
}

fault_t probe_server_new (probe_server_t **out, turn_t *turn, const char *listen, probe_ready_fn ready,
                          void *context)
{
    probe_server_t *self = calloc (1, sizeof (probe_server_t));
    if (!self)
        abort ();
    self->ready = ready;
    self->context = context;
    self->end = eventfd (0, EFD_CLOEXEC);
    self->fd = -1;
    pthread_mutex_init (&self->lock, NULL);
    fault_t fault = begin_to_listen (self, turn, listen);
    if (fault == OK) {
        self->started = pthread_create (&self->thread, NULL, run, self) == 0;
        if (!self->started)
            fault = turn_fail (turn, BROKEN, "cannot start a thread: %m");
    }
    if (fault != OK)
        probe_server_destroy (&self);
    *out = self;
    return fault;
}

void probe_server_destroy (probe_server_t **self_p)
{
    probe_server_t *self = *self_p;
    if (!self)
        return;
    (void) !write (self->end, &(uint64_t){1}, sizeof (uint64_t));
    if (self->started)
        pthread_join (self->thread, NULL);
    if (self->fd >= 0)
        close (self->fd);
    close (self->end);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

const char *probe_server_address (const probe_server_t *self)
{
    return self->address;
}

void probe_server_stopping (probe_server_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->stopping = true;
    pthread_mutex_unlock (&self->lock);
}
