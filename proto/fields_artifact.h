/* fields_artifact.h - fields of artifacts: upload by parts, listing, reading. */

#ifndef OPENCICD_FIELDS_ARTIFACT_H
#define OPENCICD_FIELDS_ARTIFACT_H

#include "proto/limits.h"

#define ARTIFACT_FILE(F, T)                                                                                             \
    F (T, KEY, path, MAX_TEXT, "relative, with /, no . or .. segments")                                                 \
    F (T, I64, size, INT64_MAX, "bytes")                                                                                \
    F (T, STR, sha256, 64, "hex")                                                                                       \
    F (T, U32, mode, 07777, "permission bits")                                                                          \
    F (T, I64, offset, INT64_MAX,                                                                                       \
       "of an archive: where its entry begins; of others, of one that is asked for by its path: where its bytes begin") \
    F (T, I64, packed, INT64_MAX, "of an archive: bytes of its entry's data")                                           \
    F (T, U32, method, UINT16_MAX, "of an archive: 0 stored, 8 deflated")                                               \
    F (T, U32, crc32, UINT32_MAX, "of an archive: of the file's bytes")

#define ARTIFACT(F, T)                                                                                     \
    F (T, KEY, id, MAX_ID, "opaque")                                                                       \
    F (T, STR, run_id, MAX_ID, "the run")                                                                  \
    F (T, STR, job_id, MAX_ID, "the job that made it")                                                     \
    F (T, STR, name, MAX_NAME, "unique within the run")                                                    \
    F (T, I64, size, INT64_MAX, "bytes of all its files")                                                  \
    F (T, STR, sha256, 64, "of its files' bytes, one after the other, hex")                                \
    F (T, BOOL, complete, 1, "uploaded whole and checked")                                                 \
    F (T, TIME, created_at, 0, "when its upload began")                                                    \
    F (T, TIME, expires_at, 0, "when it will be removed; null for never")                                  \
    F (T, LIST (artifact_file), files, 100000, "in the order of their bytes; empty in lists of artifacts") \
    F (T, U32, part_size, MAX_PART, "bytes of each part but the last")                                     \
    F (T, I64, parts, INT32_MAX, "how many parts are stored, without a gap")                               \
    F (T, I64, number, INT64_MAX,                                                                          \
       "its id as a number, as GitHub's clients want one; 0 before it is complete")                        \
    F (T, BOOL, archive, 1, "its bytes are a zip of its files, as its job made it")                        \
    F (T, STR, type, MAX_NAME, "media type of its bytes; empty for those of its files, one after the other")

#define ARTIFACT_BEGIN(F, T)                                                             \
    F (T, KEY, job, MAX_ID, "the job that makes it")                                     \
    F (T, STR, run, MAX_ID, "its run; from the job where it is missing")                 \
    F (T, U32, attempt, UINT32_MAX, "")                                                  \
    F (T, KEY, name, MAX_NAME, "no control characters, none of \\ / : * ? \" < > |")     \
    F (T, BOOL, overwrite, 1, "replace what a job of the run published under that name") \
    F (T, U32, retention_days, 3650, "0 for the server's default")                       \
    F (T, LIST (artifact_file), files, 100000, "its files, in the order of their bytes")
#define ARTIFACT_PUT(F, T)                \
    F (T, KEY, artifact, MAX_ID, "")      \
    F (T, U32, part, INT32_MAX, "from 0") \
    F (T, BYTES, data, MAX_PART, "part_size bytes, fewer only in the last part")
#define ARTIFACT_FINISH(F, T)        \
    F (T, KEY, artifact, MAX_ID, "") \
    F (T, STR, sha256, 64, "of all bytes; INVALID where it differs from what is stored")
// An upload whose bytes arrive in blocks, in any order, and whose files are known at its end.
#define ARTIFACT_OPEN(F, T)                                                              \
    F (T, KEY, job, MAX_ID, "the job that makes it")                                     \
    F (T, STR, run, MAX_ID, "its run; from the job where it is missing")                 \
    F (T, U32, attempt, UINT32_MAX, "")                                                  \
    F (T, KEY, name, MAX_NAME, "no control characters, none of \\ / : * ? \" < > |")     \
    F (T, BOOL, overwrite, 1, "replace what a job of the run published under that name") \
    F (T, TIME, expires_at, 0, "when to remove it; null for the server's default")       \
    F (T, STR, type, MAX_NAME, "media type of its bytes")
