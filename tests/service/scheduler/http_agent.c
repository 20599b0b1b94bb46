/* http_agent.c - see http_agent.h. */

#include "tests/service/scheduler/http_agent.h"

#include "common/base/clock.h"
#include "tests/http/peer.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_MAX 65536

struct http_agent {
    peer_t *peer;
    char url[64];
    pthread_mutex_t lock; // For what follows
    pthread_cond_t released;
    bool held;
    int status, times;
    size_t requests;
    char last[REQUEST_MAX];
};

static void serve (void *self_, const peer_request_t *request)
{
    http_agent_t *self = self_;
    pthread_mutex_lock (&self->lock);
    int status = self->times > 0 ? self->status : 202;
    self->times -= self->times > 0;
    self->requests++;
    snprintf (self->last, sizeof self->last, "%s", request->text);
    while (self->held)
        pthread_cond_wait (&self->released, &self->lock);
    pthread_mutex_unlock (&self->lock);
    if (status)
        peer_answer (request->conn, status, "", "{}");
}

http_agent_t *http_agent_new (void)
{
    http_agent_t *self = calloc (1, sizeof *self);
    CHECK (self);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->released, NULL);
    self->peer = peer_new (&(peer_options_t){.serve = serve, .self = self});
    snprintf (self->url, sizeof self->url, "%s", peer_url (self->peer));
    return self;
}

void http_agent_destroy (http_agent_t **self_p)
{
    http_agent_t *self = *self_p;
    http_agent_hold (self, false);
    peer_destroy (&self->peer);
    pthread_cond_destroy (&self->released);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

const char *http_agent_url (const http_agent_t *self)
{
    return self->url;
}

void http_agent_answer (http_agent_t *self, int status, int times)
{
    pthread_mutex_lock (&self->lock);
    self->status = status;
    self->times = times;
    pthread_mutex_unlock (&self->lock);
}

void http_agent_hold (http_agent_t *self, bool held)
{
    pthread_mutex_lock (&self->lock);
    self->held = held;
    pthread_cond_broadcast (&self->released);
    pthread_mutex_unlock (&self->lock);
}

size_t http_agent_requests (http_agent_t *self)
{
    pthread_mutex_lock (&self->lock);
    size_t count = self->requests;
    pthread_mutex_unlock (&self->lock);
    return count;
}

const char *http_agent_last (http_agent_t *self)
{
    return self->last;
}

void http_agent_wait (http_agent_t *self, size_t count, const char *text)
{
    int64_t until = test_until_us ();
    while (http_agent_requests (self) < count && clock_monotonic_us () < until)
        poll (NULL, 0, 5);
    pthread_mutex_lock (&self->lock);
    bool found = strstr (self->last, text) != NULL;
    size_t requests = self->requests;
    if (!found)
        printf ("%s\n", self->last);
    pthread_mutex_unlock (&self->lock);
    CHECK (requests >= count);
    CHECK (found);
}
