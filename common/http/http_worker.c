/* http_worker.c - the worker threads: which takes which connection, and what it does with it.
 *
 * Workers wait in epoll_wait of one set; an event is for one of them (EPOLLONESHOT). There are as few as were ever needed at once, at
 * most `threads` and HTTP_SPARE. Lanes keep `threads` of them at work, so that the spare ones can always read heads:
 * urgent requests are then served, others wait in their lane's queue. */

#include "common/http/http_self.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define STACK_SIZE (1 << 20) // Services run in these threads too (guest.h); only what is touched is used
#define DRAIN_MAX  (8 << 20) // Bytes after an answer that are discarded before we close
#define DRAIN_US   SECONDS (1)

// ---- lanes; under the lock ----

static bool has_room (const http_conn_t *conn)
{
    const http_server_t *self = conn->server;
    uint32_t threads = self->config.threads, others = self->working[LANE_OTHERS];
    if (conn->lane == LANE_URGENT)
        return true;
    return others + self->working[LANE_FIRST] < threads &&
           self->working_by[conn->credential] < (threads + 1) / 2 &&
           (conn->lane == LANE_FIRST || others < threads - threads / 4);
}

void workers_enter (http_conn_t *conn)
{
    conn->server->working[conn->lane]++;
    conn->server->working_by[conn->credential]++;
}

static void queue_add (http_server_t *self, http_conn_t *conn)
{
    conn->state = CONN_WAITS;
    conn->until_us = clock_monotonic_us () + MILLISECONDS (self->config.wait_ms);
    conn->next = NULL;
    if (self->queue[conn->lane])
        self->queue_last[conn->lane]->next = conn;
    else
        self->queue[conn->lane] = conn;
    self->queue_last[conn->lane] = conn;
    self->waiting++;
}

// The first of a lane that has room, its credential's included.
static http_conn_t *queue_find (http_server_t *self, http_lane_t lane)
{
    http_conn_t *before = NULL;
    for (http_conn_t *conn = self->queue[lane]; conn; before = conn, conn = conn->next) {
        if (!has_room (conn))
            continue;
        if (before)
            before->next = conn->next;
        else
            self->queue[lane] = conn->next;
        if (self->queue_last[lane] == conn)
            self->queue_last[lane] = before;
        return conn;
    }
    return NULL;
}

// The next that waits and now may go; it has its place then.
static http_conn_t *queue_take (http_server_t *self)
{
    http_conn_t *conn = NULL;
    if (self->waiting == 0)
        return NULL;
    for (int lane = LANE_FIRST; lane < HTTP_LANES && !conn; lane++)
        conn = queue_find (self, (http_lane_t) lane);
    if (!conn)
        return NULL;
    self->waiting--;
    conn->state = CONN_BUSY;
    workers_enter (conn);
    return conn;
}

static void give_back (http_conn_t *conn)
{
    conn->server->working[conn->lane]--;
    conn->server->working_by[conn->credential]--;
}

// A free worker gets it with the event that is raised at once.
static void place (http_conn_t *conn)
{
    conn->state = CONN_PLACED;
    conn_arm (conn, true);
}

void workers_leave (http_conn_t *conn)
{
    give_back (conn);
    http_conn_t *next = queue_take (conn->server);
    if (next)
        place (next);
}

// ---- one connection ----

static void after_answer (http_conn_t *self, http_after_t after)
{
    const http_server_config_t *config = &self->server->config;
    int64_t now_us = clock_monotonic_us ();
    if (after == HTTP_DRAIN) {
        shutdown (self->fd, SHUT_WR);
        self->draining = true;
        self->late = false;
        conn_idle (self, now_us + DRAIN_US, self->rest_size > 0);
    } else if (after == HTTP_CLOSE)
        conn_close (self);
    else {
        bool more = self->rest_size > 0;
        if (more)
            memmove (self->space->text, self->rest, self->rest_size);
        else {
            free (self->space); // An idle connection costs only its socket
            self->space = NULL;
        }
        self->have = self->rest_size;
        self->seen = self->rest_size = 0;
        self->heading = more;
        conn_idle (self, now_us + MILLISECONDS (more ? config->head_ms : config->idle_ms), more);
    }
}

