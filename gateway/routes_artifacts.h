/* routes_artifacts.h - the rows of routes.h about artifacts: files that a job keeps. */

#ifndef OPENCICD_GATEWAY_ROUTES_ARTIFACTS_H
#define OPENCICD_GATEWAY_ROUTES_ARTIFACTS_H

#define VIEW_SIGNED(R)                                                                                   \
    R (GET, "/signed/views/{artifact}/{ticket}/{path...}", artifact_show, MAY_SIGNED, 0, 200, view_file, \
       "one file as a browser shows it, in a sandbox; the URL is signed")
#define ARTIFACT_HANDLERS(H)                          \
    H (artifact_part, BYTES_TYPE, JSON_TYPE, NULL, 0) \
    H (artifact_content, NULL, BYTES_TYPE, NULL, 0)   \
    H (artifact_one, NULL, BYTES_TYPE, NULL, 0)       \
    H (artifact_zip, NULL, ZIP_TYPE, NULL, 0)         \
    H (view_link, NULL, JSON_TYPE, NULL, 0)           \
    H (view_file, NULL, NULL, NULL, PLAIN)

#define ARTIFACT_ROUTES(R)                                                                                       \
    R (GET, "/runs/{run}/artifacts", artifact_list, MAY_READ | MAY_JOB, 0, 200, api_call,                        \
       "the run's artifacts")                                                                                    \
    R (POST, "/jobs/{job}/artifacts", artifact_begin, MAY_JOB, 8192 * KIB, 201, api_call,                        \
       "begin or resume an upload")                                                                              \
    R (GET, "/jobs/{job}/artifacts", artifact_list, MAY_READ | MAY_JOB, 0, 200, api_call,                        \
       "the job's artifacts")                                                                                    \
    R (GET, "/artifacts/{artifact}", artifact_show, MAY_READ | MAY_JOB, 0, 200, api_show,                        \
       "one artifact with its files")                                                                            \
    R (DELETE, "/artifacts/{artifact}", artifact_remove, MAY_DEVELOP, 0, 204, api_call, "remove it")             \
    R (PUT, "/artifacts/{artifact}/parts/{part}", artifact_put, MAY_JOB, MAX_PART, 200, artifact_part,           \
       "one part of an upload")                                                                                  \
    R (POST, "/artifacts/{artifact}/finish", artifact_finish, MAY_JOB, 4 * KIB, 200, api_call,                   \
       "all parts are uploaded: check and publish")                                                              \
    R (GET, "/artifacts/{artifact}/files", artifact_files, MAY_READ | MAY_JOB, 0, 200, api_call,                 \
       "the files of an artifact")                                                                               \
    R (GET, "/artifacts/{artifact}/view", view_make, MAY_READ, 0, 200, view_link,                                \
       "a signed URL under which a browser may show its files for an hour; scripts=true: those of its HTML run") \
    VIEW_SIGNED (R)                                                                                              \
    R (GET, "/artifacts/{artifact}/content", artifact_show, MAY_READ | MAY_JOB, 0, 200, artifact_content,        \
       "the bytes of all its files, one after the other")                                                        \
    R (GET, "/artifacts/{artifact}/files/{path...}", artifact_show, MAY_READ | MAY_JOB, 0, 200,                  \
       artifact_one, "the bytes of one file")                                                                    \
    R (GET, "/artifacts/{artifact}/zip", artifact_show, MAY_READ | MAY_JOB, 0, 200, artifact_zip,                \
       "the artifact as a zip")

#endif
