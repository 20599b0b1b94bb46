/* fields_view.h - fields of what is inside an artifact: its files, page by page, and URLs at which a browser may show them. */

#ifndef OPENCICD_FIELDS_VIEW_H
#define OPENCICD_FIELDS_VIEW_H

#include "proto/limits.h"

#define ARTIFACT_FILES(F, T)                                                     \
    PAGE (F, T)                                                                  \
    F (T, KEY, artifact, MAX_ID, "id or number")                                 \
    F (T, STR, under, MAX_TEXT, "only files of this folder, and of those in it") \
    F (T, STR, path, MAX_TEXT, "only this one")
#define ARTIFACT_FILE_PAGE(F, T)                                                      \
    PAGE_OF (F, T, artifact_file)                                                     \
    F (T, STR, id, MAX_ID, "the artifact")                                            \
    F (T, STR, name, MAX_NAME, "its name")                                            \
    F (T, STR, run_id, MAX_ID, "its run")                                             \
    F (T, I64, size, INT64_MAX, "bytes of all its files")                             \
    F (T, I64, count, INT64_MAX, "of all its files")                                  \
    F (T, TIME, created_at, 0, "when its upload began")                               \
    F (T, TIME, expires_at, 0, "when it will be removed; null for never")             \
    F (T, BOOL, archive, 1, "its bytes are a zip, and its files are entries of that") \
    F (T, BOOL, complete, 1, "it can be read")

#define VIEW_MAKE(F, T)                          \
    F (T, KEY, artifact, MAX_ID, "id or number") \
    F (T, BOOL, scripts, 1, "let scripts of its HTML run")
#define ARTIFACT_VIEW(F, T)                                                                 \
    F (T, STR, url, MAX_URL, "a path on this server; a file's is after it: .../index.html") \
    F (T, BOOL, scripts, 1, "scripts of its HTML run there, in an origin of their own")     \
    F (T, TIME, expires_at, 0, "when it is no longer served")                               \
    F (T, STR, id, MAX_ID, "the artifact")

// Rows of MESSAGES (messages.h).
#define VIEW_MESSAGES(M)                                                                  \
    M (240, artifact_files, ARTIFACT_FILES, "the files of an artifact")                   \
    M (241, artifact_file_page, ARTIFACT_FILE_PAGE, "files, in the order of their bytes") \
    M (243, view_make, VIEW_MAKE, "let a browser show an artifact's files")               \
    M (242, artifact_view, ARTIFACT_VIEW, "where a browser may show an artifact's files")

#define VIEW_CALLS(C)                                        \
    C (artifact_files, artifacts, artifact_file_page, AGAIN) \
    C (view_make, artifacts, artifact_view, AGAIN)

#endif
