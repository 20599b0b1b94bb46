/* upload.h - files that arrive in parts: planned from their list, put part by part, sealed with a checksum, read by ranges.
 *
 * An upload knows its files, its parts and their blobs; not whose it is, its name, or who may see it: that is for the layers
 * above it. Every part is stored under a key of its own and never changed. Of two requests that store the same part one wins,
 * and both get the same answer. Long work runs in helper threads. */

#ifndef OPENCICD_UPLOAD_H
#define OPENCICD_UPLOAD_H

#include "common/actor/background.h"
#include "common/blob/blob.h"
#include "proto/messages.h"
#include "services/artifacts/blob_keys.h"
#include "services/artifacts/upload_ahead.h"
#include "services/artifacts/upload_store.h"

typedef struct {
    db_t *db;
    blob_t *blob;
    background_t *tasks;
    blob_keys_t keys;
    upload_ahead_t ahead; // Used where the blob store is far
} uploads_t;

// What an upload is going to be.
typedef struct {
    int64_t size;
    manifest_t manifest;
    const char *sum; // Of the list of files
    bool archive;    // Its bytes are a zip of them
} upload_plan_t;

// Checks and packs the list of files; a long one in a helper thread (LATER), known by `key`. INVALID names the file.
MUST_USE fault_t upload_plan (uploads_t *self, turn_t *turn, const char *key,
                              const artifact_file_items_t *files, upload_plan_t *out);
// A new one, without parts. Inside a unit of work.
MUST_USE fault_t upload_begin (uploads_t *self, turn_t *turn, const upload_plan_t *plan, upload_t *out);
// Stores one part; upload->parts has grown by it. A part that is there already is OK, too. CONFLICT if parts before it are missing.
MUST_USE fault_t upload_put (uploads_t *self, turn_t *turn, upload_t *upload, uint32_t part,
                             const bytes_t *data);
// Is it complete, with each file's checksum and this one of the whole? CONFLICT or INVALID.
MUST_USE fault_t upload_check (turn_t *turn, const upload_t *upload, const char *sha256);
// The files of a closed upload: a zip's entries if `zip` and it can be read, else one file `name`. Read
// in a helper thread (LATER).
MUST_USE fault_t upload_index (uploads_t *self, turn_t *turn, const upload_t *upload, const char *name,
                               bool zip, upload_plan_t *out);
// Up to `size` bytes from `offset` in its bytes, fewer only at the end. They live as long as the turn's answer.
MUST_USE fault_t upload_read (uploads_t *self, turn_t *turn, const upload_t *upload, int64_t offset,
                              size_t size, bytes_t *out);

#endif