// Under the lock: this thread does not work for a while. Who was to be served next gets another.
static void leave_workers (http_server_t *self, http_conn_t **next)
{
    if (*next)
        place (*next);
    *next = NULL;
    self->active--;
    workers_spawn (self);
}

static void go_on (http_server_t *self)
{
    self->config.go_on (self->config.context);
    pthread_mutex_lock (&self->lock);
    self->active++; // Perhaps one too many: the first to become free ends
    pthread_mutex_unlock (&self->lock);
}

// Serves a request that has a place in its lane. Afterwards the next in the queue gets the place: returned, or NULL.
static http_conn_t *serve (http_server_t *self, http_conn_t *conn)
{
    bool in_time = conn->until_us == 0 || clock_monotonic_us () < conn->until_us;
    http_after_t after = HTTP_DRAIN;
    if (in_time)
        after = self->config.serve (self->config.context, conn, &conn->space->head);
    else
        self->config.refuse (self->config.context, conn, 503, "too many requests are waiting");
    pthread_mutex_lock (&self->lock);
    bool goes_on = conn->goes_on;
    conn->goes_on = false;
    self->served--;
    if (conn->stays) {
        conn->stays = false;
        self->stays--;
        self->active++;
    } else
        give_back (conn);
    http_conn_t *next = queue_take (self);
    if (self->waiters)
        pthread_cond_broadcast (&self->left);
    if (goes_on)
        leave_workers (self, &next);
    pthread_mutex_unlock (&self->lock);
    after_answer (conn, after);
    if (goes_on)
        go_on (self);
    return next;
}

// Its credential's bucket, or its address's without one. Mixed with the server's secret, so that clients cannot choose a bucket.
static uint32_t credential_of (const http_conn_t *conn)
{
    const char *text = http_head_get (&conn->space->head, "Authorization");
    uint64_t hash = UINT64_C (0xcbf29ce484222325) ^ conn->server->seed;
    if (!text)
        return conn->bucket;
    for (; *text; text++)
        hash = (hash ^ (unsigned char) *text) * UINT64_C (0x100000001b3); // FNV-1a
    return (uint32_t) (hash >> 32) % HTTP_BUCKETS;
}

// A complete head: serve it, or queue it. Returns the next to serve.
static http_conn_t *begin (http_server_t *self, http_conn_t *conn, size_t head_size)
{
    http_refusal_t refusal = http_head_parse (&conn->space->head, conn->space->text, head_size);
    conn->rest = conn->space->text + head_size;
    conn->rest_size = conn->have - head_size;
    if (refusal.status) {
        self->config.refuse (self->config.context, conn, refusal.status, refusal.text);
        after_answer (conn, HTTP_DRAIN);
        return NULL;
    }
    conn->lane = self->config.lane (&conn->space->head);
    conn->credential = credential_of (conn);
    conn->until_us = 0;
    pthread_mutex_lock (&self->lock);
    bool quits = self->quits, room = !quits && has_room (conn);
    self->served += !quits;
    if (room)
        workers_enter (conn);
    else if (!quits)
        queue_add (self, conn);
    pthread_mutex_unlock (&self->lock);
    if (quits)
        conn_close (conn);
    return room ? conn : NULL;
}

static void drain (http_conn_t *self)
{
    char waste[16 << 10];
    while (self->drained < DRAIN_MAX) {
        ssize_t got = recv (self->fd, waste, sizeof waste, MSG_DONTWAIT);
        if (got > 0)
            self->drained += (size_t) got;
        else if (got < 0 && errno == EAGAIN) {
            conn_idle (self, self->until_us, false);
            return;
        } else if (got == 0 || errno != EINTR)
            break;
    }
    conn_close (self);
}

static void refuse (http_server_t *self, http_conn_t *conn, int status, const char *text)
{
    self->config.refuse (self->config.context, conn, status, text);
    after_answer (conn, HTTP_DRAIN);
}

static void end (http_server_t *self, http_conn_t *conn)
{
    if (conn->have == 0)
        conn_close (conn);
    else if (conn->late)
        refuse (self, conn, 408, "the head did not arrive in time");
    else
        refuse (self, conn, 400, "the request ended before its head was complete");
}

