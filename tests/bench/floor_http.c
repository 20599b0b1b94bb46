/* floor_http.c - one epoll, one buffer a connection, one write an answer. */

#include "tests/bench/floor_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_REQUEST 65536
#define MAX_EVENTS  64

struct connection {
    source_t source;
    size_t used;
    char buffer[MAX_REQUEST + 1];
};

static int epoll_fd = -1;
static http_handler_t *handler;

static int the_epoll (void)
{
    if (epoll_fd < 0)
        epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
    return epoll_fd;
}

void loop_add (source_t *source)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};
    if (epoll_ctl (the_epoll (), EPOLL_CTL_ADD, source->fd, &event) != 0) {
        perror ("epoll_ctl");
        exit (1);
    }
}

void loop_forget (source_t *source)
{
    epoll_ctl (the_epoll (), EPOLL_CTL_DEL, source->fd, NULL);
}

void loop_run (void)
{
    struct epoll_event events[MAX_EVENTS];
    for (;;) {
        int count = epoll_wait (the_epoll (), events, MAX_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            source_t *source = events[i].data.ptr;
            source->ready (source);
        }
        if (count < 0 && errno != EINTR) {
            perror ("epoll_wait");
            exit (1);
        }
    }
}

void http_answer (connection_t *connection, int status, const char *json)
{
    char out[1024];
    int size = snprintf (out, sizeof (out),
                         "HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                         status, strlen (json), json);
    if (size < 0 || (size_t) size >= sizeof (out) ||
        send (connection->source.fd, out, (size_t) size, MSG_NOSIGNAL) != size)
        shutdown (connection->source.fd, SHUT_RDWR); // The loop sees the end and frees it
}

// Answer the first request in the buffer. False where it is not all there; -1 in *bad where it never will be.
static bool answer_one (connection_t *self, bool *bad)
{
    self->buffer[self->used] = 0;
    char *end = strstr (self->buffer, "\r\n\r\n");
    char method[8], path[256];
    if (!end)
        return false;
    if (sscanf (self->buffer, "%7s %255s", method, path) != 2) {
        *bad = true;
        return false;
    }
    const char *length = strcasestr (self->buffer, "\r\nContent-Length:");
    size_t body = length && length < end ? strtoul (length + 17, NULL, 10) : 0;
    size_t head = (size_t) (end + 4 - self->buffer);
    *bad = body > MAX_REQUEST - head;
    if (*bad || self->used < head + body)
        return false;
    char *after = self->buffer + head + body;
    char next = *after;
    *after = 0;
    handler (self, method, path, self->buffer + head);
    *after = next;
    self->used -= head + body;
    memmove (self->buffer, after, self->used);
    return true;
}

static void connection_ready (source_t *source)
{
    connection_t *self = (connection_t *) source;
    bool bad = false;
    ssize_t got = recv (source->fd, self->buffer + self->used, MAX_REQUEST - self->used, 0);
    if (got > 0) {
        self->used += (size_t) got;
        while (answer_one (self, &bad))
            continue;
    }
    if (got <= 0 || bad) {
        loop_forget (source);
        close (source->fd);
        free (self);
    }
}

static void listener_ready (source_t *source)
{
    int fd = accept4 (source->fd, NULL, NULL, SOCK_CLOEXEC);
    connection_t *self = fd < 0 ? NULL : malloc (sizeof (*self));
    if (!self)
        return;
    self->source = (source_t){connection_ready, fd};
    self->used = 0;
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof (int));
    loop_add (&self->source);
}

int http_listen (http_handler_t *handle)
{
    static source_t listener;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof (at);
    handler = handle;
    listener = (source_t){listener_ready, socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (bind (listener.fd, (struct sockaddr *) &at, sizeof (at)) != 0 || listen (listener.fd, 1024) != 0 ||
        getsockname (listener.fd, (struct sockaddr *) &at, &size) != 0) {
        perror ("listen");
        exit (1);
    }
    loop_add (&listener);
    return ntohs (at.sin_port);
}
