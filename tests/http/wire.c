/* wire.c - see wire.h. */

#include "tests/http/wire.h"

#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

wire_t wire_open (const char *address)
{
    return wire_open_from (address, "127.0.0.1");
}

wire_t wire_open_from (const char *address, const char *source)
{
    wire_t self = {.fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in from = {.sin_family = AF_INET};
    if (inet_pton (AF_INET, source, &from.sin_addr) != 1 ||
        bind (self.fd, (struct sockaddr *) &from, sizeof (from)) != 0)
        abort ();
    struct sockaddr_in to = {.sin_family = AF_INET};
    char host[64];
    snprintf (host, sizeof (host), "%.*s", (int) (strchr (address, ':') - address), address);
    inet_pton (AF_INET, host, &to.sin_addr);
    to.sin_port = htons ((uint16_t) strtoul (strchr (address, ':') + 1, NULL, 10));
    if (connect (self.fd, (struct sockaddr *) &to, sizeof (to)) != 0)
        abort ();
    return self;
}

void wire_close (wire_t *self)
{
    close (self->fd);
    free (self->data);
    *self = (wire_t){.fd = -1};
}

void wire_send_bytes (wire_t *self, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t sent = send (self->fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += sent;
        size -= (size_t) sent;
    }
}

void wire_send (wire_t *self, const char *text)
{
    wire_send_bytes (self, text, strlen (text));
}

void wire_finish (wire_t *self)
{
    shutdown (self->fd, SHUT_WR);
}

// More bytes; false at the end or at the deadline.
static bool receive (wire_t *self, int64_t until_us)
{
    int64_t left_us = until_us - clock_monotonic_us ();
    struct pollfd poll_fd = {.fd = self->fd, .events = POLLIN};
    if (left_us <= 0 || poll (&poll_fd, 1, (int) (left_us / 1000)) != 1)
        return false;
    if (self->capacity - self->size < 65537) {
        self->capacity = self->capacity * 2 + 131072;
        self->data = realloc (self->data, self->capacity);
        if (!self->data)
            abort ();
    }
    ssize_t got = recv (self->fd, self->data + self->size, 65536, 0);
    if (got <= 0)
        return false;
    self->size += (size_t) got;
    self->data[self->size] = '\0';
    return true;
}

void wire_drop (wire_t *self, size_t size)
{
    self->size -= size;
    memmove (self->data, self->data + size, self->size + 1);
}

const char *wire_until (wire_t *self, const char *text)
{
    int64_t until_us = test_until_us ();
    for (;;) {
        const char *found = self->data ? strstr (self->data, text) : NULL;
        if (found)
            return found;
        if (!receive (self, until_us))
            return NULL;
    }
}

bool wire_comes (wire_t *self, int wait_ms)
{
    struct pollfd poll_fd = {.fd = self->fd, .events = POLLIN};
    return poll (&poll_fd, 1, wait_ms) == 1;
}

bool wire_ended (wire_t *self)
{
    int64_t until_us = test_until_us ();
    while (receive (self, until_us))
        ;
    return clock_monotonic_us () < until_us;
}

const char *wire_header (const wire_answer_t *self, const char *name, char *into, size_t size)
{
    size_t length = strlen (name);
    for (const char *line = strstr (self->head, "\r\n"); line && line[2]; line = strstr (line + 2, "\r\n"))
        if (strncasecmp (line + 2, name, length) == 0 && line[2 + length] == ':') {
            const char *value = line + 3 + length + strspn (line + 3 + length, " ");
            snprintf (into, size, "%.*s", (int) strcspn (value, "\r"), value);
            return into;
        }
    return NULL;
}

wire_answer_t wire_answer_head (wire_t *self)
{
    wire_answer_t answer = {0};
    const char *end = wire_until (self, "\r\n\r\n");
    if (!end || (size_t) (end + 4 - self->data) >= sizeof (answer.head))
        return answer;
    size_t size = (size_t) (end + 4 - self->data);
    memcpy (answer.head, self->data, size);
    wire_drop (self, size);
    if (strncmp (answer.head, "HTTP/1.1 ", 9) == 0)
        answer.status = (int) strtol (answer.head + 9, NULL, 10);
    return answer;
}

wire_answer_t wire_answer (wire_t *self)
{
    char length[32];
    wire_answer_t answer = wire_answer_head (self);
    if (answer.status == 0)
        return answer;
    int64_t until_us = test_until_us ();
    bool known = wire_header (&answer, "Content-Length", length, sizeof (length)) != NULL;
    bool none = answer.status == 100 || answer.status == 204 || answer.status == 304;
    size_t want = none ? 0 : known ? strtoul (length, NULL, 10) : SIZE_MAX;
    while (self->size < want && receive (self, until_us))
        ;
    if (known && self->size < want && !none)
        answer.status = 0;
    answer.size = self->size < want ? self->size : want;
    answer.body = calloc (1, answer.size + 1);
    if (answer.size) {
        memcpy (answer.body, self->data, answer.size);
        wire_drop (self, answer.size);
    }
    return answer;
}

wire_answer_t wire_ask (const char *address, const char *method, const char *path, const char *token,
                        const char *headers, const char *body)
{
    char head[WIRE_HEAD];
    wire_t http = wire_open (address);
    snprintf (head, sizeof (head), "%s %s HTTP/1.1\r\nHost: test\r\n%s%s%sContent-Length: %zu\r\n%s\r\n",
              method, path, token ? "Authorization: Bearer " : "", token ? token : "", token ? "\r\n" : "",
              strlen (body), headers);
    wire_send (&http, head);
    wire_send (&http, body);
    wire_answer_t answer = strcmp (method, "HEAD") == 0 ? wire_answer_head (&http) : wire_answer (&http);
    wire_close (&http);
    return answer;
}

void wire_forget (wire_answer_t *self)
{
    free (self->body);
    self->body = NULL;
}
