/* action_settings.h - where actions come from, how much of them is kept, and what they are locked to: what a program gives the engine.
 *
 * Not in action_store.h, because the language's models cannot be included together with proto/messages.h: both have a `struct job`. */

#ifndef OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_SETTINGS_H
#define OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_SETTINGS_H

#include "common/base/turn.h"

typedef enum {
    PIN_NONE,   // It is not locked: never used before
    PIN_RECORD, // Locked at its first use
    PIN_FILE,   // Locked by the repository's lock file: that commit runs, whatever the tag names now
    PIN_MISSING // The lock file covers the workflow but lacks this action: it must not run
} pin_source_t;

typedef struct {
    pin_source_t source;
    const char *commit; // "" for none
} pin_t;

// Where references are locked: the project's record at the server, a file, a test's table.
typedef struct action_pins {
    void *self;
    // What "owner/repo@ref" is locked to. `commit`, unless NULL, is what the ref names now: if it was not locked yet, this locks it; the
    // first one wins, and *out is the lock that counts.
    fault_t (*look) (void *self, turn_t *turn, const char *key, const char *commit, pin_t *out);
    const char *
        accept_command; // The command that accepts a moved one, "opencicd actions accept PROJECT"; NULL: none
} action_pins_t;

// Of a program, for all its jobs.
typedef struct {
    const char *cache;                     // Absolute; created if missing
    const char *sources;                   // As common/os/git_source.h says
    const char *git_config;                // The one configuration that git reads; "": none
    uint32_t max_mib, max_count, max_days; // Of the cache; 0: no bound
    uint32_t ref_seconds;                  // How long a tag's or branch's commit is remembered
    const char *
        originals; // Builtin actions that are fetched like all others: names with commas, or "all"; NULL: none
} action_settings_t;

#endif
