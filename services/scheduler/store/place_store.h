/* place_store.h - in which project a thing is, and whether everybody may see that: what decides who may do something with it. Reads `projects`,
 * `runs`, `jobs` and `trials`. */

#ifndef OPENCICD_SCHEDULER_PLACE_STORE_H
#define OPENCICD_SCHEDULER_PLACE_STORE_H

#include "common/db/db.h"
#include "proto/rights.h"

// Of a project (by id or name), run, job or trial. NOT_FOUND without a detail: the caller knows how to say it.
MUST_USE fault_t place_store_find (db_t *db, turn_t *turn, right_of_t of, const char *name,
                                   rights_place_t *out);
MUST_USE fault_t place_store_any_public (db_t *db, turn_t *turn, bool *any); // Is there a public project?

// A condition that holds for projects of the caller (`scope`, a parameter that rights_scope() made) and for public ones.
#define VISIBLE(project, scope) "(" project ".visibility = 'public' or " GRANTED (project ".id", scope) ")"
// For the caller's own alone.
#define GRANTED(id, scope) "replace (" scope ", '|' || " id " || '|', '') <> " scope

#endif
