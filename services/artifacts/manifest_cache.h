/* manifest_cache.h - lists of files that were unpacked: a report that a browser shows asks for hundreds of files of one artifact.
 *
 * A hint in memory: a complete artifact's list never changes. What is kept is bounded, in lists and in their packed bytes. */

#ifndef OPENCICD_MANIFEST_CACHE_H
#define OPENCICD_MANIFEST_CACHE_H

#include "services/artifacts/manifest.h"

#define MANIFESTS_KEPT  4
#define MANIFEST_LARGER (2 << 20) // Bytes of a list past which it is unpacked each time

typedef struct {
    char upload[MAX_ID + 1];
    arena_t *arena; // NULL: free
    artifact_file_items_t files;
    uint64_t used;
} kept_manifest_t;

typedef struct {
    kept_manifest_t items[MANIFESTS_KEPT];
    uint64_t clock;
} manifest_cache_t;

typedef struct {
    artifact_file_t file; // In the turn's memory
    bool found;
    int64_t begin; // Where its bytes begin when those of all files are one after the other
    size_t of;     // So many files
} found_file_t;

// The file at `path` of a complete upload.
MUST_USE fault_t manifest_cache_find (manifest_cache_t *self, db_t *db, turn_t *turn, const char *upload,
                                      const char *path, found_file_t *out);
void manifest_cache_clear (manifest_cache_t *self);

#endif
