/* artifact_store.h - the rows of artifacts: which upload a job published, or is about to, under which name. */

#ifndef OPENCICD_ARTIFACT_STORE_H
#define OPENCICD_ARTIFACT_STORE_H

#include "proto/messages.h"
#include "services/artifacts/upload_store.h"

typedef struct {
    const char *id;
    const char *run;
    const char *project; // "" where it was not recorded
    const char *job;
    uint32_t attempt;
    const char *name;
    bool overwrite;
    bool complete; // Published
    int64_t created_at;
    int64_t expires_at; // 0 for never
    int64_t number;     // For GitHub's clients; 0 before it is published
    bool archive;       // Its bytes are a zip of its files
    const char *type;   // Of its bytes; "" for those of its files, one after the other
    upload_t upload;
} artifact_row_t;

// One that has not expired, by its id or its number. NOT_FOUND with words.
MUST_USE fault_t artifact_store_find (db_t *db, turn_t *turn, const char *id, artifact_row_t *out);
// The latest of this job's attempt by that name, published or not; but before all the published one whose list of files has this checksum
// ("": none has): a name that was published can be begun again. NOT_FOUND.
MUST_USE fault_t artifact_store_of_attempt (db_t *db, turn_t *turn, const char *job, uint32_t attempt,
                                            const char *name, const char *sum, artifact_row_t *out);
// The one that has that name in the run, expired or not: it has it until its rows are gone. NOT_FOUND.
MUST_USE fault_t artifact_store_published (db_t *db, turn_t *turn, const char *run, const char *name,
                                           artifact_row_t *out);
// How many this attempt has begun.
MUST_USE fault_t artifact_store_count (db_t *db, turn_t *turn, const char *job, uint32_t attempt,
                                       int64_t *count);
// Its upload is there. CONFLICT, and the upload is removed: another request has begun one of that name in this attempt at this moment.
MUST_USE fault_t artifact_store_add (db_t *db, turn_t *turn, const artifact_row_t *row);
// Gives it its number.
MUST_USE fault_t artifact_store_publish (db_t *db, turn_t *turn, artifact_row_t *row);

typedef struct {
    artifact_row_t *items;
    size_t count;
} artifact_rows_t;
// Published ones of a run, a job, a name, a project ("" for any), a number, after the cursor, by id.
MUST_USE fault_t artifact_store_list (db_t *db, turn_t *turn, const artifact_list_t *ask, const char *project,
                                      size_t limit, artifact_rows_t *out);

// The project of those of a run, or of a job ("" for the other). False in *found where there is none, or it was not recorded.
MUST_USE fault_t artifact_store_project (db_t *db, turn_t *turn, const char *run, const char *job,
                                         const char **project, bool *found);

// All of a run, or of a project ("" for the other), published or not, expire now.
MUST_USE fault_t artifact_store_purge (db_t *db, turn_t *turn, const char *run, const char *project);
// Removes its rows, with those of its upload; harmless if they are gone already.
MUST_USE fault_t artifact_store_remove (db_t *db, turn_t *turn, const char *id, int64_t unused);
#define REMOVE_STEP 4 // Artifacts of one step
// Expired ones, and uploads without progress since `idle_since_us`: id, 0.
MUST_USE fault_t artifact_store_over (db_t *db, turn_t *turn, int64_t idle_since_us,
                                      const rows_t **artifacts);

#endif
