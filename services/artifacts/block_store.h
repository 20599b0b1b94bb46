/* block_store.h - the rows of blocks: parts of an upload that have arrived under a name and have no position in it yet.
 *
 * A block arrives in pieces, all in one request (a take). It is complete with its last piece; a later take of the same name replaces
 * it. Pieces are stored under keys of their own, which become parts of the upload as they are. */

#ifndef OPENCICD_BLOCK_STORE_H
#define OPENCICD_BLOCK_STORE_H

#include "services/artifacts/upload_store.h"

#define PIECE_LEAST \
    (64 << 10) // A smaller piece counts as this much, so that the number of rows has a bound too

typedef struct {
    const char *upload, *block, *take;
    uint32_t piece;
    uint32_t chunk; // Of the piece, from 0
    bool
        held; // Its blob is a chunk that the upload holds already (chunk_store.h); else it is the upload's own
    int64_t bytes;
    part_t part; // Its blob and frames
} block_piece_t;

// How many rows of this piece of that take are there: one or more where it was stored.
MUST_USE fault_t block_store_has (db_t *db, turn_t *turn, const block_piece_t *piece, size_t *rows);
// A piece, or a chunk of it, whose blob is written. TOO_LARGE where the upload has no room for it; CONFLICT where it is closed.
MUST_USE fault_t block_store_add (db_t *db, turn_t *turn, const block_piece_t *piece);
// This piece completes the take, which becomes the block. CONFLICT if pieces are missing, TOO_LARGE past MAX_BLOCKS.
MUST_USE fault_t block_store_set (db_t *db, turn_t *turn, const block_piece_t *last);

// The pieces of a block as parts, in order, added to what *parts has; part->start is their size. INVALID where there is no such block.
MUST_USE fault_t block_store_pieces (db_t *db, turn_t *turn, const char *upload, const char *block,
                                     part_t **parts, size_t *count, size_t *capacity);

// Starts over: no block has a position; they are now placed in the order of this list.
MUST_USE fault_t block_store_restart (db_t *db, turn_t *turn, const char *upload, const char *list);
// Blocks up to `gathered` have their position; upload->sha covers all of them. *moved is false if another request was faster.
MUST_USE fault_t block_store_advance (db_t *db, turn_t *turn, const upload_t *upload, int64_t from,
                                      bool *moved);
// All blocks have their position; unused ones become garbage.
MUST_USE fault_t block_store_close (db_t *db, turn_t *turn, const upload_t *upload);
MUST_USE fault_t block_store_drop (db_t *db, turn_t *turn, const char *upload); // All of them become garbage

#endif
