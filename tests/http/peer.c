/* peer.c - see peer.h. A connection's thread ends with the connection and is joined by peer_destroy, which cuts it. */

#include "tests/http/peer.h"

#include "common/base/buffer.h"
#include "common/http/http_chunks.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_SIZE 65536

struct peer_conn {
    peer_conn_t *next;
    peer_t *peer;
    pthread_t thread;
    int fd;
    SSL *tls; // NULL without
    buffer_t *in;
    bool closes;
};

struct peer {
    peer_options_t options;
    int listener;
    char url[64];
    SSL_CTX *tls;
    pthread_t thread;
    pthread_mutex_t lock;
    peer_conn_t *first;
    size_t connections;
    atomic_bool ends;
};

// ---- bytes

static ssize_t receive (peer_conn_t *self, void *into, size_t size)
{
    return self->tls ? SSL_read (self->tls, into, (int) size) : recv (self->fd, into, size, 0);
}

bool peer_write (peer_conn_t *self, const void *bytes, size_t size)
{
    for (const char *at = bytes; size > 0;) {
        ssize_t sent =
            self->tls ? SSL_write (self->tls, at, (int) size) : send (self->fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t) sent;
    }
    return true;
}

bool peer_say (peer_conn_t *self, const char *text)
{
    return peer_write (self, text, strlen (text));
}

void peer_answer_bytes (peer_conn_t *self, int status, const char *headers, const void *body, size_t size)
{
    buffer_t *answer = buffer_new (PEER_REQUEST_MAX);
    bool bare = status == 204 || status == 304;
    buffer_printf (answer, "HTTP/1.1 %d X\r\n%s", status, headers);
    if (!bare)
        buffer_printf (answer, "Content-Length: %zu\r\n", size);
    buffer_puts (answer, "\r\n");
    bool together = size < PEER_REQUEST_MAX / 2; // One write, as long as it costs one copy of little
    buffer_add (answer, body, bare || !together ? 0 : size);
    if (peer_write (self, buffer_text (answer), buffer_size (answer)) && !bare && !together)
        (void) peer_write (self, body, size);
    buffer_destroy (&answer);
}

void peer_answer (peer_conn_t *self, int status, const char *headers, const char *body)
{
    peer_answer_bytes (self, status, headers, body, strlen (body));
}

void peer_close (peer_conn_t *self)
{
    self->closes = true;
}

void peer_wait_until_left (peer_conn_t *self)
{
    char byte;
    while (receive (self, &byte, 1) > 0) // Destroying the peer shuts the socket
        continue;
    self->closes = true;
}

// ---- requests

static bool read_more (peer_conn_t *self)
{
    char bytes[READ_SIZE];
    ssize_t got = receive (self, bytes, sizeof bytes);
    if (got > 0)
        buffer_add (self->in, bytes, (size_t) got);
    return got > 0 && !buffer_full (self->in);
}

static bool read_head (peer_conn_t *self, size_t *size)
{
    head_part_t part;
    while ((part = http_head_find (buffer_text (self->in), buffer_size (self->in), 0, size)) == HEAD_PART)
        if (!read_more (self))
            return false;
    return part == HEAD_WHOLE;
}

static bool read_chunks (peer_conn_t *self, size_t head, buffer_t *body)
{
    http_chunks_t chunks = {0};
    for (size_t at = head;;) {
        size_t used, size;
        const char *data;
        chunks_t what = http_chunks_take (&chunks, buffer_text (self->in) + at, buffer_size (self->in) - at,
                                          &used, &data, &size);
        if (what == CHUNKS_DATA)
            buffer_add (body, data, size);
        at += used;
        if (what == CHUNKS_END)
            buffer_cut (self->in, at);
        if (what == CHUNKS_END || what == CHUNKS_BAD)
            return what == CHUNKS_END;
        if (what == CHUNKS_MORE && !read_more (self))
            return false;
    }
}

static bool read_body (peer_conn_t *self, size_t head, int64_t length, buffer_t *body)
{
    if (length < 0)
        return read_chunks (self, head, body);
    size_t whole = head + (size_t) length;
    while (buffer_size (self->in) < whole)
        if (!read_more (self))
            return false;
    buffer_add (body, buffer_text (self->in) + head, (size_t) length);
    buffer_cut (self->in, whole);
    return true;
}

