/* stores.h - each blob store that there is, for tests that hold for all of them: a directory, a bucket of the played server (s3_peer.h), and the
 * bucket of a real one where OPENCICD_TEST_S3 names it (s3://BUCKET; endpoint and keys by AWS's variables). */

#ifndef OPENCICD_TEST_STORES_H
#define OPENCICD_TEST_STORES_H

#include "common/blob/blob.h"
#include "common/s3/blob_s3.h"
#include "tests/http/s3_peer.h"

typedef enum { STORE_DIRECTORY, STORE_PLAYED, STORE_REAL, STORES } store_kind_t;

typedef struct {
    store_kind_t kind;
    char folder[256]; // STORE_DIRECTORY: with the store in it
    char url[400];
    s3_peer_t *peer; // STORE_PLAYED
    arena_t *arena;
} test_store_t;

bool store_is_there (store_kind_t kind);
void test_store_begin (test_store_t *self, store_kind_t kind);
void test_store_end (test_store_t *self);
// As often as a test wants, also at the same time.
blob_t *test_store_open (test_store_t *self);
// What it would be opened with, for tests that want it otherwise; of a bucket alone.
blob_s3_options_t test_store_options (test_store_t *self);

#endif
