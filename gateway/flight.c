/* flight.c - see flight.h. */

#include "gateway/flight.h"

#include "common/clock.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

struct flights {
    pthread_mutex_t lock;
    pthread_cond_t sooner; // The watcher must look again
    pthread_cond_t left;   // Somebody left
    pthread_t watcher;
    flight_t *first;
    size_t count, staying;
    int64_t next_us; // When the watcher looks again
    bool stop;
};

static bool is_peer (int fd, const flight_t *flight)
{
    struct sockaddr_in peer;
    struct in_addr address;
    socklen_t size = sizeof (peer);
    return getpeername (fd, (struct sockaddr *) &peer, &size) == 0 && peer.sin_family == AF_INET &&
           ntohs (peer.sin_port) == flight->port && inet_pton (AF_INET, flight->address, &address) == 1 &&
           address.s_addr == peer.sin_addr.s_addr;
}

// In one process a client's own socket has our address as its peer, never its own: only the served side matches.
static void cut (const flight_t *flight)
{
    DIR *folder = opendir ("/proc/self/fd");
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir (folder));) {
        char *end;
        long fd = strtol (entry->d_name, &end, 10);
        if (end != entry->d_name && !*end && is_peer ((int) fd, flight))
            shutdown ((int) fd, SHUT_RDWR);
    }
    closedir (folder);
}

// Cuts what is past its time and gives the next time to look.
static int64_t cut_late (flights_t *self, int64_t now_us)
{
    int64_t next_us = NEVER;
    for (flight_t *flight = self->first; flight; flight = flight->after) {
        if (flight->until_us <= now_us) {
            cut (flight);
            flight->until_us = NEVER;
        }
        if (flight->until_us < next_us)
            next_us = flight->until_us;
    }
    return next_us;
}

static void wait_until (pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_us)
{
    if (until_us == NEVER) {
        pthread_cond_wait (cond, lock);
        return;
    }
    struct timespec until = {.tv_sec = until_us / SECONDS (1), .tv_nsec = until_us % SECONDS (1) * 1000};
    pthread_cond_timedwait (cond, lock, &until);
}

static void *watch (void *data)
{
    flights_t *self = data;
    pthread_mutex_lock (&self->lock);
    while (!self->stop) {
        self->next_us = cut_late (self, clock_monotonic_us ());
        wait_until (&self->sooner, &self->lock, self->next_us);
    }
    pthread_mutex_unlock (&self->lock);
    return NULL;
}

flights_t *flights_new (void)
{
    flights_t *self = calloc (1, sizeof (flights_t));
    if (!self)
        abort ();
    pthread_condattr_t monotonic;
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->sooner, &monotonic);
    pthread_cond_init (&self->left, &monotonic);
    pthread_condattr_destroy (&monotonic);
    self->next_us = NEVER;
    if (pthread_create (&self->watcher, NULL, watch, self) != 0)
        abort ();
    return self;
}

void flights_destroy (flights_t **self_p)
{
    flights_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_lock (&self->lock);
    self->stop = true;
    pthread_cond_signal (&self->sooner);
    pthread_mutex_unlock (&self->lock);
    pthread_join (self->watcher, NULL);
    pthread_cond_destroy (&self->left);
    pthread_cond_destroy (&self->sooner);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

static void watch_from (flights_t *self, int64_t until_us)
{
    if (until_us < self->next_us) {
        self->next_us = until_us;
        pthread_cond_signal (&self->sooner);
    }
}

void flights_enter (flights_t *self, flight_t *flight)
{
    pthread_mutex_lock (&self->lock);
    flight->before = NULL;
    flight->after = self->first;
    if (self->first)
        self->first->before = flight;
    self->first = flight;
    self->count++;
    watch_from (self, flight->until_us);
    pthread_mutex_unlock (&self->lock);
}

void flights_until (flights_t *self, flight_t *flight, int64_t until_us)
{
    pthread_mutex_lock (&self->lock);
    flight->until_us = until_us;
    watch_from (self, until_us);
    pthread_mutex_unlock (&self->lock);
}

void flights_stay (flights_t *self, flight_t *flight)
{
    pthread_mutex_lock (&self->lock);
    if (!flight->stays) {
        flight->stays = true;
        self->staying++;
    }
    pthread_cond_broadcast (&self->left);
    pthread_mutex_unlock (&self->lock);
}

void flights_leave (flights_t *self, flight_t *flight)
{
    pthread_mutex_lock (&self->lock);
    if (flight->before)
        flight->before->after = flight->after;
    else
        self->first = flight->after;
    if (flight->after)
        flight->after->before = flight->before;
    self->count--;
    self->staying -= flight->stays;
    pthread_cond_broadcast (&self->left);
    pthread_mutex_unlock (&self->lock);
}

size_t flights_count (flights_t *self)
{
    pthread_mutex_lock (&self->lock);
    size_t count = self->count;
    pthread_mutex_unlock (&self->lock);
    return count;
}

bool flights_wait (flights_t *self, bool streams_too, int64_t until_us)
{
    bool done;
    pthread_mutex_lock (&self->lock);
    for (;;) {
        done = self->count == (streams_too ? 0 : self->staying);
        if (done || clock_monotonic_us () >= until_us)
            break;
        wait_until (&self->left, &self->lock, until_us);
    }
    pthread_mutex_unlock (&self->lock);
    return done;
}

void flights_cut (flights_t *self)
{
    pthread_mutex_lock (&self->lock);
    for (flight_t *flight = self->first; flight; flight = flight->after)
        cut (flight);
    pthread_mutex_unlock (&self->lock);
}
