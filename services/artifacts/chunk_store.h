/* chunk_store.h - the rows of chunks: bytes that a project's caches have in common, stored once.
 *
 * Who adds or removes an upload's hold changes the chunk's row, and so waits for whoever does the same at this moment: a chunk is never removed
 * under one that has just begun to hold it. A chunk is known by the sum of bytes that came here; nobody can name one. */

#ifndef OPENCICD_CHUNK_STORE_H
#define OPENCICD_CHUNK_STORE_H

#include "services/artifacts/upload_store.h"

#define CHUNK_ROW \
    4096 // Bytes that each reference to a chunk counts against a project's limit: rows have a bound, too

typedef struct {
    const char *sum; // SHA-256 of its bytes, hex
    int64_t bytes;
    part_t part; // Its blob and frames
} chunk_t;

// The upload holds these bytes, which are written under a fresh key. *known: they were here; then chunk->part is where, and the
// fresh blob stays garbage. CONFLICT where its reservation has run out.
MUST_USE fault_t chunk_store_hold (db_t *db, turn_t *turn, const char *project, const char *upload,
                                   chunk_t *chunk, bool *known);
// The upload holds what this blob of the same project is. NOT_FOUND where that is not a chunk, or is no longer there.
MUST_USE fault_t chunk_store_share (db_t *db, turn_t *turn, const char *project, const char *upload,
                                    chunk_t *chunk);
// It holds only what has a place in it.
MUST_USE fault_t chunk_store_close (db_t *db, turn_t *turn, const char *upload);
// It holds nothing; what no other one holds becomes garbage.
MUST_USE fault_t chunk_store_drop (db_t *db, turn_t *turn, const char *upload);

// The cache of this upload can be found from now on.
MUST_USE fault_t chunk_store_save (db_t *db, turn_t *turn, const char *upload);
// ... and no longer. *freed: bytes that no other cache has.
MUST_USE fault_t chunk_store_unsave (db_t *db, turn_t *turn, const char *upload, int64_t *freed);
MUST_USE fault_t chunk_store_unsave_all (db_t *db, turn_t *turn, const char *project);
// Bytes of what the caches of a project have, each once.
MUST_USE fault_t chunk_store_bytes (db_t *db, turn_t *turn, const char *project, int64_t *bytes);
// What comes next with the same bytes is stored anew, as this blob is damaged.
MUST_USE fault_t chunk_store_retire (db_t *db, turn_t *turn, const char *blob);

typedef struct {
    chunk_t *items;
    size_t count;
} chunk_list_t;
// The chunks of an upload in the order of its bytes, from `start` on; part.start says where. Ends before a part that is none.
MUST_USE fault_t chunk_store_list (db_t *db, turn_t *turn, const char *upload, int64_t start, size_t limit,
                                   chunk_list_t *out);

#endif
