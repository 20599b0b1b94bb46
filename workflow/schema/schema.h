/* schema.h - every key of a workflow file, declared once: where it may stand, what it may hold, which contexts its
 * expressions may use, and what it means.
 *
 * An object is a list of rows: a named key, "*" for any other key, or "[]" for the items of a list. Checking a file,
 * the texts of its errors, completion and the published schema all come from these rows. Contexts are inherited:
 * what a key allows, everything below it allows too. After schema: GitHub's "Workflow syntax" and "Contexts". */

#ifndef OPENCICD_WORKFLOW_SCHEMA_H
#define OPENCICD_WORKFLOW_SCHEMA_H

#include "workflow/yaml/yaml.h"

// What expressions may name: the bits of schema_row_t.contexts.
#define CONTEXT_INDEX(name) INDEX_##name,
enum { EXPRESSION_CONTEXTS (CONTEXT_INDEX) INDEX_STATUS, INDEX_HASH };
#undef CONTEXT_INDEX
#define CONTEXT_BIT(name) IN_##name = 1 << INDEX_##name,
enum {
    EXPRESSION_CONTEXTS (CONTEXT_BIT) IN_STATUS =
        1 << INDEX_STATUS,     // success(), failure(), always(), cancelled()
    IN_HASH = 1 << INDEX_HASH, // hashFiles()
    IN_RUN = IN_github | IN_inputs | IN_vars,
    IN_CALL = IN_RUN | IN_needs,
    IN_CELL = IN_CALL | IN_strategy | IN_matrix,
    IN_AGENT = IN_CELL | IN_steps | IN_job | IN_runner | IN_env,
    IN_STEP = IN_AGENT | IN_secrets | IN_HASH
};
#undef CONTEXT_BIT

#define SCHEMA_KEYS 1000 // Of one map

// What a value may be. Scalars become strings where a string is wanted.
enum {
    IS_NULL = 1,
    IS_BOOL = 2,
    IS_NUMBER = 4,
    IS_STRING = 8,
    IS_LIST = 16,
    IS_MAP = 32,
    IS_ANY = 63,
    IS_FILLED = 64,     // A string that is not empty
    IS_CONDITION = 128, // An `if`
    IS_REQUIRED = 256,
    IS_NAME = 512,  // Its keys (of "*") or its text: a letter or _, then letters, digits, - and _
    IS_GLOB = 1024, // A filter pattern
    IS_CRON = 2048,
    IS_EVENT = 4096,      // The name of an event
    IS_SOME = 8192,       // A list that is not empty
    IS_LOOSE = 16384,     // What does not fit is ignored when the workflow runs; see findings_t.strict
    IS_DEFAULTED = 32768, // Another text than one of `values` is taken as the first of them
    IS_TEXT = IS_STRING | IS_FILLED
};

typedef struct schema_object schema_object_t;

typedef struct {
    const char *key;
    unsigned kinds;
    unsigned contexts;
    const schema_object_t *inner; // What is below, for lists and maps
    const char *values;           // The only ones allowed, separated by spaces; NULL: any
    const char *meaning;
} schema_row_t;

// An object that takes other keys depending on one of them: a step with `run`, a step with `uses`.
typedef struct {
    const char *key; // NULL: where none of the others is there
    const schema_object_t *object;
} schema_variant_t;

struct schema_object {
    const char *title; // "a step"
    const schema_row_t *rows;
    size_t count;
    const schema_variant_t *variants; // Instead of rows
    size_t variant_count;
};

extern const schema_object_t schema_workflow;   // A file
extern const schema_object_t schema_definition; // A job's definition, as it travels to an agent
extern const schema_object_t schema_on;         // Events by name
extern const schema_object_t schema_job;
extern const schema_object_t schema_permissions;
extern const schema_object_t schema_action; // An action.yml

#define SCHEMA_OBJECT(name, title)                             \
    {                                                          \
        title, name, sizeof (name) / sizeof (name[0]), NULL, 0 \
    }
#define SCHEMA_VARIANTS(name, title)                           \
    {                                                          \
        title, NULL, 0, name, sizeof (name) / sizeof (name[0]) \
    }

const schema_row_t *schema_row (const schema_object_t *self, const char *key); // NULL where it has none

// Checks a tree against an object; parses its expressions into the nodes. Adds findings of rules "schema" and
// "expression".
void schema_check (arena_t *arena, node_t *node, const schema_object_t *object, findings_t *findings);

// The nearest of an object's keys to a misspelt one, or NULL.
const char *schema_nearest (const schema_object_t *self, const char *key);
// Has the map a key that is probably meant to be this one?
bool schema_misspells (const schema_object_t *self, const node_t *map, const char *key);

#endif
