/* sigv4.h - how a request to an S3 store proves who sends it: AWS Signature Version 4, in headers or in the address itself. Pure functions.
 *
 * Source: "Authenticating Requests (AWS Signature Version 4)", Amazon S3 API Reference; its examples are the unit tests. libcurl signs too, but
 * signs path and query as they are, sorts some headers wrongly and cannot sign an address, so that there would be two signers. */

#ifndef OPENCICD_SIGV4_H
#define OPENCICD_SIGV4_H

#include "common/base/arena.h"

#include <stdbool.h>

#define SIGV4_HEADERS  16          // Of one request, those that it adds included
#define SIGV4_SECONDS  (7 * 86400) // How long a signed address may be good, at most
#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"

typedef struct {
    const char *access_key, *secret_key;
    const char *token; // Of temporary credentials; "" for none
    const char *region, *service;
} sigv4_key_t;

typedef struct {
    const char *method;
    const char *host;  // With its port, where that is not the scheme's own
    const char *path;  // From its `/`, encoded: sigv4_escape()
    const char *query; // "a=1&b=", encoded, in any order; "" for none
    const char *const *
        headers; // "name: value", lower-case names, beside host and those that it adds; ends with NULL; or NULL
    const char *sum; // SHA-256 of the body in hex, or SIGV4_UNSIGNED
    int64_t now_us;
} sigv4_request_t;

// All but letters, digits and `-._~` as %XX in upper case; of a path's `/` too, where `slash` is false.
const char *sigv4_escape (arena_t *arena, const char *text, bool slash);
// What the signature is made of, for tests. `signed_names` is filled with "host;x-amz-date".
const char *sigv4_canonical (arena_t *arena, const sigv4_request_t *request, const char **signed_names);
// The request's headers and those that sign it, "Name: value", ended by NULL.
const char *const *sigv4_headers (arena_t *arena, const sigv4_key_t *key, const sigv4_request_t *request);
// The query of an address that is good for that many seconds, the request's own included. `headers` and `sum` are not looked at.
const char *sigv4_query (arena_t *arena, const sigv4_key_t *key, const sigv4_request_t *request,
                         uint32_t seconds);

#endif
