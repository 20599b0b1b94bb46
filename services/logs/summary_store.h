/* summary_store.h - the rows of step summaries. */

#ifndef OPENCICD_LOGS_SUMMARY_STORE_H
#define OPENCICD_LOGS_SUMMARY_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

// Replaces the step's earlier summary. OVERLOADED if the attempt has MAX_SUMMARIES of other steps.
MUST_USE fault_t summary_store_put (db_t *db, turn_t *turn, const summary_put_t *ask);
// attempt 0: the latest that has any. None: OK and an empty list.
MUST_USE fault_t summary_store_list (db_t *db, turn_t *turn, const char *job, uint32_t attempt,
                                     summaries_t *out);
// NOT_FOUND.
MUST_USE fault_t summary_store_read (db_t *db, turn_t *turn, const summary_read_t *ask, bytes_t *out);

#endif
