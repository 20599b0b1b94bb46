/* s3_writing.h - an object that is written in pieces: a multipart upload, its parts sent several at once. Private to common/s3/. */

#ifndef OPENCICD_S3_WRITING_H
#define OPENCICD_S3_WRITING_H

#include "common/s3/s3_exchange.h"

// As blob_engine_t has them.
MUST_USE fault_t s3_writing_begin (void **writing, void *state, turn_t *turn, const char *key);
MUST_USE fault_t s3_writing_write (void *writing, turn_t *turn, const void *data, size_t size);
MUST_USE fault_t s3_writing_end (void *writing, turn_t *turn, const char *sha256);
void s3_writing_drop (void *writing);

// Ends multipart uploads below the prefix that nobody can be writing any more: what a process that was killed has left. Faults are the store's.
MUST_USE fault_t s3_writing_sweep (s3_t *self, turn_t *turn);

#endif
