/* fault.h - everything that can go wrong, once.
 *
 * A function that can fail returns a fault_t. The enum, its name on the wire, its HTTP status and its text come from
 * this one table. The exact problem and its location are given beside it: in a turn (turn.h) or in a list of findings
 * (workflow/yaml/finding.h). */

#ifndef OPENCICD_FAULT_H
#define OPENCICD_FAULT_H

#include <stdbool.h>

#define MUST_USE __attribute__ ((warn_unused_result))

// Returns a fault to the caller. For functions that have nothing to release.
#define TRY(expression)                   \
    do {                                  \
        fault_t try_fault = (expression); \
        if (try_fault)                    \
            return try_fault;             \
    } while (0)

//     name          HTTP  text
#define FAULTS(X)                                                         \
    X (OK, 200, "done")                                                   \
    X (LATER, 202, "the answer is not there yet")                         \
    X (BAD_INPUT, 400, "the request is not well formed")                  \
    X (UNAUTHORIZED, 401, "a valid token is needed")                      \
    X (FORBIDDEN, 403, "this token may not do that")                      \
    X (NOT_FOUND, 404, "there is no such thing")                          \
    X (NO_METHOD, 405, "this path does not know that method")             \
    X (CONFLICT, 409, "its state does not allow this; read it again")     \
    X (GONE, 410, "it was removed")                                       \
    X (TOO_LARGE, 413, "it is larger than the limit")                     \
    X (BAD_RANGE, 416, "the bytes do not continue what is stored")        \
    X (INVALID, 422, "it is well formed but not valid")                   \
    X (BROKEN, 500, "the server failed; its log has the request id")      \
    X (UNAVAILABLE, 503, "a required service cannot be reached")          \
    X (OVERLOADED, 503, "too many requests are waiting; try again later") \
    X (TIMEOUT, 504, "no answer came in time")                            \
    X (NO_SPACE, 507, "the disk or the store is full")                    \
    X (TOO_MANY, 429, "too many attempts; try again later")

#define FAULT_ENUM(name, http, text) name,
typedef enum { FAULTS (FAULT_ENUM) FAULT_COUNT } fault_t;
#undef FAULT_ENUM

const char *fault_name (fault_t fault);        // "NOT_FOUND"
const char *fault_text (fault_t fault);        // The table's sentence
const char *fault_own_text (fault_t fault);    // The same of a program that is no server, for its own log
int fault_http (fault_t fault);                // 404
bool fault_is_transient (fault_t fault);       // It may pass: trying again later makes sense
fault_t fault_from_errno (int error);          // ENOSPC -> NO_SPACE, ENOENT -> NOT_FOUND, ... else BROKEN
fault_t fault_from_wire (unsigned int number); // Out of range (a newer peer's) -> BROKEN

#endif
