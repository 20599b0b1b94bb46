/* blocks.h - an upload whose bytes arrive in named blocks, in any order, and get their position when the list of them arrives.
 *
 * That is how GitHub's toolkit uploads to an Azure block blob. A block arrives in pieces of at most MAX_PART bytes, which become the
 * parts of the upload without being copied. The list is processed a few blocks at a time, because their checksum must be computed: each
 * step is committed, so that a client that sends the list again continues there. */

#ifndef OPENCICD_BLOCKS_H
#define OPENCICD_BLOCKS_H

#include "services/artifacts/block_store.h"
#include "services/artifacts/chunk_store.h"
#include "services/artifacts/upload.h"

// A new one, without bytes. Inside a unit of work.
MUST_USE fault_t blocks_open (uploads_t *self, turn_t *turn, upload_t *out);
// One piece; the last one makes the block. A piece that is there already is OK too. Of a cache, `project` is whose caches have their bytes
// in common; NULL: the upload's bytes are its own.
MUST_USE fault_t blocks_put (uploads_t *self, turn_t *turn, const upload_t *upload, const char *project,
                             const artifact_block_t *ask);
// The same with chunks that a cache of the project has: `piece` says of which block. *shared is how many of them are there still.
MUST_USE fault_t blocks_share (uploads_t *self, turn_t *turn, const upload_t *upload, const char *project,
                               const block_piece_t *piece, const chunk_list_t *chunks, size_t *shared);
// Places the next blocks of the list; upload->gathered is how many have their position. The last one closes the upload: then its size is known.
MUST_USE fault_t blocks_gather (uploads_t *self, turn_t *turn, upload_t *upload,
                                const artifact_gather_t *ask);

#endif
