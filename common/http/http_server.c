/* http_server.c - see http_server.h: the listening thread, which lets connections in and cuts off those that are late, and the beginning
 * and end of it all. */

#include "common/http/http_self.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG      1024   // Connections that the kernel holds until they are accepted
#define ACCEPTS      64     // Connections that are let in between two looks at those that are late
#define LOOK_MS      1000   // How often that is looked for, while there are connections
#define PAUSE_MS     100    // Pause of accepting when no descriptor is free
#define FILES_KEPT   256    // Descriptors reserved for the rest of the process
#define LEAVING      256    // Connections that make room and are not closed yet
#define HALF_OPEN_MS 60000u // A peer that acknowledges nothing for this long is gone

// ---- room ----

// Under the lock. It is not closed here: reads give its end, and the worker that gets it closes.
static void cut (http_conn_t *conn, int how)
{
    conn->late = true;
    shutdown (conn->fd, how);
}

// Ends the connection that has been idle longest, of all or of one bucket.
static bool evict (http_server_t *self, bool of_bucket, uint32_t bucket)
{
    for (http_conn_t *conn = self->first; conn; conn = conn->after) {
        if (conn->state != CONN_IDLE || conn->uncounted || (of_bucket && conn->bucket != bucket))
            continue;
        conn->uncounted = true;
        self->counted--;
        self->by_address[conn->bucket]--;
        self->evicted++;
        cut (conn, SHUT_RDWR);
        return true;
    }
    return false;
}

static bool make_room (http_server_t *self, uint32_t bucket)
{
    if (self->open >= self->config.connections + LEAVING)
        return false;
    if (self->by_address[bucket] >= self->config.per_address && !evict (self, true, bucket))
        return false;
    return self->counted < self->config.connections || evict (self, false, 0);
}

static void list_add (http_server_t *self, http_conn_t *conn)
{
    conn->before = self->last;
    if (self->last)
        self->last->after = conn;
    else
        self->first = conn;
    self->last = conn;
    self->open++;
    self->counted++;
    self->by_address[conn->bucket]++;
}

static uint32_t bucket_of (const http_server_t *self, const struct sockaddr_in *peer)
{
    uint64_t mixed = (peer->sin_addr.s_addr ^ self->seed) * UINT64_C (0x9e3779b97f4a7c15);
    return (uint32_t) (mixed >> 40) % HTTP_BUCKETS;
}

static void turn_away (http_server_t *self, int fd)
{
    http_conn_t conn = {.fd = fd}; // Without a server: can only be written to, and never waits
    self->config.refuse (self->config.context, &conn, 503, "too many connections");
    close (fd);
}

static void let_in (http_server_t *self, int fd, const struct sockaddr_in *peer)
{
    http_conn_t *conn = calloc (1, sizeof (http_conn_t));
    if (!conn)
        abort ();
    *conn = (http_conn_t){.server = self,
                          .fd = fd,
                          .bucket = bucket_of (self, peer),
                          .heading = true,
                          .until_us = clock_monotonic_us () + MILLISECONDS (self->config.head_ms)};
    inet_ntop (AF_INET, &peer->sin_addr, conn->peer, sizeof conn->peer);
    pthread_mutex_lock (&self->lock);
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = conn};
    bool room = make_room (self, conn->bucket) && epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
    if (room)
        list_add (self, conn);
    else
        self->refused++;
    pthread_mutex_unlock (&self->lock);
    if (!room) {
        turn_away (self, fd);
        free (conn);
    }
}

// False if the process has no descriptor left: then the caller pauses.
static bool accept_some (http_server_t *self)
{
    for (int i = 0; i < ACCEPTS; i++) {
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        int fd = accept4 (self->listener, (struct sockaddr *) &peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            let_in (self, fd, &peer);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pthread_mutex_lock (&self->lock);
            (void) evict (self, false, 0);
            pthread_mutex_unlock (&self->lock);
            return false;
        } else if (errno != EINTR && errno != ECONNABORTED)
            return true;
    }
    return true;
}

