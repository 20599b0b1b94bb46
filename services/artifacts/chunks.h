/* chunks.h - a piece of a cache's bytes, cut where its content says so and written chunk by chunk.
 *
 * The frames of an archive that is packed piece by piece, as the builtin actions do it, are chunks as they are; of what is packed as a whole the
 * rolling sum of common/base/chunk.h decides. What a project has already is written all the same and its new blob removed: how long a
 * request takes does not tell whether others have saved these bytes. */

#ifndef OPENCICD_CHUNKS_H
#define OPENCICD_CHUNKS_H

#include "common/blob/blob.h"
#include "services/artifacts/blob_keys.h"
#include "services/artifacts/chunk_store.h"

#define CUT_LEAST (128 << 10) // Frames that are smaller go together
// Of so many bytes, at most: smaller chunks than CUT_LEAST are the last one, and frames before what is not one.
#define CHUNKS_OF(size) ((size) / CUT_LEAST + 2)

// Cuts, packs and writes; `keys` are as many as there may be chunks. Strings and rows live in the turn's arena. For helper threads.
MUST_USE fault_t chunks_write (turn_t *turn, blob_t *blob, const char *data, size_t size,
                               const blob_keys_taken_t *keys, chunk_list_t *out);
// The same bytes as one, without a sum.
MUST_USE fault_t chunks_write_whole (turn_t *turn, blob_t *blob, const char *data, size_t size,
                                     const blob_keys_taken_t *keys, chunk_list_t *out);

#endif
