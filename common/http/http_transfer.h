/* http_transfer.h - one request and its answer on a handle of curl's. Private to common/http/http_client.c and http_transfer.c. */

#ifndef OPENCICD_HTTP_TRANSFER_H
#define OPENCICD_HTTP_TRANSFER_H

#include "common/base/buffer.h"
#include "common/http/http_client.h"

#include <curl/curl.h>

typedef struct http_transfer http_transfer_t;
struct http_transfer {
    http_transfer_t *before, *after; // Of all of its client; under the lock, as what follows
    bool cancelled;
    uint64_t id;
    http_transfer_t *next; // In the list of new ones, or of those that are not due yet
    int64_t due_us;        // Monotonic
    bool seen;             // The working thread has taken it, and owns it from then on
    bool active;           // curl has it
    CURL *easy;
    struct curl_slist *headers, *connect_to;
    void *body; // A copy; NULL where it is borrowed
    http_read_fn *read;
    int64_t read_at;
    http_take_fn *take;
    void *stream;
    int status; // 0 before the first byte of the answer's body
    buffer_t *head, *answer;
    bool stopped;      // By take or read
    bool *called_back; // The client's flag: a callback was called
    http_done_fn *done;
    void *done_self;
    char error[CURL_ERROR_SIZE];
};

// Takes `easy`, whose options are curl's own.
http_transfer_t *transfer_new (CURL *easy, const http_client_options_t *options,
                               const http_request_t *request);
// The outcome; its strings belong to the transfer.
http_answer_t transfer_answer (http_transfer_t *self, CURLcode code);
CURL *transfer_destroy (http_transfer_t **self_p); // Returns the handle, for reuse

#endif
