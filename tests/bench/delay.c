/* delay.c - see delay.h. One thread with poll: bytes wait in a queue for each direction, bounded, until they are due. */

#include "tests/bench/delay.h"

#include "common/base/clock.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 128
#define CHUNK       (64 << 10)
#define QUEUED_MAX  (8 << 20) // Bytes of one direction; past it nothing is read

typedef struct held held_t;
struct held {
    held_t *next;
    int64_t due_us;
    size_t size, at;
    char bytes[];
};

typedef struct {
    int from, to;
    held_t *first, **end;
    size_t queued;
} direction_t;

typedef struct {
    bool open;
    direction_t ways[2];
} link_pair_t;

struct delay {
    int listener;
    uint16_t port, target;
    atomic_uint half_us;
    atomic_bool ends;
    pthread_t thread;
    link_pair_t links[CONNECTIONS];
};

static int connect_to (uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons (port), .sin_addr = {htonl (INADDR_LOOPBACK)}};
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
        return fd;
    close (fd);
    return -1;
}

static void cut (link_pair_t *link)
{
    for (int i = 0; i < 2; i++) {
        for (held_t *held = link->ways[i].first, *next; held; held = next) {
            next = held->next;
            free (held);
        }
        close (link->ways[i].from);
    }
    link->open = false;
}

static void take_connection (delay_t *self)
{
    int fd = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC), one = 1;
    link_pair_t *link = self->links;
    while (link < self->links + CONNECTIONS && link->open)
        link++;
    int other = fd < 0 || link == self->links + CONNECTIONS ? -1 : connect_to (self->target);
    if (other < 0) {
        if (fd >= 0)
            close (fd);
        return;
    }
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *link = (link_pair_t){.open = true, .ways = {{.from = fd, .to = other}, {.from = other, .to = fd}}};
    for (int i = 0; i < 2; i++)
        link->ways[i].end = &link->ways[i].first;
}

// False: the connection has ended.
static bool take_bytes (delay_t *self, direction_t *way)
{
    held_t *held = malloc (sizeof *held + CHUNK);
    ssize_t got = held ? recv (way->from, held->bytes, CHUNK, MSG_DONTWAIT) : -1;
    if (got <= 0) {
        free (held);
        return false;
    }
    held->next = NULL;
    held->size = (size_t) got;
    held->at = 0;
    held->due_us = clock_monotonic_us () + atomic_load (&self->half_us);
    *way->end = held;
    way->end = &held->next;
    way->queued += held->size;
    return true;
}

static bool give_due (direction_t *way, int64_t now_us)
{
    while (way->first && way->first->due_us <= now_us) {
        held_t *held = way->first;
        ssize_t sent =
            send (way->to, held->bytes + held->at, held->size - held->at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0)
            return sent < 0; // It is full: poll says when it is not
        held->at += (size_t) sent;
        way->queued -= (size_t) sent;
        if (held->at < held->size)
            return true;
        way->first = held->next;
        if (!way->first)
            way->end = &way->first;
        free (held);
    }
    return true;
}

// Until something may be read or written, or is due.
static size_t wait_for (delay_t *self, struct pollfd *polled)
{
    int64_t now_us = clock_monotonic_us (), due_us = now_us + MILLISECONDS (50);
    size_t count = 1;
    polled[0] = (struct pollfd){.fd = self->listener, .events = POLLIN};
    for (link_pair_t *link = self->links; link < self->links + CONNECTIONS; link++)
        for (int i = 0; link->open && i < 2; i++) {
            const direction_t *way = &link->ways[i], *back = &link->ways[1 - i];
            bool full =
                back->first && back->first->due_us <= now_us; // Bytes for this socket, which took no more
            polled[count++] = (struct pollfd){
                .fd = way->from,
                .events = (short) ((way->queued < QUEUED_MAX ? POLLIN : 0) | (full ? POLLOUT : 0))};
            if (way->first && way->first->due_us > now_us && way->first->due_us < due_us)
                due_us = way->first->due_us;
        }
    int64_t left_us = due_us - now_us;
    struct timespec wait = {.tv_nsec = left_us > 0 ? left_us * 1000 : 0};
    ppoll (polled, count, &wait, NULL);
    return count;
}

static void *run (void *self_)
{
    delay_t *self = self_;
    struct pollfd polled[2 * CONNECTIONS + 1];
    while (!atomic_load (&self->ends)) {
        size_t count = wait_for (self, polled), at = 1;
        for (link_pair_t *link = self->links; link < self->links + CONNECTIONS; link++) {
            bool good = link->open;
            for (int i = 0; link->open && i < 2 && at < count; i++, at++)
                if (polled[at].revents & (POLLIN | POLLHUP | POLLERR) && polled[at].fd == link->ways[i].from)
                    good = good && take_bytes (self, &link->ways[i]);
            for (int i = 0; good && i < 2; i++)
                good = give_due (&link->ways[i], clock_monotonic_us ());
            if (link->open && !good)
                cut (link);
        }
        if (polled[0].revents)
            take_connection (self); // Last: what was polled is of the connections before it
    }
    return NULL;
}

delay_t *delay_new (uint16_t target)
{
    delay_t *self = calloc (1, sizeof *self);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    if (!self)
        abort ();
    self->target = target;
    self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind (self->listener, (struct sockaddr *) &address, size) != 0 ||
        listen (self->listener, CONNECTIONS) != 0 ||
        getsockname (self->listener, (struct sockaddr *) &address, &size) != 0 ||
        pthread_create (&self->thread, NULL, run, self) != 0)
        abort ();
    self->port = ntohs (address.sin_port);
    return self;
}

void delay_destroy (delay_t **self_p)
{
    delay_t *self = *self_p;
    atomic_store (&self->ends, true);
    pthread_join (self->thread, NULL);
    for (link_pair_t *link = self->links; link < self->links + CONNECTIONS; link++)
        if (link->open)
            cut (link);
    close (self->listener);
    free (self);
    *self_p = NULL;
}

uint16_t delay_port (const delay_t *self)
{
    return self->port;
}

void delay_set (delay_t *self, uint32_t round_trip_ms)
{
    atomic_store (&self->half_us, round_trip_ms * 500);
}
