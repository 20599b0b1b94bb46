/* s3_signature.h - is a request signed as Amazon's documentation of Signature Version 4 wants it? For s3_peer.c alone. */

#ifndef OPENCICD_TEST_S3_SIGNATURE_H
#define OPENCICD_TEST_S3_SIGNATURE_H

#include "tests/http/peer.h"

typedef struct {
    const char *access, *secret, *token, *region; // token NULL: none is taken
} s3_peer_key_t;

// NULL where it is; else the code of the error: "SignatureDoesNotMatch", "AccessDenied", "RequestTimeTooSkewed", ...
const char *s3_signature_check (const peer_request_t *request, const s3_peer_key_t *key);

#endif
