/* fields_cache_chunk.h - fields of the chunks of which caches are made (docs/caches.md). */

#ifndef OPENCICD_FIELDS_CACHE_CHUNK_H
#define OPENCICD_FIELDS_CACHE_CHUNK_H

#include "proto/limits.h"

#define CHUNKS_LISTED 1000 // Of one answer
#define CHUNKS_COPIED 256

// Bytes of one cache become part of another that is being saved. Only for who has shown that he may read the first.
#define CACHE_COPY(F, T)                                            \
    F (T, KEY, artifact, MAX_ID, "the cache that is being saved")   \
    F (T, KEY, block, MAX_BLOCK_ID, "as in artifact_block")         \
    F (T, KEY, take, MAX_ID, "")                                    \
    F (T, U32, piece, MAX_PIECES, "")                               \
    F (T, BOOL, last, 1, "with all these bytes the block is whole") \
    F (T, KEY, cache, MAX_ID, "the id of the cache that has them")  \
    F (T, I64, offset, INT64_MAX, "where they are in it")           \
    F (T, I64, size, MAX_BLOCK, "how many")
#define COPIED(F, T)                                      \
    F (T, I64, bytes, MAX_BLOCK, "of them are there now") \
    F (T, I64, skip, MAX_BLOCK, "none is: so many are to be put as bytes before it is asked again")
#define CACHE_CHUNKS(F, T)              \
    F (T, KEY, cache, MAX_ID, "its id") \
    F (T, I64, offset, INT64_MAX, "from the chunk that begins here on")
#define CACHE_CHUNK(F, T)                                     \
    F (T, KEY, sha256, 64, "of its bytes, hex")               \
    F (T, I64, offset, INT64_MAX, "where it is in the cache") \
    F (T, I64, size, INT64_MAX, "bytes")
#define CHUNK_PAGE(F, T)                                               \
    F (T, LIST (cache_chunk), chunks, CHUNKS_LISTED,                   \
       "one after the other; the rest follows by the end of the last") \
    F (T, I64, size, INT64_MAX, "bytes of the cache")

//     number, name, fields, meaning (messages.h)
#define CACHE_CHUNK_MESSAGES(M)                                               \
    M (560, cache_copy, CACHE_COPY, "a block that another cache has already") \
    M (561, copied, COPIED, "how much of it could be taken")                  \
    M (562, cache_chunks, CACHE_CHUNKS, "of which chunks is a cache made?")   \
    M (563, cache_chunk, CACHE_CHUNK, "a chunk of a cache")                   \
    M (564, chunk_page, CHUNK_PAGE, "the chunks of a cache, or the next of them")

//     ask, service, answer, how often (calls.h)
#define CACHE_CHUNK_CALLS(C)                 \
    C (cache_copy, artifacts, copied, AGAIN) \
    C (cache_chunks, artifacts, chunk_page, AGAIN)

#endif
