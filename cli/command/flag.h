/* flag.h - the flags of one command, declared as a table and read from its arguments.
 *
 * --name=value, --name value, --switch, -x value, -x; "--" ends them. Everything else is an argument, and so
 * are "-" and a negative number. A flag that the table lacks is refused by name, with the one that was probably meant. Pure. */

#ifndef OPENCICD_CLI_COMMAND_FLAG_H
#define OPENCICD_CLI_COMMAND_FLAG_H

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/base/option.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FLAGS_MAX 24 // Rows of one table

typedef enum { FLAG_SWITCH, FLAG_TEXT, FLAG_NUMBER, FLAG_LIST } flag_kind_t;

typedef struct {
    const char *name; // "workflow"; NULL ends the table
    flag_kind_t kind;
    char letter;         // 0: none
    const char *metavar; // What help calls the value
    const char *choices; // "a|b"; NULL: any
    const char *doc;
} flag_t;

typedef struct {
    const char **items;
    size_t count;
} args_t;

typedef struct {
    const flag_t *table;
    args_t given[FLAGS_MAX]; // Values in order, one list a row; a switch has "true" or "false"
    args_t args;             // What is not a flag
} flags_t;

// argv[0] is the first argument. `table` may be NULL. BAD_INPUT with *error, one line.
MUST_USE fault_t flags_parse (flags_t *self, arena_t *arena, const flag_t *table, int argc, char *const *argv,
                              const char **error);

// The name must be in the table.
bool flag_on (const flags_t *self, const char *name);
const char *flag_text (const flags_t *self, const char *name); // The last one given; NULL: none
int64_t flag_number (const flags_t *self, const char *name, int64_t fallback);
args_t flag_list (const flags_t *self, const char *name);

void flags_options (options_t *out, arena_t *arena, const flag_t *table); // Appends them, for help

#endif
