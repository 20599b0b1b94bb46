/* blob_s3.h - blobs as objects of a bucket of Amazon S3, or of a server that speaks its protocol (Ceph, MinIO, Swift, Garage, ...).
 *
 * Source: Amazon S3 API Reference. Each request is signed over the SHA-256 of its body, so the store refuses what was damaged on the way; the sum is
 * kept with the object (x-amz-meta-sha256). An object is put only where none is (If-None-Match: *); a server that does not know this overwrites, which
 * is harmless, as keys are fresh: whoever puts one twice puts the same bytes. */

#ifndef OPENCICD_BLOB_S3_H
#define OPENCICD_BLOB_S3_H

#include "common/blob/blob.h"
#include "common/s3/s3_credentials.h"
#include "common/s3/s3_place.h"

typedef struct {
    s3_options_t place;
    s3_credentials_options_t credentials; // Its region is the place's
    const char *ca_file;                  // "": the system's authorities
    uint32_t total_ms;                    // Of one request with all its attempts
} blob_s3_options_t;

// Sends nothing yet: blob_check() does. BAD_INPUT names the setting that is wrong.
MUST_USE fault_t blob_s3_open (blob_t **out, turn_t *turn, const blob_s3_options_t *options);

#endif
