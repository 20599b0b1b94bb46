/* http_agent.c - see http_agent.h. One connection after the other, one request a read or two. */

#include "tests/service/scheduler/http_agent.h"

#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 65536

struct http_agent {
    int listener, pipe[2];
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock;
    int status, times;
    size_t requests;
    char last[REQUEST_MAX];
};

static bool complete (const char *text)
{
    const char *body = strstr (text, "\r\n\r\n"), *length = strstr (text, "Content-Length: ");
    if (!body)
        return false;
    return !length || strlen (body + 4) >= strtoul (length + 16, NULL, 10);
}

static int take (http_agent_t *self, const char *text)
{
    pthread_mutex_lock (&self->lock);
    int status = self->times > 0 ? self->status : 202;
    self->times -= self->times > 0;
    self->requests++;
    snprintf (self->last, sizeof self->last, "%s", text);
    pthread_mutex_unlock (&self->lock);
    return status;
}

// Until the peer closes, or the server ends.
static void serve (http_agent_t *self, int fd)
{
    static _Thread_local char text[REQUEST_MAX];
    for (size_t size = 0;;) {
        struct pollfd polls[] = {{.fd = fd, .events = POLLIN},
                                 {.fd = self->pipe[0], .events = POLLIN},
                                 {.fd = self->listener, .events = POLLIN}};
        if (poll (polls, 3, -1) < 0 || polls[1].revents || (!polls[0].revents && polls[2].revents))
            return;
        ssize_t got = read (fd, text + size, sizeof text - 1 - size);
        if (got <= 0)
            return;
        text[size += (size_t) got] = 0;
        if (!complete (text))
            continue;
        size = 0;
        int status = take (self, text);
        if (status && dprintf (fd, "HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\n{}", status) < 0)
            return;
    }
}

static void *run (void *data)
{
    http_agent_t *self = data;
    for (;;) {
        struct pollfd polls[] = {{.fd = self->listener, .events = POLLIN},
                                 {.fd = self->pipe[0], .events = POLLIN}};
        if (poll (polls, 2, -1) < 0 || polls[1].revents)
            return NULL;
        int fd = accept (self->listener, NULL, NULL);
        if (fd >= 0) {
            serve (self, fd);
            close (fd);
        }
    }
}

http_agent_t *http_agent_new (void)
{
    http_agent_t *self = calloc (1, sizeof *self);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    CHECK (self);
    self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (bind (self->listener, (struct sockaddr *) &address, size) == 0 && listen (self->listener, 8) == 0);
    CHECK (getsockname (self->listener, (struct sockaddr *) &address, &size) == 0 && pipe (self->pipe) == 0);
    snprintf (self->url, sizeof self->url, "http://127.0.0.1:%d", ntohs (address.sin_port));
    pthread_mutex_init (&self->lock, NULL);
    CHECK (pthread_create (&self->thread, NULL, run, self) == 0);
    return self;
}

void http_agent_destroy (http_agent_t **self_p)
{
    http_agent_t *self = *self_p;
    CHECK (write (self->pipe[1], "x", 1) == 1);
    pthread_join (self->thread, NULL);
    close (self->pipe[0]);
    close (self->pipe[1]);
    close (self->listener);
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

size_t http_agent_requests (http_agent_t *self)
{
    pthread_mutex_lock (&self->lock);
    size_t count = self->requests;
    pthread_mutex_unlock (&self->lock);
    return count;
}

void http_agent_wait (http_agent_t *self, size_t count, const char *text)
{
    for (int i = 0; i < 1000 && http_agent_requests (self) < count; i++)
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
