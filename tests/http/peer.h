/* peer.h - the other side of whatever sends HTTP requests, played by a test: a real server on a real socket.
 *
 * Each connection has a thread. Requests are read whole, with the same strictness as the server's own; `serve` answers them, wrongly where
 * the test is about that, or holds them. CHECK has no place in `serve`: it is not the test's thread. */

#ifndef OPENCICD_TEST_PEER_H
#define OPENCICD_TEST_PEER_H

#include "common/http/http_head.h"

#include <stdbool.h>
#include <stddef.h>

#define PEER_REQUEST_MAX (32 << 20) // Bytes of a request; with more the connection is cut

typedef struct peer peer_t;
typedef struct peer_conn peer_conn_t;

typedef struct {
    peer_conn_t *conn;
    const http_head_t *head;
    const char *body; // A NUL follows
    size_t size;
    const char *text; // All of it as it came, its body taken out of chunks
} peer_request_t;

// Must return when peer_ends, at the latest.
typedef void peer_serve_fn (void *self, const peer_request_t *request);

typedef struct {
    peer_serve_fn *serve;
    void *self;
    const char *unix_socket;          // Where it listens; NULL: a free port of 127.0.0.1
    const char *cert_file, *key_file; // PEM: it speaks TLS
} peer_options_t;

peer_t *peer_new (const peer_options_t *options);
void peer_destroy (peer_t **self_p);       // Cuts all connections
const char *peer_url (const peer_t *self); // "http://127.0.0.1:1234"
size_t peer_connections (peer_t *self);    // So far
bool peer_ends (peer_t *self);             // It is being destroyed

// ---- for `serve`

// One whole answer. `headers`: "A: b\r\n", or "".
void peer_answer (peer_conn_t *self, int status, const char *headers, const char *body);
void peer_answer_bytes (peer_conn_t *self, int status, const char *headers, const void *body, size_t size);
bool peer_write (peer_conn_t *self, const void *bytes,
                 size_t size); // As they are; false where the client has gone
bool peer_say (peer_conn_t *self, const char *text);
void peer_close (peer_conn_t *self);           // After `serve`, in place of waiting for the next request
void peer_wait_until_left (peer_conn_t *self); // Until the client has closed the connection, or the peer ends

#endif
