/* routes_toolkit.h - the rows of routes.h that GitHub's toolkit knows, unmodified, in a job; docs/toolkit.md. Their columns are there. */

#ifndef OPENCICD_GATEWAY_ROUTES_TOOLKIT_H
#define OPENCICD_GATEWAY_ROUTES_TOOLKIT_H

#define TOOLKIT_HANDLERS(H)                                       \
    H (results_create, JSON_TYPE, JSON_TYPE, NULL, TOOLKIT)       \
    H (results_finalize, JSON_TYPE, JSON_TYPE, NULL, TOOLKIT)     \
    H (results_list, JSON_TYPE, JSON_TYPE, NULL, TOOLKIT)         \
    H (results_url, JSON_TYPE, JSON_TYPE, NULL, TOOLKIT)          \
    H (results_delete, JSON_TYPE, JSON_TYPE, NULL, TOOLKIT)       \
    H (signed_put, BYTES_TYPE, JSON_TYPE, "*", TOOLKIT | STREAMS) \
    H (signed_get, NULL, ZIP_TYPE, "*", TOOLKIT)                  \
    H (rest_artifacts, NULL, JSON_TYPE, NULL, TOOLKIT)            \
    H (rest_artifact, NULL, JSON_TYPE, NULL, TOOLKIT)             \
    H (rest_artifact_zip, NULL, NULL, NULL, TOOLKIT)              \
    H (rest_artifact_delete, NULL, NULL, NULL, TOOLKIT)

#define RESULTS_SERVICE "/twirp/github.actions.results.api.v1.ArtifactService/"
#define TOOLKIT_ROUTES(R)                                                                                    \
    R (POST, RESULTS_SERVICE "CreateArtifact", results_create, MAY_JOB, 16 * KIB, 200, results_create,       \
       "an action begins an artifact")                                                                       \
    R (POST, RESULTS_SERVICE "FinalizeArtifact", results_finalize, MAY_JOB, 16 * KIB, 200, results_finalize, \
       "... and has uploaded it")                                                                            \
    R (POST, RESULTS_SERVICE "ListArtifacts", results_list, MAY_JOB, 16 * KIB, 200, results_list,            \
       "an action lists the artifacts of its run")                                                           \
    R (POST, RESULTS_SERVICE "GetSignedArtifactURL", results_url, MAY_JOB, 16 * KIB, 200, results_url,       \
       "an action asks where to download one")                                                               \
    R (POST, RESULTS_SERVICE "DeleteArtifact", results_delete, MAY_JOB, 16 * KIB, 200, results_delete,       \
       "an action removes one of its run")                                                                   \
    R (PUT, "/signed/uploads/{artifact}/{job}/{attempt}", artifact_show, MAY_SIGNED, MAX_PUT, 201,           \
       signed_put, "a block of an artifact or a cache, the list of them, or all of it; the URL is signed")   \
    R (GET, "/signed/downloads/{artifact}/{name}", artifact_show, MAY_SIGNED, 0, 200, signed_get,            \
       "an artifact as a zip, or its one file, or a cache; the URL is signed")                               \
    R (GET, "/repos/{owner}/{repository}/actions/runs/{run}/artifacts", rest_artifacts, MAY_READ | MAY_JOB,  \
       0, 200, rest_artifacts, "the run's artifacts, as GitHub's REST API lists them")                       \
    R (GET, "/repos/{owner}/{repository}/actions/artifacts/{artifact}", artifact_show, MAY_READ | MAY_JOB,   \
       0, 200, rest_artifact, "one artifact, as GitHub's REST API shows it")                                 \
    R (DELETE, "/repos/{owner}/{repository}/actions/artifacts/{artifact}", artifact_remove,                  \
       MAY_DEVELOP | MAY_JOB, 0, 204, rest_artifact_delete, "remove it")                                     \
    R (GET, "/repos/{owner}/{repository}/actions/artifacts/{artifact}/zip", artifact_show,                   \
       MAY_READ | MAY_JOB, 0, 200, rest_artifact_zip, "302 to a signed URL of it")                           \
    R (GET, "/{owner}/{repository}/actions/runs/{run}", run_show, MAY_READ, 0, 200, api_show,                \
       "the run, at the address that workflows make of github.server_url and github.run_id")                 \
    R (GET, "/{owner}/{repository}/actions/runs/{run}/artifacts/{artifact}", artifact_show, MAY_READ, 0,     \
       200, artifact_zip, "the whole as a zip, at the address that actions say of it")

#endif
