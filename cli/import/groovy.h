/* groovy.h - as much of Groovy as a declarative Jenkinsfile needs: a file to statements, each with its line and its source.
 *
 * A statement is a call (`sh 'make'`, `stage ('x') { ... }`, `agent any`), an assignment of a name (`A = 'b'`), or code: whatever else there
 * is, kept as its source up to its end. Values are strings, numbers, names, lists, maps, calls, blocks, or code. The grammar is ours, of what
 * Jenkins documents for declarative pipelines; nothing is evaluated. Nodes live in the arena and point into the text. */

#ifndef OPENCICD_CLI_IMPORT_GROOVY_H
#define OPENCICD_CLI_IMPORT_GROOVY_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stddef.h>

#define GROOVY_BYTES (1 << 20) // A file
#define GROOVY_DEPTH 60        // Nesting of brackets
#define GROOVY_NODES 100000

typedef enum {
    GROOVY_STRING,   // `text`
    GROOVY_TEMPLATE, // A string with ${}: items are strings and code
    GROOVY_NUMBER,   // `text`
    GROOVY_NAME,     // `text`: a, true, a.b.c
    GROOVY_LIST,     // items
    GROOVY_MAP,      // items, keys
    GROOVY_CALL, // `text` is its name; items are its arguments, with keys where they have names, and `block`
    GROOVY_ASSIGN, // `text` is the name, items[0] the value
    GROOVY_BLOCK,  // items are statements
    GROOVY_CODE    // Its source is all that is known
} groovy_kind_t;

typedef struct groovy groovy_t;
struct groovy {
    groovy_kind_t kind;
    int line;
    const char *source; // Not terminated
    size_t size;
    const char *text; // "" where the kind has none
    groovy_t **items;
    const char **keys; // As many as items; NULL: that one has no name
    size_t count, capacity;
    groovy_t *block; // Of a call; NULL: none
};

// A GROOVY_BLOCK. INVALID with *error, "LINE: what".
MUST_USE fault_t groovy_parse (arena_t *arena, const char *text, size_t size, const groovy_t **out,
                               const char **error);

const groovy_t *groovy_find (const groovy_t *block, const char *name); // Its first call of that name; NULL
const groovy_t *groovy_argument (const groovy_t *call,
                                 const char *name); // By its name; NULL: the first without one
const char *groovy_argument_text (const groovy_t *call,
                                  const char *name); // Of a string, number or name; NULL

#endif
