/* action_settings.h - where actions come from, how much of them is kept, and what they are locked to: what a program gives the engine.
 *
 * Apart from action_store.h, whose models of the language cannot be read together with proto/messages.h. */

#ifndef OPENCICD_AGENT_ENGINE_ACTION_SETTINGS_H
#define OPENCICD_AGENT_ENGINE_ACTION_SETTINGS_H

#include "common/base/turn.h"

typedef enum {
    PIN_NONE,   // It was never used
    PIN_RECORD, // The record has it, from its first use
    PIN_FILE,   // The repository's lock file has it: that commit runs, wherever the tag is now
    PIN_MISSING // The repository's lock file should have it and has not: it must not run
} pin_source_t;

typedef struct {
    pin_source_t source;
    const char *commit; // "" for none
} pin_t;

// Where references are locked: the project's record at the server, a file, a test's table.
typedef struct action_pins {
    void *self;
    // What "owner/repo@ref" is locked to. With a commit: it is there now; where it was not locked, it is from now on, and whoever
    // comes first wins: *out says what counts.
    fault_t (*look) (void *self, turn_t *turn, const char *key, const char *commit, pin_t *out);
    const char
        *accept_command; // "opencicd actions accept PROJECT": how a moved one is accepted; NULL: not at all
} action_pins_t;

// Of a program, for all its jobs.
typedef struct {
    const char *cache;                     // Absolute; made where it is missing
    const char *sources;                   // As action_source.h says
    const char *git_config;                // The one configuration that git reads; "": none
    uint32_t max_mib, max_count, max_days; // Of the cache; 0: no bound
    uint32_t ref_seconds;                  // A tag or branch is looked up again after so long
    const char *
        originals; // Builtin actions that are fetched like all others: names with commas, or "all"; NULL: none
} action_settings_t;

#endif