// ---- time ----

// Ends those that are late. One that has sent part of a head gets an answer: only its reading side is shut down.
static bool look (http_server_t *self)
{
    int64_t now_us = clock_monotonic_us ();
    pthread_mutex_lock (&self->lock);
    for (http_conn_t *conn = self->first; conn; conn = conn->after)
        if (conn->state == CONN_IDLE && !conn->late && conn->until_us <= now_us) {
            bool speaks = conn->have > 0 && !conn->draining;
            self->late += speaks;
            cut (conn, speaks ? SHUT_RD : SHUT_RDWR);
        }
    bool any = self->first != NULL;
    pthread_mutex_unlock (&self->lock);
    return any;
}

static bool lets_in (http_server_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool in = !self->quits;
    pthread_mutex_unlock (&self->lock);
    return in;
}

static void *listen_on (void *data)
{
    http_server_t *self = data;
    struct pollfd polls[] = {{.fd = self->wake, .events = POLLIN}, {.fd = self->listener, .events = POLLIN}};
    bool open = true, any = false; // `any`: there are connections, of which one may be late
    int64_t looked_us = 0;
    log_name_thread ("http");
    for (;;) {
        int wait_ms = !open ? PAUSE_MS : any ? LOOK_MS : -1;
        int ready = poll (polls, open && lets_in (self) ? 2 : 1, wait_ms);
        if ((ready < 0 && errno != EINTR) || (ready > 0 && polls[0].revents))
            break;
        if (open && ready > 0 && polls[1].revents) {
            open = accept_some (self);
            any = true;
        } else
            open = true;
        if (any && clock_monotonic_us () - looked_us >= MILLISECONDS (LOOK_MS)) {
            any = look (self);
            looked_us = clock_monotonic_us ();
        }
    }
    return NULL;
}

// ---- beginning ----

// Descriptors are often limited to 1,024: raise the limit as far as allowed, and accept no more connections than that permits.
static void fit_connections (http_server_t *self)
{
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
        return;
    rlim_t want = (rlim_t) self->config.connections + LEAVING + FILES_KEPT;
    if (limit.rlim_cur < want) {
        limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
        (void) !setrlimit (RLIMIT_NOFILE, &limit);
    }
    if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < want) {
        self->config.connections = limit.rlim_cur > 2 * (LEAVING + FILES_KEPT)
                                       ? (uint32_t) limit.rlim_cur - LEAVING - FILES_KEPT
                                       : (uint32_t) limit.rlim_cur / 2;
        log_warn ("fewer connections than configured: raise the limit of open files (ulimit -n)", NULL);
    }
}

static fault_t begin_to_listen (http_server_t *self, turn_t *turn)
{
    const http_server_config_t *config = &self->config;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons (config->port)};
    socklen_t size = sizeof at;
    if (inet_pton (AF_INET, config->host, &at.sin_addr) != 1)
        return turn_fail (turn, BAD_INPUT, "%s: not an IPv4 address", config->host);
    int fd = self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    // What is set here holds for the connections too
    (void) !setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof (int));
    (void) !setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof (int));
    (void) !setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof (int));
    (void) !setsockopt (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &(unsigned){HALF_OPEN_MS}, sizeof (unsigned));
    if (bind (fd, (struct sockaddr *) &at, sizeof at) != 0 || listen (fd, BACKLOG) != 0 ||
        getsockname (fd, (struct sockaddr *) &at, &size) != 0)
        return turn_fail (turn, CONFLICT, "cannot listen on %s:%u: %m", config->host, config->port);
    self->port = ntohs (at.sin_port);
    return OK;
}

