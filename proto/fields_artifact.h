/* fields_artifact.h - fields of artifacts: upload by parts, listing, reading. */

#ifndef OPENCICD_FIELDS_ARTIFACT_H
#define OPENCICD_FIELDS_ARTIFACT_H

#include "proto/limits.h"

#define ARTIFACT_FILE(F, T)                                             \
    F (T, KEY, path, MAX_TEXT, "relative, with /, no . or .. segments") \
    F (T, I64, size, INT64_MAX, "bytes")                                \
    F (T, STR, sha256, 64, "hex")                                       \
    F (T, U32, mode, 07777, "permission bits")

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
    F (T, I64, parts, INT32_MAX, "how many parts are stored, without a gap")

#define ARTIFACT_BEGIN(F, T)                                                         \
    F (T, KEY, job, MAX_ID, "the job that makes it")                                 \
    F (T, STR, run, MAX_ID, "its run; from the job where it is missing")             \
    F (T, U32, attempt, UINT32_MAX, "")                                              \
    F (T, KEY, name, MAX_NAME, "no control characters, none of \\ / : * ? \" < > |") \
    F (T, BOOL, overwrite, 1, "replace one of that name")                            \
    F (T, U32, retention_days, 3650, "0 for the server's default")                   \
    F (T, LIST (artifact_file), files, 100000, "its files, in the order of their bytes")
#define ARTIFACT_PUT(F, T)                \
    F (T, KEY, artifact, MAX_ID, "")      \
    F (T, U32, part, INT32_MAX, "from 0") \
    F (T, BYTES, data, MAX_PART, "part_size bytes, fewer only in the last part")
#define ARTIFACT_FINISH(F, T)        \
    F (T, KEY, artifact, MAX_ID, "") \
    F (T, STR, sha256, 64, "of all bytes; INVALID where it differs from what is stored")
#define ARTIFACT_LIST(F, T)                \
    PAGE (F, T)                            \
    F (T, STR, run, MAX_ID, "of this run") \
    F (T, STR, job, MAX_ID, "of this job") \
    F (T, STR, name, MAX_NAME, "only this name")
#define ARTIFACT_PAGE(F, T)   PAGE_OF (F, T, artifact)
#define ARTIFACT_SHOW(F, T)   F (T, KEY, artifact, MAX_ID, "")
#define ARTIFACT_REMOVE(F, T) F (T, KEY, artifact, MAX_ID, "")
#define ARTIFACT_READ(F, T)                                                         \
    F (T, KEY, artifact, MAX_ID, "")                                                \
    F (T, I64, offset, INT64_MAX, "in the bytes of all files, one after the other") \
    F (T, U32, size, MAX_CHUNK, "bytes wanted")
#define ARTIFACT_BYTES(F, T) F (T, BYTES, data, MAX_CHUNK, "fewer than wanted only at the end")

#endif