#define ARTIFACT_BLOCK(F, T)                                                                            \
    F (T, KEY, artifact, MAX_ID, "")                                                                    \
    F (T, KEY, block, MAX_BLOCK_ID, "its name in the list of blocks")                                   \
    F (T, KEY, take, MAX_ID, "which request brings it: of two with the same name the later one counts") \
    F (T, U32, piece, MAX_PIECES, "from 0, in order")                                                   \
    F (T, BOOL, last, 1, "the block is whole")                                                          \
    F (T, BYTES, data, MAX_PART, "")
#define ARTIFACT_GATHER(F, T)                                                     \
    F (T, KEY, artifact, MAX_ID, "")                                              \
    F (T, KEY, list, 64, "SHA-256 of the list of blocks, hex")                    \
    F (T, U32, first, INT32_MAX, "how many blocks of the list come before these") \
    F (T, STRS, blocks, MAX_GATHER, "the next ones")                              \
    F (T, BOOL, last, 1, "the list ends with them")
#define GATHERED(F, T) F (T, I64, blocks, INT32_MAX, "of the list that are in their place")
#define ARTIFACT_CLOSE(F, T)                                                              \
    F (T, KEY, job, MAX_ID, "the job that makes it")                                      \
    F (T, U32, attempt, UINT32_MAX, "")                                                   \
    F (T, KEY, name, MAX_NAME, "")                                                        \
    F (T, I64, size, INT64_MAX, "bytes of it all; INVALID where there are more or fewer") \
    F (T, STR, sha256, 64, "of them; empty: not known")
#define ARTIFACT_LIST(F, T)                      \
    PAGE (F, T)                                  \
    F (T, STR, run, MAX_ID, "of this run")       \
    F (T, STR, job, MAX_ID, "of this job")       \
    F (T, STR, name, MAX_NAME, "only this name") \
    F (T, I64, number, INT64_MAX, "only this one; 0 for all")
#define ARTIFACT_PAGE(F, T)   PAGE_OF (F, T, artifact)
#define ARTIFACT_SHOW(F, T)   F (T, KEY, artifact, MAX_ID, "id or number")
#define ARTIFACT_REMOVE(F, T) F (T, KEY, artifact, MAX_ID, "id or number")
#define ARTIFACT_READ(F, T)                                                         \
    F (T, KEY, artifact, MAX_ID, "")                                                \
    F (T, I64, offset, INT64_MAX, "in the bytes of all files, one after the other") \
    F (T, U32, size, MAX_CHUNK, "bytes wanted")
#define ARTIFACT_PURGE(F, T)                                                    \
    F (T, STR, run, MAX_ID, "all artifacts of this run, and uploads under way") \
    F (T, STR, project, MAX_ID, "or of this project")
#define ARTIFACT_BYTES(F, T) F (T, BYTES, data, MAX_CHUNK, "fewer than wanted only at the end")

//     number, name, fields, meaning (messages.h)
#define BLOCK_MESSAGES(M)                                               \
    M (130, artifact_open, ARTIFACT_OPEN, "begin an upload in blocks")  \
    M (131, artifact_block, ARTIFACT_BLOCK, "a piece of a block")       \
    M (132, artifact_gather, ARTIFACT_GATHER, "blocks get their place") \
    M (133, gathered, GATHERED, "blocks that have their place")         \
    M (134, artifact_close, ARTIFACT_CLOSE, "all blocks have their place: check and publish")

// Rows of MESSAGES (messages.h).
#define ARTIFACT_MESSAGES(M)                                                              \
    M (90, artifact_begin, ARTIFACT_BEGIN, "begin or resume an upload")                   \
    M (91, artifact_put, ARTIFACT_PUT, "one part of an upload")                           \
    M (92, artifact_finish, ARTIFACT_FINISH, "all parts are uploaded: check and publish") \
    M (93, artifact_list, ARTIFACT_LIST, "the artifacts of a run or a job")               \
    M (94, artifact_page, ARTIFACT_PAGE, "artifacts")                                     \
    M (95, artifact_show, ARTIFACT_SHOW, "one artifact with its files")                   \
    M (96, artifact_remove, ARTIFACT_REMOVE, "remove an artifact")                        \
    M (97, artifact_read, ARTIFACT_READ, "bytes of an artifact")                          \
    M (98, artifact_bytes, ARTIFACT_BYTES, "bytes")                                       \
    M (99, artifact_purge, ARTIFACT_PURGE, "remove those of a run or a project")

#endif
