/* option.h - one option as users see it, whichever table it comes from: a setting's row or a command's flag.
 *
 * Help, manual pages and shell completions are all made from lists of these, so that none of them can lack an option. Pure. */

#ifndef OPENCICD_OPTION_H
#define OPENCICD_OPTION_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct {
    const char *flag;    // "--workflow"
    char letter;         // 0: none
    const char *value;   // "FILE"; NULL: a switch
    const char *choices; // "a|b"; NULL: any value
    const char *doc;     // Sentences
} option_t;

typedef struct {
    option_t *items;
    size_t count, capacity;
} options_t;

void options_add (options_t *self, arena_t *arena, option_t option);
// Two columns, wrapped: "  -w, --workflow=FILE    Path or file name of the workflow."
void options_print (FILE *out, const options_t *self);
// Is the value a path, which a shell can complete?
bool option_takes_path (const option_t *self);

#endif
