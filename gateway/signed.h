/* signed.h - URLs that carry their own permission: for clients that send no token where they load bytes up or down.
 *
 * Signed are what the URL is for, the artifact, who asked and the time at which it ends; not the whole query, because GitHub's toolkit adds to
 * it. An upload's URL speaks for one attempt of one job, and is good only while that holds its job; a download's is good for a short time. */

#ifndef OPENCICD_GATEWAY_SIGNED_H
#define OPENCICD_GATEWAY_SIGNED_H

#include "gateway/request.h"

#define SIGNED_UPLOAD_SECONDS   86400 // Its attempt ends it earlier
#define SIGNED_DOWNLOAD_SECONDS 900   // In which a download begins

// Absolute, at the address by which this request reached us; in the turn's arena. The upload's is for the caller, a job.
const char *signed_upload_url (request_t *request, const char *artifact);
// `name` is what the last segment says, "artifact.zip" or "file".
const char *signed_download_url (request_t *request, const char *artifact, const char *name);

// Is this request's URL signed for that, and now? Then it is the caller's. FORBIDDEN.
MUST_USE fault_t signed_check_upload (request_t *request);
MUST_USE fault_t signed_check_download (request_t *request);

#endif
