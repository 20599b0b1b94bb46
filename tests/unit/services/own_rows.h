/* own_rows.h - what a statement of a store may change: of rows that differ from its own in one part of their key, none.
 *
 * Each case runs in a transaction of its own on the same rows, on each engine, and is rolled back. */

#ifndef OPENCICD_TEST_OWN_ROWS_H
#define OPENCICD_TEST_OWN_ROWS_H

#include "common/db/db.h"

typedef struct {
    const char *what; // For the message: the function
    fault_t (*act) (db_t *db, turn_t *turn);
    const char *table;
    const char *own; // SQL: the rows of the table that it changes; NULL: none
} own_rows_t;

// Rows of `service`; its cases. Statements that make the rows end with NULL; $1 is no bytes.
void own_rows_check (const char *service, const char *const *rows, const own_rows_t *cases, size_t count);

#endif
