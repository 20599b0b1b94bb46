/* artifact_store.h - the rows of artifacts and of their parts. */

#ifndef OPENCICD_ARTIFACT_STORE_H
#define OPENCICD_ARTIFACT_STORE_H

#include "common/db.h"
#include "common/sha256.h"
#include "proto/messages.h"

#define ARTIFACT_MAX (INT64_C (64) << 30) // Bytes of one artifact
#define PART_SIZE    MAX_PART             // Bytes of each part but the last
#define FRAME_MAX    MAX_CHUNK            // Bytes of each packed frame of a part

typedef struct {
    artifact_t shown; // Without files
    uint32_t attempt;
    int64_t file_count;
    const void *manifest;
    size_t manifest_size; // Packed
    size_t manifest_raw;
    const char *manifest_sum;
    sha256_t sha;
    sha256_t file_sha;
    const char *wrong;
    bool overwrite;
} artifact_row_t;

// NOT_FOUND with words.
MUST_USE fault_t artifact_store_find (db_t *db, turn_t *turn, const char *id, artifact_row_t *out);
// The upload of this job's attempt by that name, or what was published of it. NOT_FOUND.
MUST_USE fault_t artifact_store_of_attempt (db_t *db, turn_t *turn, const char *job, uint32_t attempt,
                                            const char *name, artifact_row_t *out);
// The published one of that name in the run. NOT_FOUND.
MUST_USE fault_t artifact_store_published (db_t *db, turn_t *turn, const char *run, const char *name,
                                           artifact_row_t *out);
MUST_USE fault_t artifact_store_add (db_t *db, turn_t *turn, const artifact_row_t *row);

typedef struct {
    int64_t part;
    const char *blob;
    const unsigned char *frames;
    size_t frames_size;
} part_t;

// Part row->shown.parts is stored; checksums and `wrong` are those after it. CONFLICT where another was faster.
MUST_USE fault_t artifact_store_add_part (db_t *db, turn_t *turn, const artifact_row_t *row,
                                          const part_t *part);
MUST_USE fault_t artifact_store_publish (db_t *db, turn_t *turn, const artifact_row_t *row);
// Parts from `first` to `last`, in order.
MUST_USE fault_t artifact_store_parts (db_t *db, turn_t *turn, const char *id, int64_t first, int64_t last,
                                       part_t **parts, size_t *count);

// Published ones of a run, a job, a name ("" for any), behind the cursor, by id.
MUST_USE fault_t artifact_store_list (db_t *db, turn_t *turn, const artifact_list_t *ask, size_t limit,
                                      artifact_page_t *page);

// Its rows go; its blobs become garbage.
MUST_USE fault_t artifact_store_remove (db_t *db, turn_t *turn, const char *id, int64_t parts);
#define REMOVE_STEP 4 // Artifacts of one step
// Those whose time is over, and uploads that nobody went on with since `idle_since_us`: id, parts.
MUST_USE fault_t artifact_store_over (db_t *db, turn_t *turn, int64_t idle_since_us,
                                      const rows_t **artifacts);
#define GARBAGE_STEP 16 // Blobs of one step
MUST_USE fault_t artifact_store_garbage (db_t *db, turn_t *turn, const rows_t **blobs);
MUST_USE fault_t artifact_store_gone (db_t *db, turn_t *turn, const char *blob);

// The key of a part's blob: ours alone, found again when an upload was given up.
const char *part_blob (arena_t *arena, const char *id, int64_t part);

#endif
