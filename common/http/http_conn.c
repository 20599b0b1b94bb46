/* http_conn.c - one connection: its bytes in both directions, and where it is between two requests. */

#include "common/http/http_self.h"

#include "common/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

// ---- where it is ----

void conn_arm (http_conn_t *self, bool at_once)
{
    // A socket that can be written to makes an event at once: the way to hand on bytes that were already read
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT | (at_once ? EPOLLOUT : 0),
                                .data.ptr = self};
    (void) epoll_ctl (self->server->epoll, EPOLL_CTL_MOD, self->fd, &event);
}

// Under the lock: to the end of the list, after all that became idle earlier.
static void list_last (http_server_t *server, http_conn_t *self)
{
    if (server->last == self)
        return;
    if (self->before)
        self->before->after = self->after;
    else
        server->first = self->after;
    self->after->before = self->before;
    self->before = server->last;
    self->after = NULL;
    server->last->after = self;
    server->last = self;
}

void conn_idle (http_conn_t *self, int64_t until_us, bool at_once)
{
    http_server_t *server = self->server;
    pthread_mutex_lock (&server->lock);
    self->state = CONN_IDLE;
    self->until_us = until_us;
    list_last (server, self);
    if (server->quits && self->have == 0 && !self->draining) // It was busy when all that rested were ended
        shutdown (self->fd, SHUT_RDWR);
    conn_arm (self,
              at_once); // Under the lock, so that whoever gets the event comes after all that was done here
    pthread_mutex_unlock (&server->lock);
}

void conn_close (http_conn_t *self)
{
    http_server_t *server = self->server;
    pthread_mutex_lock (&server->lock);
    if (self->before)
        self->before->after = self->after;
    else
        server->first = self->after;
    if (self->after)
        self->after->before = self->before;
    else
        server->last = self->before;
    server->open--;
    if (!self->uncounted) {
        server->counted--;
        server->by_address[self->bucket]--;
    }
    pthread_mutex_unlock (&server->lock);
    close (self->fd);
    free (self->space);
    free (self->spill);
    free (self);
}

// ---- whose thread it has ----

bool conn_step_out (http_conn_t *self)
{
    http_server_t *server = self->server;
    if (self->stays || self->slow)
        return true;
    uint32_t most = server->config.slow, most_by = most / 4 ? most / 4 : 1;
    pthread_mutex_lock (&server->lock);
    self->slow = server->slow < most && server->slow_by[self->credential] < most_by;
    if (self->slow) {
        server->slow++;
        server->slow_by[self->credential]++;
        server->active--;
        workers_leave (self);
        workers_spawn (server);
    } else
        server->cut++;
    pthread_mutex_unlock (&server->lock);
    return self->slow;
}

void conn_step_in (http_conn_t *self)
{
    http_server_t *server = self->server;
    if (!self->slow)
        return;
    pthread_mutex_lock (&server->lock);
    self->slow = false;
    server->slow--;
    server->slow_by[self->credential]--;
    server->active++; // Perhaps one too many: the first to become free ends
    workers_enter (self);
    pthread_mutex_unlock (&server->lock);
}

void http_conn_stay (http_conn_t *self)
{
    http_server_t *server = self->server;
    if (self->stays)
        return;
    pthread_mutex_lock (&server->lock);
    self->stays = true;
    server->stays++;
    server->active--;
    workers_leave (self);
    workers_spawn (server);
    if (server->waiters)
        pthread_cond_broadcast (&server->left);
    pthread_mutex_unlock (&server->lock);
}

void http_conn_go_on (http_conn_t *self)
{
    self->goes_on = true;
}

const char *http_conn_peer (const http_conn_t *self)
{
    return self->peer;
}

// ---- bytes ----

// Waits outside the count of workers. False: not in time, or there are too many slow clients already.
static bool wait_for (http_conn_t *self, short events, int64_t until_us)
{
    int64_t left_us = until_us - clock_monotonic_us ();
    struct pollfd poll_fd = {.fd = self->fd, .events = events};
    if (left_us <= 0 || !conn_step_out (self))
        return false;
    int ready = poll (&poll_fd, 1, (int) (left_us / 1000) + 1);
    conn_step_in (self);
    return ready > 0 || (ready < 0 && errno == EINTR);
}

static int receive (http_conn_t *self, void *into, size_t size, int64_t until_us)
{
    for (;;) {
        ssize_t got = recv (self->fd, into, size, MSG_DONTWAIT);
        if (got >= 0)
            return (int) got;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for (self, POLLIN, until_us))
                return -1;
        } else if (errno != EINTR)
            return 0;
    }
}

int http_conn_peek (http_conn_t *self, const char **data, int64_t until_us)
{
    if (self->rest_size == 0) {
        if (!self->spill && !(self->spill = malloc (HTTP_SPILL)))
            abort ();
        int got = receive (self, self->spill, HTTP_SPILL, until_us);
        if (got <= 0)
            return got;
        self->rest = self->spill;
        self->rest_size = (size_t) got;
    }
    *data = self->rest;
    return (int) self->rest_size;
}

void http_conn_skip (http_conn_t *self, size_t size)
{
    self->rest += size;
    self->rest_size -= size;
}

int http_conn_read (http_conn_t *self, void *into, size_t size, int64_t until_us)
{
    if (self->rest_size == 0)
        return receive (self, into, size, until_us);
    size_t part = size < self->rest_size ? size : self->rest_size;
    memcpy (into, self->rest, part);
    http_conn_skip (self, part);
    return (int) part;
}

bool http_conn_write (http_conn_t *self, const void *data, size_t size, int64_t until_us)
{
    const char *at = data;
    while (size > 0) {
        ssize_t put = send (self->fd, at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put >= 0) {
            at += put;
            size -= (size_t) put;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!self->server || !wait_for (self, POLLOUT, until_us))
                return false;
        } else if (errno != EINTR)
            return false;
    }
    return true;
}
