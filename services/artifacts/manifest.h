/* manifest.h - an upload's list of files as it is stored: one packed message, however many there are. */

#ifndef OPENCICD_MANIFEST_H
#define OPENCICD_MANIFEST_H

#include "proto/messages.h"
#include "services/artifacts/upload_store.h"

// In the turn's arena. `sum` tells two lists apart. TOO_LARGE where it is more than a message may have.
MUST_USE fault_t manifest_pack (turn_t *turn, const artifact_file_items_t *files, manifest_t *out,
                                const char **sum);
MUST_USE fault_t manifest_unpack (turn_t *turn, const manifest_t *manifest, artifact_file_items_t *files);

#endif
