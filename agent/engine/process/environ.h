/* environ.h - the variables of a process: names and values in order, each name once. Lives in an arena. */

#ifndef OPENCICD_AGENT_ENGINE_PROCESS_ENVIRON_H
#define OPENCICD_AGENT_ENGINE_PROCESS_ENVIRON_H

#include "common/base/arena.h"

#include <stdbool.h>

#define ENVIRON_MAX 4096 // Variables; a process with more is not started

typedef struct {
    const char *text; // "NAME=value"
    size_t name;      // Bytes before the =
} environ_entry_t;

typedef struct {
    arena_t *arena;
    environ_entry_t *entries;
    size_t count, capacity;
    bool full; // One more was left out
} environ_t;

void environ_init (environ_t *self, arena_t *arena);
// This process's variables, without the agent's own (OPENCICD_...).
void environ_inherit (environ_t *self);
void environ_copy (environ_t *self, const environ_t *from); // Into an empty one
void environ_set (environ_t *self, const char *name, const char *value);
void environ_unset (environ_t *self, const char *name);
const char *environ_get (const environ_t *self, const char *name); // NULL where there is none
char *const *environ_list (environ_t *self);                       // Ends with NULL, for posix_spawn

#endif
