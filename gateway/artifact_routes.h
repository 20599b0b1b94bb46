/* artifact_routes.h - an artifact's bytes as answers, for the routes of our own API and for those of GitHub's toolkit. */

#ifndef OPENCICD_GATEWAY_ARTIFACT_ROUTES_H
#define OPENCICD_GATEWAY_ARTIFACT_ROUTES_H

#include "gateway/request.h"

// The artifact that the path names, with its files; CONFLICT if it is not complete.
MUST_USE fault_t artifact_find (request_t *request, artifact_t *out);
// The file that the path names as well, and where its bytes begin where the artifact is no archive.
MUST_USE fault_t artifact_file (request_t *request, artifact_t *out, const artifact_file_t **file);
MUST_USE fault_t artifact_send_file (request_t *request, const artifact_t *artifact,
                                     const artifact_file_t *file, const char *type);
void artifact_offer_as (request_t *request, const char *name, const char *extension); // As a download
// As GitHub's toolkit downloads it: the archive that the job uploaded; else its only file, under its own name and type; else a zip
// of its files, made as it is sent.
MUST_USE fault_t artifact_send_whole (request_t *request, const artifact_t *artifact);
// The checksum of that: "sha256:..."; "" if it is made while it is sent.
const char *artifact_digest (arena_t *arena, const artifact_t *artifact);
const char *artifact_signed_url (request_t *request, const artifact_t *artifact); // Of that, for a while

#endif
