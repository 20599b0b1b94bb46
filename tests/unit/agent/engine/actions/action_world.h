/* action_world.h - a folder with real git repositories of actions, a cache, a record of pins, and stores over them. */

#ifndef OPENCICD_TESTS_ACTION_WORLD_H
#define OPENCICD_TESTS_ACTION_WORLD_H

#include "agent/engine/actions/action_store.h"
#include "agent/engine/process/stop.h"

#define PINS_MAX 16

typedef struct {
    char root[256];
    arena_t *arena;
    struct {
        const char *key, *commit;
        pin_source_t source;
    } pins[PINS_MAX];
    size_t pin_count;
    const char *moved_to; // The last commit that a locked reference was seen at
    const char *log;      // Lines that stores said
    action_pins_t port;
    action_settings_t settings;
    action_store_options_t options;
    turn_t turn;
} action_world_t;

void action_world_begin (action_world_t *self);
void action_world_end (action_world_t *self);
const char *action_world_path (action_world_t *self, const char *name); // ROOT/name
// Runs a shell script in ROOT; fails the test where it fails. What it printed, without the newline at its end.
const char *action_world_sh (action_world_t *self, const char *script);
// A commit in ROOT/actions/REPOSITORY (made where it is missing) with action.yml and the text as the file `version`. Its id.
const char *action_world_commit (action_world_t *self, const char *repository, const char *version);
// A store with a job folder of its own.
action_store_t *action_world_store (action_world_t *self, const char *job);
const char *action_world_read (action_world_t *self, const char *folder, const char *file);

#endif
