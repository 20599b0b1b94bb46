/* own_rows.h - what a statement of a store may change, or give: of rows that differ from its own in one part of their key, none.
 *
 * Each case that changes something runs in a transaction of its own on the same rows, and is rolled back. All run on each engine. */

#ifndef OPENCICD_TEST_OWN_ROWS_H
#define OPENCICD_TEST_OWN_ROWS_H

#include "common/db/db.h"

typedef struct {
    const char *what; // For the message: the function
    fault_t (*act) (db_t *db, turn_t *turn);
    const char *table;
    const char *own; // SQL: the rows of the table that it changes; NULL: none
} own_rows_t;

// The function of a case: `call`, of which db and turn are arguments. And the case.
#define ACT(name, call)                          \
    static fault_t name (db_t *db, turn_t *turn) \
    {                                            \
        return call;                             \
    }
// Of a change: OF (act, table, own); of a read: OF (read).
#define OF(function, ...)                  \
    {                                      \
#function, function, ##__VA_ARGS__ \
    }

// Rows of `service`; its cases. Statements that make the rows end with NULL; $1 is no bytes.
void own_rows_check (const char *service, const char *const *rows, const own_rows_t *cases, size_t count);

typedef struct {
    const char *what;
    const char *(*read) (db_t *db, turn_t *turn); // What it gives, as a text
} own_reads_t;

// Each read gives something of `rows`, and the same once `others` are there: rows that differ from those in one part of their key, or in what
// the statement asks for beside it.
void own_reads_check (const char *service, const char *const *rows, const char *const *others,
                      const own_reads_t *cases, size_t count);
void own_reads_must (turn_t *turn, const char *what, fault_t fault);

#endif
