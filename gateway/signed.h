/* signed.h - URLs that carry their own permission: for clients that upload or download without a token.
 *
 * The signature covers the purpose, the artifact, the caller and the expiry; not the whole query, because GitHub's toolkit adds to
 * it. An upload's URL acts for one attempt of one job, and is valid only while that attempt holds its job; a download's is valid for a short time. */

#ifndef OPENCICD_GATEWAY_SIGNED_H
#define OPENCICD_GATEWAY_SIGNED_H

#include "gateway/request.h"

#define SIGNED_UPLOAD_SECONDS   86400 // It ends with the attempt, if that is earlier
#define SIGNED_DOWNLOAD_SECONDS 900   // Time in which a download must begin
#define SIGNED_VIEW_SECONDS     3600  // Time in which the parts of a page are loaded

// Absolute, at the address by which this request reached us; in the turn's arena. The upload's is for the caller, a job.
const char *signed_upload_url (request_t *request, const char *artifact);
// `name` is what the last segment says, "artifact.zip" or "file".
const char *signed_download_url (request_t *request, const char *artifact, const char *name);

// The path of a folder in which the artifact's files are shown, "/api/v1/signed/views/ID/TICKET/": what is relative in a page stays within it.
const char *signed_view_path (request_t *request, const char *artifact, bool scripts, int64_t *expires_us);
// Is this request's URL signed for that, and not expired? Then the caller becomes whoever it was signed for. FORBIDDEN.
MUST_USE fault_t signed_check_upload (request_t *request);
MUST_USE fault_t signed_check_download (request_t *request);
// May what is at this address, a download's, be read with what it carries? *id is what is there. The caller stays who it is.
MUST_USE fault_t signed_check_source (request_t *request, const char *url, const char **id);
MUST_USE fault_t signed_check_view (request_t *request, bool *scripts);

#endif
