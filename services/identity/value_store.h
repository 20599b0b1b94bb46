/* value_store.h - table `job_values`: secrets, which are sealed before they come here, and variables. The only file that reads or writes it. */

#ifndef OPENCICD_VALUE_STORE_H
#define OPENCICD_VALUE_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

#define KIND_OF_SECRET   "secret"
#define KIND_OF_VARIABLE "variable"

// Whose: "" for all projects, and for no environment.
typedef struct {
    const char *project, *environment; // Id; in lower case
} value_scope_t;

typedef struct {
    const char *kind;
    value_scope_t scope;
    const char *name; // NULL: there is none
    bytes_t value;
    const char *key_name; // "" of a variable
    int64_t size;         // Of the value as it was given
    int64_t created_at, updated_at;
    const char *updated_by;
} value_row_t;

typedef struct {
    value_row_t *items;
    size_t count;
} value_rows_t;

// Whoever changes values takes this first, to the end of the unit of work: bounds that are counted after it hold.
MUST_USE fault_t value_store_lock (db_t *db, turn_t *turn);
MUST_USE fault_t value_store_put (db_t *db, turn_t *turn, const value_row_t *row); // created_at stays
MUST_USE fault_t value_store_remove (db_t *db, turn_t *turn, const value_row_t *row, int64_t *removed);
// Up to `limit`, by name, after `after`.
MUST_USE fault_t value_store_page (db_t *db, turn_t *turn, const char *kind, const value_scope_t *scope,
                                   const char *after, int64_t limit, value_rows_t *out);
// The one that applies to a job of this scope: its environment's, else its project's, else that of all projects.
MUST_USE fault_t value_store_nearest (db_t *db, turn_t *turn, const char *kind, const value_scope_t *scope,
                                      const char *name, value_row_t *out);
// How many there are in a scope, but that with this name, and their bytes with their names.
MUST_USE fault_t value_store_sum (db_t *db, turn_t *turn, const char *kind, const value_scope_t *scope,
                                  const char *but, int64_t *count, int64_t *bytes);
// Up to `limit` of those that this key sealed.
MUST_USE fault_t value_store_of_key (db_t *db, turn_t *turn, const char *key_name, int64_t limit,
                                     value_rows_t *out);
// The names of the keys that sealed any.
MUST_USE fault_t value_store_keys (db_t *db, turn_t *turn, strs_t *out);
// Sealed again: nothing else about it changes.
MUST_USE fault_t value_store_resealed (db_t *db, turn_t *turn, const value_row_t *row);
MUST_USE fault_t value_store_remove_of (db_t *db, turn_t *turn,
                                        const value_scope_t *scope); // Environment "": all of the project

#endif