static fault_t begin (http_server_t *self, turn_t *turn)
{
    fault_t fault = begin_to_listen (self, turn);
    if (fault != OK)
        return fault;
    self->epoll = epoll_create1 (EPOLL_CLOEXEC);
    self->wake = eventfd (0, EFD_CLOEXEC);
    struct epoll_event stop = {.events = EPOLLIN, .data.ptr = NULL};
    if (self->epoll < 0 || self->wake < 0 || epoll_ctl (self->epoll, EPOLL_CTL_ADD, self->wake, &stop) != 0)
        return turn_fail (turn, BROKEN, "the HTTP server cannot be started: %m");
    pthread_mutex_lock (&self->lock);
    workers_spawn (self);
    bool worker = self->threads > 0;
    pthread_mutex_unlock (&self->lock);
    self->accepting = worker && pthread_create (&self->acceptor, NULL, listen_on, self) == 0;
    return self->accepting ? OK : turn_fail (turn, BROKEN, "a thread cannot be made");
}

fault_t http_server_new (http_server_t **out, turn_t *turn, const http_server_config_t *config)
{
    pthread_condattr_t monotonic;
    http_server_t *self = calloc (1, sizeof (http_server_t));
    if (!self)
        abort ();
    self->config = *config;
    self->listener = self->epoll = self->wake = -1;
    self->seed = randombytes_random ();
    pthread_mutex_init (&self->lock, NULL);
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init (&self->left, &monotonic);
    pthread_condattr_destroy (&monotonic);
    fit_connections (self);
    *out = self; // Before the first request can come
    fault_t fault = begin (self, turn);
    self->config.host = NULL; // The caller's
    if (fault != OK)
        http_server_destroy (out);
    return fault;
}

uint16_t http_server_port (const http_server_t *self)
{
    return self->port;
}

void http_server_stats (http_server_t *self, http_server_stats_t *out)
{
    pthread_mutex_lock (&self->lock);
    *out = (http_server_stats_t){.open = self->open,
                                 .idle = self->idle,
                                 .slow = self->slow,
                                 .stays = self->stays,
                                 .threads = self->active,
                                 .waiting = self->waiting,
                                 .evicted = self->evicted,
                                 .refused = self->refused,
                                 .late = self->late,
                                 .cut = self->cut};
    for (int lane = 0; lane < HTTP_LANES; lane++)
        out->working += self->working[lane];
    pthread_mutex_unlock (&self->lock);
}

// ---- end ----

bool http_server_wait (http_server_t *self, bool streams_too, int64_t until_us)
{
    struct timespec until = {.tv_sec = until_us / SECONDS (1), .tv_nsec = until_us % SECONDS (1) * 1000};
    bool done, more = true;
    pthread_mutex_lock (&self->lock);
    self->waiters++;
    while (!(done = self->served == (streams_too ? 0 : self->stays)) && more)
        more = pthread_cond_timedwait (&self->left, &self->lock, &until) == 0;
    self->waiters--;
    pthread_mutex_unlock (&self->lock);
    return done;
}

void http_server_quit (http_server_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->quits = true;
    for (http_conn_t *conn = self->first; conn; conn = conn->after)
        if (conn->state == CONN_IDLE && conn->have == 0 && !conn->draining)
            shutdown (conn->fd, SHUT_RDWR);
    pthread_mutex_unlock (&self->lock);
    shutdown (self->listener, SHUT_RDWR); // New connections are refused, and the acceptor wakes
}

void http_server_destroy (http_server_t **self_p)
{
    http_server_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_lock (&self->lock);
    self->stop = true;
    pthread_mutex_unlock (&self->lock);
    if (self->wake >= 0)
        (void) !write (self->wake, &(uint64_t){1}, sizeof (uint64_t));
    if (self->accepting)
        pthread_join (self->acceptor, NULL);
    pthread_mutex_lock (&self->lock);
    for (http_conn_t *conn = self->first; conn; conn = conn->after)
        shutdown (conn->fd, SHUT_RDWR);
    while (self->threads > 0)
        pthread_cond_wait (&self->left, &self->lock);
    workers_join (self);
    pthread_mutex_unlock (&self->lock);
    while (self->first)
        conn_close (self->first);
    int fds[] = {self->listener, self->epoll, self->wake};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            close (fds[i]);
    pthread_cond_destroy (&self->left);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}
