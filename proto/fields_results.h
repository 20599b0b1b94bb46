/* fields_results.h - the artifact service as GitHub's toolkit speaks it: JSON alone, never on the bus. Whole numbers are texts, as
 * JSON of protocol buffers has them. Source: @actions/artifact 2.0 to 6.2, recorded. */

#ifndef OPENCICD_FIELDS_RESULTS_H
#define OPENCICD_FIELDS_RESULTS_H

#include "proto/limits.h"

#define RESULTS_OF(F, T)                                                         \
    F (T, KEY, workflow_run_backend_id, MAX_ID, "the run, as the token says it") \
    F (T, KEY, workflow_job_run_backend_id, MAX_ID, "the job, as the token says it")

#define RESULTS_CREATE(F, T)                                                         \
    RESULTS_OF (F, T)                                                                \
    F (T, KEY, name, MAX_NAME, "")                                                   \
    F (T, TIME, expires_at, 0, "null for the server's default")                      \
    F (T, U32, version, UINT32_MAX, "4: always a zip; 7: mime_type says what it is") \
    F (T, STR, mime_type, MAX_NAME, "")
#define RESULTS_CREATED(F, T) \
    F (T, BOOL, ok, 1, "")    \
    F (T, STR, signed_upload_url, MAX_URL, "where blocks are put, without a token")
#define RESULTS_FINALIZE(F, T)                      \
    RESULTS_OF (F, T)                               \
    F (T, KEY, name, MAX_NAME, "")                  \
    F (T, STR, size, 20, "bytes, a decimal number") \
    F (T, STR, hash, 71, "sha256: and 64 hex digits; empty: not known")
#define RESULTS_DONE(F, T) \
    F (T, BOOL, ok, 1, "") \
    F (T, STR, artifact_id, 20, "a decimal number")
#define RESULTS_LIST(F, T)                              \
    RESULTS_OF (F, T)                                   \
    F (T, STR, name_filter, MAX_NAME, "only this name") \
    F (T, STR, id_filter, 20, "only this one, by its number")
#define RESULTS_ARTIFACT(F, T)                \
    RESULTS_OF (F, T)                         \
    F (T, STR, database_id, 20, "its number") \
    F (T, STR, name, MAX_NAME, "")            \
    F (T, STR, size, 20, "bytes")             \
    F (T, TIME, created_at, 0, "")            \
    F (T, STR, digest, 71, "of what is downloaded; empty where that is made as it is sent")
#define RESULTS_ARTIFACTS(F, T) F (T, LIST (results_artifact), artifacts, 10000, "of the whole run")
#define RESULTS_URL(F, T) \
    RESULTS_OF (F, T)     \
    F (T, KEY, name, MAX_NAME, "")
#define RESULTS_SIGNED(F, T) F (T, STR, signed_url, MAX_URL, "where it is downloaded, without a token")
#define RESULTS_DELETE(F, T) RESULTS_URL (F, T)

// A page of a REST list, as GitHub counts them.
#define REST_ARTIFACTS(F, T)                            \
    F (T, STR, run, MAX_ID, "id of the run")            \
    F (T, STR, name, MAX_NAME, "only this name")        \
    F (T, U32, per_page, 100, "30 where it is missing") \
    F (T, U32, page, 1000000, "from 1")

//     number, name, fields, meaning (messages.h)
#define RESULTS_MESSAGES(M)                                               \
    M (140, results_create, RESULTS_CREATE, "begin an artifact")          \
    M (141, results_created, RESULTS_CREATED, "where its bytes go")       \
    M (142, results_finalize, RESULTS_FINALIZE, "its bytes are there")    \
    M (143, results_done, RESULTS_DONE, "which artifact it is")           \
    M (144, results_list, RESULTS_LIST, "the run's artifacts")            \
    M (145, results_artifact, RESULTS_ARTIFACT, "an artifact of the run") \
    M (146, results_artifacts, RESULTS_ARTIFACTS, "artifacts of the run") \
    M (147, results_url, RESULTS_URL, "where is it downloaded?")          \
    M (148, results_signed, RESULTS_SIGNED, "where it is downloaded")     \
    M (149, results_delete, RESULTS_DELETE, "remove it")                  \
    M (150, rest_artifacts, REST_ARTIFACTS, "the artifacts of a run, as GitHub's REST API lists them")

#endif
