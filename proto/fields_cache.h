/* fields_cache.h - fields of caches: what a job saves under a key, and later runs of its ref, or of one based on it, find again.
 *
 * The bytes arrive as those of an artifact do (artifact_block, artifact_gather): `artifact` is then the cache's id. */

#ifndef OPENCICD_FIELDS_CACHE_H
#define OPENCICD_FIELDS_CACHE_H

#include "proto/limits.h"

#define CACHE_ID       'k'  // How the id of a cache begins: uploads are known by the id of what they are for
#define MAX_CACHE_KEY  2048 // Bytes; its characters are counted apart (512)
#define MAX_CACHE_KEYS 10   // That one look-up may name

#define CACHE(F, T)                                                                                         \
    F (T, KEY, id, MAX_ID, "opaque")                                                                        \
    F (T, I64, number, INT64_MAX, "its id as a number, as GitHub's clients want one")                       \
    F (T, STR, project_id, MAX_ID, "the project")                                                           \
    F (T, STR, key, MAX_CACHE_KEY, "the key that its job gave it")                                          \
    F (T, STR, version, MAX_NAME, "of its paths and its compression: another version is another cache")     \
    F (T, STR, ref, MAX_TEXT, "its scope: runs of this ref, and runs that are based on it, find the cache") \
    F (T, STR, job_id, MAX_ID, "the job that saved it")                                                     \
    F (T, I64, size, INT64_MAX, "bytes")                                                                    \
    F (T, STR, sha256, 64, "of them, hex")                                                                  \
    F (T, BOOL, complete, 1, "saved whole; until then nobody finds it")                                     \
    F (T, TIME, created_at, 0, "when its job began to save it")                                             \
    F (T, TIME, used_at, 0, "when it was last saved or found, to the minute")                               \
    F (T, TIME, expires_at, 0, "when it will be removed if nobody finds it; null for never")

#define CACHE_RESERVE(F, T)                                           \
    F (T, KEY, job, MAX_ID, "the job that saves")                     \
    F (T, U32, attempt, UINT32_MAX, "")                               \
    F (T, KEY, key, MAX_CACHE_KEY, "512 characters, no comma")        \
    F (T, KEY, version, MAX_NAME, "of its paths and its compression") \
    F (T, I64, size, INT64_MAX, "bytes that will come; 0: not known")
#define CACHE_CLOSE(F, T)                                             \
    F (T, KEY, job, MAX_ID, "the job that saves")                     \
    F (T, U32, attempt, UINT32_MAX, "")                               \
    F (T, STR, cache, MAX_ID, "id or number; or its key and version") \
    F (T, STR, key, MAX_CACHE_KEY, "")                                \
    F (T, STR, version, MAX_NAME, "")                                 \
    F (T, I64, size, INT64_MAX, "bytes of it all; INVALID where there are more or fewer")
#define CACHE_LOOK(F, T)                                                                   \
    F (T, KEY, job, MAX_ID, "the job that looks")                                          \
    F (T, U32, attempt, UINT32_MAX, "")                                                    \
    F (T, STRS, keys, MAX_CACHE_KEYS, "the key, and what others may begin with, in order") \
    F (T, KEY, version, MAX_NAME, "of its paths and its compression: others are not found")
#define CACHE_FOUND(F, T)                         \
    F (T, LIST (cache), caches, 1, "it, or none") \
    F (T, BOOL, exact, 1, "its key is the first of those asked for, and no prefix of it")

// The blocks that have arrived, by name; of two with one name the later.
#define CACHE_STAGED(F, T) F (T, KEY, cache, MAX_ID, "id or number")
#define STAGED_BLOCK(F, T)             \
    F (T, KEY, name, MAX_BLOCK_ID, "") \
    F (T, I64, size, INT64_MAX, "bytes")
#define STAGED_BLOCKS(F, T)                     \
    F (T, KEY, cache, MAX_ID, "the cache's id") \
    F (T, LIST (staged_block), blocks, MAX_BLOCKS, "in the order of their names")

#define CACHE_SHOW(F, T) F (T, KEY, cache, MAX_ID, "id or number")
#define CACHE_READ(F, T)                \
    F (T, KEY, cache, MAX_ID, "its id") \
    F (T, I64, offset, INT64_MAX, "")   \
    F (T, U32, size, MAX_CHUNK, "bytes wanted")

// Whose caches does a job write and see? Asked of the scheduler, which knows its run.
#define CACHE_SCOPE(F, T) F (T, KEY, job, MAX_ID, "")
#define CACHE_SCOPES(F, T)                                                               \
    F (T, STR, project, MAX_ID, "empty: a job of no project, which has no caches")       \
    F (T, U32, attempt, UINT32_MAX, "the job's latest")                                  \
    F (T, ENUM (job), state, 0, "where it is")                                           \
    F (T, STR, write, MAX_TEXT, "the ref under which it saves; empty: it saves nothing") \
    F (T, STRS, read, 4, "the refs whose caches it sees, the nearest first")

//     number, name, fields, meaning (messages.h)
#define CACHE_MESSAGES(M)                                             \
    M (300, cache, CACHE, "what a job saved under a key")             \
    M (301, cache_reserve, CACHE_RESERVE, "begin to save a cache")    \
    M (302, cache_close, CACHE_CLOSE, "its bytes are there: save it") \
    M (303, cache_look, CACHE_LOOK, "find a cache")                   \
    M (304, cache_found, CACHE_FOUND, "the cache that was found")     \
    M (305, cache_staged, CACHE_STAGED, "which blocks have arrived?") \
    M (306, staged_block, STAGED_BLOCK, "a block that has arrived")   \
    M (307, staged_blocks, STAGED_BLOCKS, "blocks that have arrived") \
    M (308, cache_show, CACHE_SHOW, "one cache")                      \
    M (309, cache_read, CACHE_READ, "bytes of a cache")               \
    M (315, cache_scope, CACHE_SCOPE, "whose caches does a job see?") \
    M (316, cache_scopes, CACHE_SCOPES, "whose caches a job sees")

//     ask, service, answer, how often (calls.h)
#define CACHE_CALLS(C)                                \
    C (cache_scope, scheduler, cache_scopes, AGAIN)   \
    C (cache_reserve, artifacts, cache, AGAIN)        \
    C (cache_close, artifacts, cache, AGAIN)          \
    C (cache_look, artifacts, cache_found, AGAIN)     \
    C (cache_staged, artifacts, staged_blocks, AGAIN) \
    C (cache_show, artifacts, cache, AGAIN)           \
    C (cache_read, artifacts, artifact_bytes, AGAIN)  \
    C (cache_list, artifacts, cache_page, AGAIN)      \
    C (cache_remove, artifacts, cache_removed, AGAIN) \
    C (cache_purge, artifacts, done, AGAIN)

#endif