// Bytes have arrived for an idle connection. Returns a request to be served, or NULL.
static http_conn_t *attend (http_server_t *self, http_conn_t *conn)
{
    if (!conn->space && !(conn->space = malloc (sizeof (head_space_t))))
        abort ();
    for (;;) {
        size_t size = 0;
        switch (http_head_find (conn->space->text, conn->have, conn->seen, &size)) {
        case HEAD_WHOLE: return begin (self, conn, size);
        case HEAD_BAD:
            refuse (self, conn, 400, "a line of the head does not end with CR LF, or this is not HTTP");
            return NULL;
        case HEAD_PART: conn->seen = conn->have;
        }
        if (conn->have == HTTP_HEAD_MAX) {
            refuse (self, conn, 431, "the head has more than 16 KiB");
            return NULL;
        }
        ssize_t got =
            recv (conn->fd, conn->space->text + conn->have, HTTP_HEAD_MAX - conn->have, MSG_DONTWAIT);
        if (got > 0)
            conn->have += (size_t) got;
        else if (got < 0 && errno == EAGAIN)
            break;
        else if (got == 0 || errno != EINTR) {
            end (self, conn);
            return NULL;
        }
    }
    int64_t until_us = conn->until_us;
    if (conn->have > 0 && !conn->heading) { // The time of a head begins with its first byte
        conn->heading = true;
        until_us = clock_monotonic_us () + MILLISECONDS (self->config.head_ms);
    }
    conn_idle (conn, until_us, false);
    return NULL;
}

// ---- threads ----

// The next connection that has bytes, or a place; NULL when this thread is to end.
static http_conn_t *take (http_server_t *self)
{
    for (;;) {
        struct epoll_event event;
        pthread_mutex_lock (&self->lock);
        bool leaves = self->stop || self->active > self->config.threads + HTTP_SPARE;
        self->idle += !leaves;
        pthread_mutex_unlock (&self->lock);
        if (leaves)
            return NULL;
        int got = epoll_wait (self->epoll, &event, 1, -1);
        pthread_mutex_lock (&self->lock);
        self->idle--;
        http_conn_t *conn = got == 1 ? event.data.ptr : NULL; // NULL as well: the stop
        if (conn) {
            if (conn->state == CONN_IDLE)
                conn->state = CONN_BUSY;
            workers_spawn (self);
        }
        pthread_mutex_unlock (&self->lock);
        if (conn)
            return conn;
    }
}

static void *work (void *data)
{
    http_worker_t *worker = data;
    http_server_t *self = worker->server;
    log_name_thread ("http");
    for (http_conn_t *conn; (conn = take (self));) {
        if (conn->draining) {
            drain (conn);
            continue;
        }
        http_conn_t *ready = conn->state == CONN_PLACED ? conn : attend (self, conn);
        while (ready)
            ready = serve (self, ready);
    }
    pthread_mutex_lock (&self->lock);
    self->active--;
    self->threads--;
    worker->next = self->ended;
    self->ended = worker;
    pthread_cond_broadcast (&self->left);
    pthread_mutex_unlock (&self->lock);
    return NULL;
}

void workers_join (http_server_t *self)
{
    for (http_worker_t *worker; (worker = self->ended);) {
        self->ended = worker->next;
        pthread_join (worker->thread, NULL); // The lock was released meanwhile
        free (worker);
    }
}

void workers_spawn (http_server_t *self)
{
    pthread_attr_t attributes;
    workers_join (self);
    if (self->stop || self->idle > 0 || self->active >= self->config.threads + HTTP_SPARE)
        return;
    http_worker_t *worker = calloc (1, sizeof (http_worker_t));
    if (!worker)
        abort ();
    worker->server = self;
    pthread_attr_init (&attributes);
    pthread_attr_setstacksize (&attributes, STACK_SIZE);
    if (pthread_create (&worker->thread, &attributes, work, worker) == 0) {
        self->active++;
        self->threads++;
    } else
        free (worker); // The machine has no more threads: the existing ones go on
    pthread_attr_destroy (&attributes);
}
