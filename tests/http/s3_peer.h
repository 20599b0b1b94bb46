/* s3_peer.h - an S3 server played by tests: objects in memory, signatures checked strictly, and whatever can go wrong with a store on request.
 *
 * It knows nothing of common/s3/: what it takes as signed it computes itself, by the letter of the documentation. The bucket is `bucket`, in the path or
 * in the host; the region eu-test-1. It answers as Amazon does as far as the client can tell. */

#ifndef OPENCICD_TEST_S3_PEER_H
#define OPENCICD_TEST_S3_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define S3_PEER_ACCESS "AKTEST0000000000000A"
#define S3_PEER_SECRET "wJalr/XUtnFEMI+K7MDENG/bPxRfiCYTESTKEY"
#define S3_PEER_TOKEN  "session/token+of=STS"
#define S3_PEER_REGION "eu-test-1"

typedef struct s3_peer s3_peer_t;

typedef enum {
    S3_WELL,
    S3_ERROR_500,
    S3_SLOW_DOWN,    // 503
    S3_CUT,          // The connection ends before the answer
    S3_CUT_AFTER,    // It is done, and the connection ends before the answer
    S3_CUT_ANSWERS,  // Likewise, and refusals do not arrive either
    S3_CUT_BODY,     // In the middle of the answer's body
    S3_SILENT,       // No answer until the client leaves
    S3_DENIED,       // 403 AccessDenied
    S3_SKEWED,       // 403 RequestTimeTooSkewed
    S3_NO_BUCKET,    // 404 NoSuchBucket
    S3_OTHER_REGION, // 400 AuthorizationHeaderMalformed, with the region
    S3_FULL,         // 507
    S3_WRONG_ETAG,   // Of a part
    S3_STALE_LIST,   // It lists an upload that has ended
    S3_LATE_ERROR,   // 200, and an error in its body
    S3_WHOLE,        // All of it where a range was asked for
    S3_NO_XML,       // A proxy's page with 502
    S3_EXPIRED,      // 400 ExpiredToken
    S3_UNKNOWN       // 501 for If-None-Match and for ?delete
} s3_peer_harm_t;

s3_peer_t *s3_peer_new (void);
void s3_peer_destroy (s3_peer_t **self_p);
const char *s3_peer_url (const s3_peer_t *self);

// The next `times` requests whose method begins with `method` ("": any) go wrong. Replaces what was ordered before.
void s3_peer_harm (s3_peer_t *self, s3_peer_harm_t harm, const char *method, size_t times);
void s3_peer_delay (s3_peer_t *self, uint32_t delay_ms); // Before each answer, from now on; 0 ends waits
void s3_peer_temporary (s3_peer_t *self,
                        bool only); // Only keys that STS has given are taken, with their token

size_t s3_peer_objects (s3_peer_t *self);
size_t s3_peer_uploads (s3_peer_t *self);                      // Multipart uploads that have not ended
void s3_peer_age_uploads (s3_peer_t *self);                    // As if they had begun two days ago
size_t s3_peer_requests (s3_peer_t *self, const char *method); // So far; "": all
size_t s3_peer_at_once (s3_peer_t *self);               // Requests that it served at the same time, at most
bool s3_peer_damage (s3_peer_t *self, const char *key); // Flips a byte of an object; false: there is none
// The key of the nth object, in the order of keys, without the bucket; NULL past the last. Lives until the next change.
const char *s3_peer_key (s3_peer_t *self, size_t nth);

#endif
