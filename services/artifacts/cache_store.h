/* cache_store.h - the rows of caches: which upload is found under which key of which ref, when it was last used, what is to go. */

#ifndef OPENCICD_CACHE_STORE_H
#define OPENCICD_CACHE_STORE_H

#include "proto/messages.h"
#include "services/artifacts/upload_store.h"

#define CACHE_IDLE SECONDS (900) // A reservation without progress for this long makes way for another

typedef struct {
    const char *id;
    int64_t number;
    const char *project;
    const char *scope;
    const char *key;
    const char *version;
    const char *job; // That saves it
    uint32_t attempt;
    int64_t size;  // Once complete
    bool complete; // Saved; else reserved
    int64_t created_at, used_at, due_at;
    upload_t upload;
} cache_row_t;

typedef struct {
    cache_row_t *items;
    size_t count;
} cache_rows_t;

// What is not gone, by id or number; complete ones only until they are due. NOT_FOUND with words.
MUST_USE fault_t cache_store_find (db_t *db, turn_t *turn, const char *id, cache_row_t *out);
// The one that has this place: saved, reserved, or due and not removed yet. NOT_FOUND.
MUST_USE fault_t cache_store_entry (db_t *db, turn_t *turn, const cache_row_t *entry, cache_row_t *out);
// Of those saved under this scope and version: the one with that key, else the newest whose key begins so. NOT_FOUND.
MUST_USE fault_t cache_store_look (db_t *db, turn_t *turn, const cache_row_t *entry, cache_row_t *out);

// Reserves its place, and gives it its number; its upload is there. CONFLICT where another replica was faster.
MUST_USE fault_t cache_store_reserve (db_t *db, turn_t *turn, cache_row_t *row);
// It can be found from now on, and is the newest.
MUST_USE fault_t cache_store_save (db_t *db, turn_t *turn, const cache_row_t *row);
MUST_USE fault_t cache_store_use (db_t *db, turn_t *turn, const char *id, int64_t due_us);
MUST_USE fault_t cache_store_blocks (db_t *db, turn_t *turn, const char *upload, staged_block_items_t *out);

typedef struct {
    int64_t count, bytes;
} cache_usage_t;
MUST_USE fault_t cache_store_usage (db_t *db, turn_t *turn, const char *project,
                                    cache_usage_t *out); // Of saved ones
// What counts against the project's limit: what several have in common once, and CHUNK_ROW for each reference to it.
MUST_USE fault_t cache_store_stored (db_t *db, turn_t *turn, const char *project, int64_t *bytes);
// Of those reserved: how many, and what of them has arrived.
MUST_USE fault_t cache_store_reserved (db_t *db, turn_t *turn, const char *project, cache_usage_t *out);
// Saved ones, but for `kept`, the least recently used first: ids.
MUST_USE fault_t cache_store_oldest (db_t *db, turn_t *turn, const char *project, const char *kept,
                                     size_t limit, const rows_t **rows);

typedef struct {
    const char *project;
    const char *id;  // Or number; "" for any, as the others
    const char *key; // Exactly this, or
    bool prefix;     // what begins so
    const char *ref; // A branch's or tag's name, or in full
} cache_filter_t;
// Saved ones with a number below `before`, the highest first.
MUST_USE fault_t cache_store_list (db_t *db, turn_t *turn, const cache_filter_t *filter, int64_t before,
                                   size_t limit, cache_rows_t *out);

typedef struct {
    bool saved;    // It could be found
    int64_t freed; // Of what counts against the limit
} cache_dropped_t;

// Nobody finds it from now on; its rows and blobs follow.
MUST_USE fault_t cache_store_drop (db_t *db, turn_t *turn, const char *id, cache_dropped_t *out);
MUST_USE fault_t cache_store_purge (db_t *db, turn_t *turn, const char *project); // All of it
// What is gone, due, or reserved without progress, a few at a time: id, 0.
MUST_USE fault_t cache_store_over (db_t *db, turn_t *turn, const rows_t **caches);
// Removes its rows, with those of its upload. *unused: it was there to be found, and nobody did.
MUST_USE fault_t cache_store_remove (db_t *db, turn_t *turn, const char *id, bool *unused);

#endif
