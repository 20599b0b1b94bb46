/* import.h - what the translators of other systems' files have in common: the workflow that comes out, its jobs, and the list of what
 * was not translated.
 *
 * A translator is a function from the text of a file to a workflow that passes `opencicd lint`: no file, no server, no clock. What it
 * cannot say in a workflow becomes a comment where it would be, with the line that it was at, and is counted. What could run although it
 * must not, as its condition was not understood, gets a condition that is false. */

#ifndef OPENCICD_CLI_IMPORT_IMPORT_H
#define OPENCICD_CLI_IMPORT_IMPORT_H

#include "cli/import/draft.h"
#include "common/base/fault.h"

#include <stdbool.h>

#define IMPORT_JOBS  256 // Of a workflow
#define IMPORT_NOTES 1000
#define IMPORT_QUOTE 12 // Lines of the source that a comment shows

typedef struct import_job {
    const char *id;
    const char *name;
    struct import_job **needs;
    size_t need_count, need_capacity;
    const char *condition; // An expression; NULL: none
    bool uncertain;        // A job before it may be skipped, and would have it skipped too
    draft_t *head;         // runs-on, container, env, ...
    draft_t *steps;
} import_job_t;

typedef struct {
    arena_t *arena;
    const char *file;    // For comments and messages
    const char *title;   // "Jenkinsfile": the name of the workflow
    draft_t *on;         // Events
    draft_t *env;        // Of the workflow
    draft_t *top;        // Other keys of the workflow, and comments about all of it
    import_job_t **jobs; // In order
    size_t job_count, job_capacity;
    const char **secrets; // That it reads, for the comment at the top
    size_t secret_count, secret_capacity;
    const char *exports; // A script that sets variables from those of the agent; "": none
    size_t notes;        // Things that were not translated
    const char *error;   // Why nothing came out
} import_t;

typedef fault_t import_fn (import_t *self, const char *text, size_t size);
import_fn import_jenkins, import_gitlab, import_woodpecker; // INVALID with `error`, "LINE: what"

void import_init (import_t *self, arena_t *arena, const char *file, const char *title);
void import_print (const import_t *self, buffer_t *into); // The workflow

// The text of a buffer of DRAFT_MAX bytes, which is destroyed. One that did not fit ends the import: half of a script is another script.
const char *import_taken (import_t *self, int line, buffer_t **text_p);

// ---- comments ----

// "NOT TRANSLATED (line 12): what", into a map or a list.
void import_note (import_t *self, draft_t *into, int line, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));
// The same, and the source below it, its first lines.
void import_quote (import_t *self, draft_t *into, int line, const char *source, size_t size,
                   const char *format, ...) __attribute__ ((format (printf, 6, 7)));

// ---- jobs ----

import_job_t *import_job (import_t *self, const char *name);            // NULL past IMPORT_JOBS, with `error`
void import_need (import_t *self, import_job_t *job, import_job_t *on); // Once
void import_condition (import_t *self, import_job_t *job, const char *condition); // And
const char *import_and (arena_t *arena, const char *one, const char *other);      // Either may be NULL
// Does it call success(), failure(), always() or cancelled()? Else success() is implied around it, which is gone for all parts of a
// condition where one of them has such a call.
bool import_asks_status (arena_t *arena, const char *condition);
#define IMPORT_SUCCEEDED "!failure() && !cancelled()" // success() of a job, after one that was skipped too
draft_t *import_checkout (import_t *self, import_job_t *job); // The step, added
// A step of a shell; `name` may be NULL.
draft_t *import_run (arena_t *arena, const char *name, const char *script);
draft_t *import_uses (arena_t *arena, const char *name, const char *action);

// ---- names and variables ----

bool import_is_variable (const char *name); // [A-Za-z_][A-Za-z0-9_]*
const char *import_name (arena_t *arena,
                         const char *text); // Letters, digits, - and _ of it; "x" where nothing is left
const char *import_secret (import_t *self, const char *text); // "MY_TOKEN" of "my-token"; listed at the top

// A variable that the other system gives to scripts, and the expression that has its value here; "$NAME": a variable of the agent has it;
// NULL: nothing has.
typedef struct {
    const char *name, *expression;
} import_variable_t;

const import_variable_t *import_variable (const import_variable_t *table,
                                          const char *name); // Ends with a NULL name
// Each of them that the text names is put into `env` of the workflow; one without an expression is noted.
void import_variables (import_t *self, const import_variable_t *table, const char *text, size_t size);

#endif
