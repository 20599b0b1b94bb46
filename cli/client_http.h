/* client_http.h - one server, asked from the command line.
 *
 * Answers are read into values by their JSON, not into messages: a newer server's further fields do no harm. What the server
 * says of a refusal (problem+json) becomes the turn's detail. Redirects are not followed: the token goes to one server. */

#ifndef OPENCICD_CLI_CLIENT_HTTP_H
#define OPENCICD_CLI_CLIENT_HTTP_H

#include "common/settings.h"
#include "common/turn.h"
#include "workflow/value.h"

#include <stdbool.h>

#define CLIENT_ANSWER_MAX (64 << 20) // Bytes of an answer that is held in memory
#define CLIENT_CONNECT_MS 5000
#define CLIENT_TIMEOUT_MS 120000 // Of one question; a download may take any time while bytes come
#define CLIENT_STALL_S    60     // A download without a byte for so long is given up

typedef struct client client_t;

typedef struct {
    const char *text; // As it came, a NUL follows
    size_t size;
    const value_t *json; // null where it is empty
} answer_t;

MUST_USE fault_t client_new (client_t **out, turn_t *turn, const settings_t *settings);
void client_destroy (client_t **self_p);
const char *client_url (const client_t *self);

// `body` is JSON, or NULL. OK for a 2xx; the server's fault, or UNAVAILABLE and TIMEOUT where none answers.
MUST_USE fault_t client_ask (client_t *self, turn_t *turn, const char *method, const char *path,
                             const char *body, answer_t *out);

// The body goes to `take` as it comes; false from it ends the transfer with BROKEN.
typedef bool client_take_fn (void *self, const char *bytes, size_t size);
MUST_USE fault_t client_download (client_t *self, turn_t *turn, const char *path, client_take_fn *take,
                                  void *take_self);

// A transfer prepared for a GET of `path`, to be run by somebody else (stream_http.h). `headers` grows.
struct curl_slist;
void client_prepare (client_t *self, void *easy, const char *path, struct curl_slist **headers);
// What an answer with this status and body means; sets the detail where it is no 2xx.
fault_t client_judge (turn_t *turn, const char *url, int status, const char *body, size_t size);

// A path segment or query value, percent-encoded.
const char *client_escape (arena_t *arena, const char *text);

#endif
