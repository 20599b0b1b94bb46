/* client_http.c - a blocking socket and one buffer. A connection that the server has closed meanwhile is made anew, once a request. */

#include "tests/bench/client_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_MAX    (1 << 20)
#define ANSWER_SECONDS 60

struct client {
    int fd;
    struct sockaddr_in to;
    char authorization[600]; // A whole header line, or nothing
    char *buffer;            // ANSWER_MAX + 1
    const char *body;
};

int64_t now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

void client_give_up (const char *format, ...)
{
    va_list args;
    va_start (args, format);
    fprintf (stderr, "bench-client: ");
    vfprintf (stderr, format, args);
    fprintf (stderr, "\n");
    va_end (args);
    exit (1);
}

client_t *client_new (const char *url, const char *token)
{
    client_t *self = calloc (1, sizeof (*self));
    char address[64];
    int port;
    if (!self || !(self->buffer = malloc (ANSWER_MAX + 1)))
        client_give_up ("no memory");
    if (sscanf (url, "http://%63[0-9.]:%d", address, &port) != 2)
        client_give_up ("expected http://ADDRESS:PORT, not %s", url);
    self->to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons ((uint16_t) port)};
    inet_pton (AF_INET, address, &self->to.sin_addr);
    if (token[0])
        snprintf (self->authorization, sizeof (self->authorization), "Authorization: Bearer %s\r\n", token);
    self->fd = -1;
    return self;
}

static void hang_up (client_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}

void client_destroy (client_t **self_p)
{
    client_t *self = *self_p;
    if (!self)
        return;
    hang_up (self);
    free (self->buffer);
    free (self);
    *self_p = NULL;
}

static void dial (client_t *self)
{
    struct timeval limit = {.tv_sec = ANSWER_SECONDS};
    self->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt (self->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof (limit));
    setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof (int));
    if (connect (self->fd, (struct sockaddr *) &self->to, sizeof (self->to)) != 0)
        client_give_up ("the server does not take a connection");
}

// Read until head and body are there. False where the connection ended before its first byte.
static bool read_answer (client_t *self, bool *keep)
{
    size_t used = 0, whole = SIZE_MAX;
    while (used < whole) {
        ssize_t got = used < ANSWER_MAX ? recv (self->fd, self->buffer + used, ANSWER_MAX - used, 0) : -1;
        if (got <= 0 && used == 0)
            return false;
        if (got <= 0)
            client_give_up ("an answer that does not end");
        used += (size_t) got;
        self->buffer[used] = 0;
        char *end = whole == SIZE_MAX ? strstr (self->buffer, "\r\n\r\n") : NULL;
        if (end) {
            const char *length = strcasestr (self->buffer, "\r\nContent-Length:");
            if (!length || length > end)
                client_give_up ("an answer without a length: %.200s", self->buffer);
            const char *last = strcasestr (self->buffer, "\r\nConnection: close");
            *keep = !last || last > end;
            self->body = end + 4;
            whole = (size_t) (end + 4 - self->buffer) + strtoul (length + 17, NULL, 10);
        }
    }
    return true;
}

int client_ask (client_t *self, const char *method, const char *path, const char *body)
{
    static _Thread_local char request[REQUEST_MAX];
    int size = snprintf (request, sizeof (request),
                         "%s %s HTTP/1.1\r\nHost: bench\r\n%sContent-Type: application/json\r\n"
                         "Content-Length: %zu\r\n\r\n%s",
                         method, path, self->authorization, strlen (body), body);
    if (size < 0 || (size_t) size >= sizeof (request))
        client_give_up ("a request that is too large");
    for (int attempt = 0; attempt < 2; attempt++) {
        bool keep = true, fresh = self->fd < 0;
        if (fresh)
            dial (self);
        bool sent = send (self->fd, request, (size_t) size, MSG_NOSIGNAL) == size;
        if (sent && read_answer (self, &keep)) {
            if (!keep)
                hang_up (self);
            return (int) strtol (self->buffer + 9, NULL, 10);
        }
        hang_up (self);
        if (fresh)
            break;
    }
    client_give_up ("no answer to %s %s", method, path);
}

const char *client_body (const client_t *self)
{
    return self->body;
}

int client_value (const client_t *self, const char *key, char *into, unsigned size)
{
    char quoted[64];
    snprintf (quoted, sizeof (quoted), "\"%s\"", key);
    const char *at = strstr (self->body, quoted);
    if (!at)
        return 0;
    at += strlen (quoted);
    at += strspn (at, " :\"");
    size_t length = strcspn (at, "\",}");
    if (length >= size)
        return 0;
    memcpy (into, at, length);
    into[length] = 0;
    return 1;
}
