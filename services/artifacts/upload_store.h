/* upload_store.h - the rows of uploads: their progress, list of files and parts, and the blobs that no row refers to.
 *
 * Knows nothing of an upload's purpose: its users (artifacts) keep rows of their own that name it. */

#ifndef OPENCICD_UPLOAD_STORE_H
#define OPENCICD_UPLOAD_STORE_H

#include "common/base/clock.h"
#include "common/base/sha256.h"
#include "common/db/db.h"
#include "proto/limits.h"

#define UPLOAD_MAX (INT64_C (64) << 30) // Bytes of one upload
#define PART_SIZE  MAX_PART             // Bytes of each part but the last

typedef struct {
    const char *id;
    int64_t size;             // Bytes of all its files
    int64_t part_size;        // 0 where each has a size of its own
    int64_t parts;            // Stored, without a gap
    const char *sha256;       // Hex, once sealed; "" before
    const char *wrong;        // The first file whose checksum differs; "" for none
    const char *manifest_sum; // Tells whether two uploads are of the same files
    sha256_t sha;             // Of the stored bytes
    sha256_t file_sha;        // Of those of the file in which they end
    int64_t changed_at;
    // Of one that arrives in blocks (block_store.h)
    int64_t staged;   // Bytes of their pieces
    int64_t gathered; // Blocks that have their place
    bool closed;      // All have
} upload_t;

typedef struct {
    int64_t files; // How many
    size_t raw;    // Bytes before packing
    const void *data;
    size_t size;
} manifest_t;

typedef struct {
    int64_t part;
    int64_t start; // Its first byte in the upload
    const char *blob;
    const unsigned char *frames;
    size_t frames_size;
} part_t;

// What a query selects of `uploads u`, and how it is read from column `first` on. BROKEN where a checksum's state is damaged.
#define UPLOAD_COLUMNS                                                                                  \
    "u.id, u.size, u.part_size, u.parts, u.sha256, u.wrong, u.manifest_sum, u.sha_state, u.file_state," \
    " u.changed_at, u.staged, u.gathered, u.closed"
MUST_USE fault_t upload_store_read (turn_t *turn, const rows_t *rows, size_t row, int first, upload_t *out);

MUST_USE fault_t upload_store_add (db_t *db, turn_t *turn, const upload_t *upload,
                                   const manifest_t *manifest); // NULL: it is not known yet
MUST_USE fault_t upload_store_set_manifest (db_t *db, turn_t *turn, const char *id,
                                            const manifest_t *manifest);
MUST_USE fault_t upload_store_find (db_t *db, turn_t *turn, const char *id, upload_t *out); // NOT_FOUND
MUST_USE fault_t upload_store_manifest (db_t *db, turn_t *turn, const char *id, manifest_t *out);

// Part upload->parts is stored under a key that was reserved; checksums and `wrong` are those after it. *stored is false where another
// was faster: then nothing is written, and the blob stays garbage. CONFLICT where the reservation has run out.
MUST_USE fault_t upload_store_add_part (db_t *db, turn_t *turn, const upload_t *upload, const part_t *part,
                                        bool *stored);
// One more part, whose blob is nobody's garbage.
MUST_USE fault_t upload_store_place (db_t *db, turn_t *turn, const char *id, const part_t *part);
// No more parts. False where it was sealed before.
MUST_USE fault_t upload_store_seal (db_t *db, turn_t *turn, const char *id, const char *sha256);
// Those that hold the bytes from `first` to `last`, in order.
MUST_USE fault_t upload_store_parts (db_t *db, turn_t *turn, const char *id, int64_t first, int64_t last,
                                     part_t **parts, size_t *count);
// Its rows go, and its blobs become garbage, but for those that others may have (chunk_store_drop). Drop its blocks first (block_store_drop).
MUST_USE fault_t upload_store_remove (db_t *db, turn_t *turn, const char *id);

// ---- blobs that no row refers to ----

// A condition on the rows of an upload $1: their blob is its own. Of chunks others may have the bytes, too (chunk_store.h).
#define NO_CHUNK " and blob not in (select h.blob from upload_chunks h where h.upload = $1)"

#define KEY_LIFE SECONDS (3600) // After that a reserved key that no part took is removed with its blob
#define KEY_MARGIN \
    SECONDS (      \
        1200) // A key is not used this long before that: clocks of replicas differ, and a put may take a while

// From now on these keys are garbage, until a part takes them. Before anything is written under them.
MUST_USE fault_t upload_store_reserve (db_t *db, turn_t *turn, const char *const *keys, size_t count);
// This blob is garbage no longer; *claimed is 0 where it is too late.
MUST_USE fault_t upload_store_claim (db_t *db, turn_t *turn, const char *blob, int64_t *claimed);
// For readers of what is removed, and so that its rows are surely gone before its blobs
#define GARBAGE_GRACE SECONDS (60)
#define GARBAGE_STEP  64 // Blobs of one step
MUST_USE fault_t upload_store_garbage (db_t *db, turn_t *turn, const rows_t **blobs);
MUST_USE fault_t upload_store_removed (db_t *db, turn_t *turn, const char *blob);
MUST_USE fault_t upload_store_postpone (db_t *db, turn_t *turn, const char *blob, int64_t due_us);

#endif