static bool serve_one (peer_conn_t *self)
{
    size_t size;
    if (!read_head (self, &size))
        return false;
    http_head_t head;
    char *text = strndup (buffer_text (self->in), size);
    buffer_t *all = buffer_new (PEER_REQUEST_MAX), *body = buffer_new (PEER_REQUEST_MAX);
    buffer_add (all, text, size);
    bool good = http_head_parse (&head, text, size).status == 0 &&
                read_body (self, size, http_head_length (&head), body);
    if (good) {
        buffer_add (all, buffer_text (body), buffer_size (body));
        const peer_request_t request = {.conn = self,
                                        .head = &head,
                                        .body = buffer_text (body),
                                        .size = buffer_size (body),
                                        .text = buffer_text (all)};
        self->peer->options.serve (self->peer->options.self, &request);
    }
    buffer_destroy (&all);
    buffer_destroy (&body);
    free (text);
    return good && !self->closes;
}

static void *serve_all (void *self_)
{
    peer_conn_t *self = self_;
    bool good = !self->tls || SSL_accept (self->tls) == 1;
    while (good && serve_one (self))
        continue;
    pthread_mutex_lock (&self->peer->lock); // Against peer_destroy, which shuts what is open
    SSL_free (self->tls);
    close (self->fd);
    self->fd = -1;
    pthread_mutex_unlock (&self->peer->lock);
    ERR_clear_error ();
    buffer_destroy (&self->in);
    return NULL;
}

// ---- connections

static void take (peer_t *self, int fd)
{
    peer_conn_t *conn = calloc (1, sizeof (peer_conn_t));
    if (!conn)
        abort ();
    conn->peer = self;
    conn->fd = fd;
    conn->in = buffer_new (PEER_REQUEST_MAX);
    if (self->tls && (!(conn->tls = SSL_new (self->tls)) || SSL_set_fd (conn->tls, fd) != 1))
        abort ();
    pthread_mutex_lock (&self->lock);
    conn->next = self->first;
    self->first = conn;
    self->connections++;
    if (pthread_create (&conn->thread, NULL, serve_all, conn) != 0)
        abort ();
    pthread_mutex_unlock (&self->lock);
}

static void *accept_all (void *self_)
{
    peer_t *self = self_;
    for (int fd; (fd = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
        take (self, fd);
    return NULL;
}

static void listen_at (peer_t *self, const char *path)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof inet;
    self->listener = socket (path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf (local.sun_path, sizeof local.sun_path, "%s", path ? path : "");
    snprintf (self->url, sizeof self->url, "http://localhost");
    if (path) {
        CHECK_INT (bind (self->listener, (struct sockaddr *) &local, sizeof local), 0);
    } else {
        CHECK_INT (bind (self->listener, (struct sockaddr *) &inet, size), 0);
        CHECK_INT (getsockname (self->listener, (struct sockaddr *) &inet, &size), 0);
        snprintf (self->url, sizeof self->url, "http%s://127.0.0.1:%d", self->tls ? "s" : "",
                  ntohs (inet.sin_port));
    }
    CHECK_INT (listen (self->listener, 64), 0);
}

peer_t *peer_new (const peer_options_t *options)
{
    peer_t *self = calloc (1, sizeof (peer_t));
    if (!self)
        abort ();
    self->options = *options;
    pthread_mutex_init (&self->lock, NULL);
    if (options->cert_file) {
        self->tls = SSL_CTX_new (TLS_server_method ());
        CHECK_INT (SSL_CTX_use_certificate_file (self->tls, options->cert_file, SSL_FILETYPE_PEM), 1);
        CHECK_INT (SSL_CTX_use_PrivateKey_file (self->tls, options->key_file, SSL_FILETYPE_PEM), 1);
    }
    listen_at (self, options->unix_socket);
    CHECK_INT (pthread_create (&self->thread, NULL, accept_all, self), 0);
    return self;
}

void peer_destroy (peer_t **self_p)
{
    peer_t *self = *self_p;
    if (!self)
        return;
    atomic_store (&self->ends, true);
    shutdown (self->listener, SHUT_RDWR); // Brings accept back
    pthread_join (self->thread, NULL);
    close (self->listener);
    pthread_mutex_lock (&self->lock);
    for (peer_conn_t *conn = self->first; conn; conn = conn->next)
        if (conn->fd >= 0)
            shutdown (conn->fd, SHUT_RDWR);
    pthread_mutex_unlock (&self->lock);
    while (self->first) {
        peer_conn_t *conn = self->first;
        self->first = conn->next;
        pthread_join (conn->thread, NULL);
        free (conn);
    }
    SSL_CTX_free (self->tls);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

const char *peer_url (const peer_t *self)
{
    return self->url;
}

size_t peer_connections (peer_t *self)
{
    pthread_mutex_lock (&self->lock);
    size_t count = self->connections;
    pthread_mutex_unlock (&self->lock);
    return count;
}

bool peer_ends (peer_t *self)
{
    return atomic_load (&self->ends);
}
