/* fields_trial.h - fields of trials: commits that are in no repository, sent to the server to be run (`opencicd run --remote`).
 *
 * A trial is a git bundle (common/os/git_bundle.h) in parts of MAX_PART bytes, the last one shorter. Its commit's parents are in the project's
 * repository; what else is in it is new. It is kept for as long as a run of it is. */

#ifndef OPENCICD_FIELDS_TRIAL_H
#define OPENCICD_FIELDS_TRIAL_H

#include "proto/limits.h"

#define TRIAL_ID    'y' // Kind of its id (common/base/id.h)
#define TRIAL_PARTS 8
#define TRIAL_MAX   (TRIAL_PARTS * (int64_t) MAX_PART) // Bytes
#define TRIAL_HAVE  1000                               // Commits that are asked for at once

#define TRIAL(F, T)                                                                                      \
    F (T, KEY, id, MAX_ID, "")                                                                           \
    F (T, STR, project, MAX_NAME, "name of the project")                                                 \
    F (T, STR, ref, MAX_TEXT, "what github.ref is in its runs: refs/opencicd/try/ID")                    \
    F (T, STRS, known, TRIAL_HAVE, "of `have`, what the project's repository has")                       \
    F (T, I64, most, TRIAL_MAX, "bytes that a bundle may have; its parts have 4 MiB each, but the last") \
    F (T, TIME, created_at, 0, "it is removed with the last of its runs, or an hour after this without one")
#define TRIAL_ADD(F, T)                         \
    F (T, KEY, project, MAX_NAME, "id or name") \
    F (T, STRS, have, TRIAL_HAVE, "commits that the sender has, the newest first")
#define TRIAL_PUT(F, T)                               \
    F (T, KEY, trial, MAX_ID, "")                     \
    F (T, U32, part, UINT32_MAX, "from 0, at most 7") \
    F (T, BYTES, data, MAX_PART, "")
#define TRIAL_READ(F, T)                             \
    F (T, KEY, job, MAX_ID, "of a run of the trial") \
    F (T, I64, offset, TRIAL_MAX, "")                \
    F (T, U32, size, MAX_CHUNK, "")
#define TRIAL_BYTES(F, T)             \
    F (T, BYTES, data, MAX_CHUNK, "") \
    F (T, I64, size, TRIAL_MAX, "of the whole bundle")
#define TRIAL_PURGE(F, T) F (T, KEY, trial, MAX_ID, "")
#define SCM_TRIAL_PUT(F, T)           \
    F (T, KEY, trial, MAX_ID, "")     \
    F (T, U32, part, TRIAL_PARTS, "") \
    F (T, BYTES, data, MAX_PART, "")
#define SCM_TRIAL_READ(F, T)          \
    F (T, KEY, trial, MAX_ID, "")     \
    F (T, I64, offset, TRIAL_MAX, "") \
    F (T, U32, size, MAX_CHUNK, "")
#define SCM_TRIAL_DROP(F, T) F (T, KEY, trial, MAX_ID, "")

// Rows of MESSAGES (messages.h).
#define TRIAL_MESSAGES(M)                                                  \
    M (170, trial, TRIAL, "a commit that is in no repository, to be run")  \
    M (171, trial_add, TRIAL_ADD, "begin a trial")                         \
    M (172, trial_put, TRIAL_PUT, "one part of a trial's bundle")          \
    M (173, trial_read, TRIAL_READ, "bytes of the bundle that a job runs") \
    M (174, trial_bytes, TRIAL_BYTES, "bytes of a bundle")                 \
    M (175, trial_purge, TRIAL_PURGE, "a trial without runs is to go")     \
    M (176, scm_trial_put, SCM_TRIAL_PUT, "keep one part of a bundle")     \
    M (177, scm_trial_read, SCM_TRIAL_READ, "read a bundle")               \
    M (178, scm_trial_drop, SCM_TRIAL_DROP, "remove a bundle")

#endif
