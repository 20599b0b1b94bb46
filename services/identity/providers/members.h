/* members.h - members of a JSON object by their exact names, each at most once: for documents on which a sign-in depends.
 *
 * Names that differ in case are different ones, and of two equal ones neither is right: whoever controls one claim must not
 * replace another by it. A member of another kind than is wanted counts as missing. */

#ifndef OPENCICD_PROVIDERS_MEMBERS_H
#define OPENCICD_PROVIDERS_MEMBERS_H

#include "common/base/json_reader.h"
#include "common/base/turn.h"

#include <stddef.h>

#define MEMBERS_VALUES 20000 // Of one document

typedef struct {
    const char *name;
    size_t offset; // Of a const char * in what is filled; NULL before
} member_t;

typedef struct members {
    const member_t *texts; // Ends with a name that is NULL
    void *into;
    // Takes the value of any other member, or returns false for one that is wrong. NULL: they are skipped.
    bool (*other) (struct members *self, json_reader_t *reader, const char *name);
    arena_t *arena;
} members_t;

// One object. False where it is wrong: the reader has the error.
bool members_object (members_t *self, json_reader_t *reader);
// A whole document, which is one object. INVALID.
MUST_USE fault_t members_read (members_t *self, turn_t *turn, const char *text, size_t size);
bool members_strings (json_reader_t *reader, arena_t *arena, const char ***items,
                      size_t *count); // An array of texts; others are left out

#endif
