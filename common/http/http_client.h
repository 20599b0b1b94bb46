/* http_client.h - requests to other HTTP servers: the one place beside the blob store that knows curl.
 *
 * A client is a set of kept connections and the transfers in progress on them. It works in one of two ways:
 *   - without a thread of its own, whoever waits does the work: http_client_send() until its answer is there, http_client_drive() for
 *     whatever is in progress. One thread at a time; no hand-over, so that a request costs what curl costs.
 *   - after http_client_start() it has a thread. Any thread begins transfers, whose `done` runs in that thread, or sends and waits.
 *     http_actor.h posts an answer to an actor.
 *
 * Each transfer has time limits (to connect, in all, without a byte), each answer a size limit. Certificates are always verified, against the
 * system's authorities or a file; nothing but http and https is spoken, HTTP/1.1 alone; no redirect is followed unless the request
 * says so, then never from https to http, and credentials stay with their host. Sockets are not inherited by children. Nothing is
 * logged, and no detail repeats more of a URL than its origin: the rest may hold a token. */

#ifndef OPENCICD_HTTP_CLIENT_H
#define OPENCICD_HTTP_CLIENT_H

#include "common/base/turn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_CONNECT_MS   5000
#define HTTP_TOTAL_MS     30000
#define HTTP_NO_END       UINT32_MAX // As a time limit: none
#define HTTP_ANSWER_MAX   (24 << 20) // Bytes of an answer that is held in memory
#define HTTP_ANSWER_HEAD  (64 << 10) // Bytes of its header lines; what is past it is not kept
#define HTTP_TRANSFERS    4096
#define HTTP_CLIENT_SPARE 8 // curl handles kept for the next requests

typedef struct http_client http_client_t;

typedef struct {
    uint32_t transfers; // At once; past it OVERLOADED. 0: HTTP_TRANSFERS
    uint32_t kept;      // Idle connections; 0: curl's own bound
    uint32_t per_host;  // Connections; a transfer that finds none free waits, on its own time. 0: no bound
    const char *unix_socket; // All requests go there, whatever host their URL names; NULL: over TCP
    const char *proxy;       // NULL: as the environment says; "": none
    const char *ca_file;     // PEM of the authorities that are trusted, in place of the system's
    const char *cert_file;   // PEM of the certificate that is shown, with key_file
    const char *key_file;
} http_client_options_t;

// Reads up to `size` bytes of the body from `offset` on; the offset goes back if a kept connection turned out to be dead. -1 aborts.
typedef int64_t http_read_fn (void *self, int64_t offset, void *into, size_t size);
// A piece of a 2xx answer's body; false ends the transfer with BROKEN.
typedef bool http_take_fn (void *self, const char *bytes, size_t size);

typedef struct {
    const char *method;         // NULL: GET
    const char *url;            // Sent as it is: nothing in its path is resolved
    const char *const *headers; // "Name: value", ends with NULL; or NULL
    const void *body;           // In memory, or:
    size_t size;
    bool borrow; // The body lives until `done`: it is not copied
    http_read_fn *read;
    int64_t read_size;   // Of all that `read` gives; -1: until it gives nothing, in chunks
    http_take_fn *take;  // NULL: the body is part of the answer, as one that is not a 2xx always is
    void *stream;        // First argument of read and take
    size_t answer_max;   // 0: HTTP_ANSWER_MAX
    uint32_t connect_ms; // 0: HTTP_CONNECT_MS
    uint32_t total_ms;   // From the start to the last byte, connecting included; 0: HTTP_TOTAL_MS
    uint32_t silence_ms; // Without a byte in either direction, whole seconds; 0: only total_ms counts
    uint32_t delay_ms;   // Before it starts
    uint32_t redirects;  // Followed at most, of a GET
    bool certificate;    // Look until when the server's certificate is valid
    const char *
        address; // Connect here instead of resolving the URL's host, which the caller did and checked; NULL: resolve it
} http_request_t;

typedef struct {
    fault_t fault; // OK: an answer came, whatever its status
    bool cancelled;
    bool sent;          // False: not a byte has left, so the request can safely be made anew
    const char *detail; // Of a fault, without the URL; NULL where `take` or `read` ended it
    int status;
    const char *head; // Lines of the answer's head
    const char *body; // A NUL follows
    size_t size;
    int64_t certificate_until_us; // UTC; 0: not asked for, or without TLS
} http_answer_t;

http_client_t *http_client_new (const http_client_options_t *options); // Copies them; NULL: none
// Cancels what is in progress. No other thread may be using it.
void http_client_destroy (http_client_t **self_p);

// Sends and waits. OK if an answer came, whatever its status; it lives in the turn's arena. Else UNAVAILABLE, TIMEOUT, TOO_LARGE, INVALID or BROKEN.
MUST_USE fault_t http_client_send (http_client_t *self, turn_t *turn, const http_request_t *request,
                                   http_answer_t *out);

// Begins a transfer. `done` is called once, with strings that live until it returns; it may begin others. OVERLOADED or UNAVAILABLE: it is never called.
// Copies everything except `stream` and a borrowed body. *id, which may be NULL, is unique.
typedef void http_done_fn (void *self, const http_answer_t *answer);
MUST_USE fault_t http_client_begin (http_client_t *self, const http_request_t *request, http_done_fn *done,
                                    void *done_self, uint64_t *id);
// From any thread: ends it with UNAVAILABLE and `cancelled`. Harmless if it has ended.
void http_client_cancel (http_client_t *self, uint64_t id);
// From any thread: cancels all transfers, and makes later ones UNAVAILABLE.
void http_client_abandon (http_client_t *self);

// Gives it a thread. False if none can be started.
MUST_USE bool http_client_start (http_client_t *self, const char *name);
void http_client_stop (
    http_client_t *self); // Abandons all and ends the thread; `done` of pending transfers runs here

// Without a thread: works until a `done` was called, `fd` (-1: none) is readable (*readable), or `until_us` has come.
MUST_USE fault_t http_client_drive (http_client_t *self, turn_t *turn, int fd, int64_t until_us,
                                    bool *readable);

// The value of the last header of that name in an answer; NULL where there is none.
const char *http_answer_header (const http_answer_t *self, arena_t *arena, const char *name);

#endif
