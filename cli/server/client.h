/* client.h - the command line's HTTP client of one server.
 *
 * Answers are read into values by their JSON, not into messages: a newer server's additional fields do no harm. What the server
 * says of a refusal (problem+json) becomes the turn's detail. Redirects are not followed: the token goes to one server. */

#ifndef OPENCICD_CLI_SERVER_CLIENT_H
#define OPENCICD_CLI_SERVER_CLIENT_H

#include "common/http/http_client.h"
#include "common/settings/settings.h"
#include "workflow/expression/value.h"

#define CLIENT_ANSWER_MAX (64 << 20) // Bytes of an answer that is held in memory
#define CLIENT_TOTAL_MS   120000     // Of one request; a download may take any time while bytes arrive
#define CLIENT_SILENCE_MS 60000      // A download without a byte for this long is aborted

typedef struct client client_t;

typedef struct {
    const char *text; // As received, followed by a NUL
    size_t size;
    const value_t *json; // null if it is empty
} answer_t;

MUST_USE fault_t client_new (client_t **out, turn_t *turn, const settings_t *settings);
void client_destroy (client_t **self_p);
const char *client_url (const client_t *self);

// `body` is JSON, or NULL. OK for a 2xx; the server's fault, or UNAVAILABLE and TIMEOUT where none answers.
MUST_USE fault_t client_ask (client_t *self, turn_t *turn, const char *method, const char *path,
                             const char *body, answer_t *out);

// Sends bytes. The answer's body is not read.
MUST_USE fault_t client_put (client_t *self, turn_t *turn, const char *path, const void *data, size_t size);

// With one more header, or NULL. The body goes to `take` as it comes; false from it ends the transfer with BROKEN.
MUST_USE fault_t client_download (client_t *self, turn_t *turn, const char *path, const char *header,
                                  http_take_fn *take, void *take_self);

// What a request to this server needs: its URL, and in *headers its token and up to two more (NULL: fewer).
#define CLIENT_HEADERS 4
http_request_t client_request (const client_t *self, arena_t *arena, const char *path, const char *first,
                               const char *second, const char *headers[CLIENT_HEADERS]);
// What an answer with this status and body means; sets the detail if it is not a 2xx.
fault_t client_judge (turn_t *turn, const char *url, int status, const char *body, size_t size);

#endif
