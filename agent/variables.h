/* variables.h - the variables of a process: names and values in order, each name once. Lives in an arena. */

#ifndef OPENCICD_AGENT_VARIABLES_H
#define OPENCICD_AGENT_VARIABLES_H

#include "common/arena.h"

#include <stdbool.h>

#define VARIABLES_MAX 4096 // Variables; those past it are left out

typedef struct {
    arena_t *arena;
    const char **entries; // "NAME=value"
    size_t count, capacity;
} variables_t;

void variables_init (variables_t *self, arena_t *arena);
// What this process has, without what is the agent's own business (OPENCICD_...).
void variables_inherit (variables_t *self);
void variables_copy (variables_t *self, const variables_t *from); // Into an empty one
void variables_set (variables_t *self, const char *name, const char *value);
const char *variables_get (const variables_t *self, const char *name); // NULL where there is none
char *const *variables_list (variables_t *self);                       // Ends with NULL, for posix_spawn

#endif
