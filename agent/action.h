/* action.h - actions that the agent knows itself, without fetching them: one row each, in action.c.
 *
 * To add one: an action_*.c with its run function, and a row. */

#ifndef OPENCICD_AGENT_ACTION_H
#define OPENCICD_AGENT_ACTION_H

#include "agent/artifact_port.h"
#include "common/arena.h"
#include "common/buffer.h"
#include "proto/states.h"

#include <stdbool.h>

typedef struct action_call action_call_t;

// What an action may ask of the engine.
struct action_call {
    void *self;
    arena_t *arena; // Until the step's end
    const char *workspace;
    const char *repository, *ref, *sha;                  // Of the run; "" where there is none
    const char *name;                                    // The repository's, OWNER/NAME
    const char *own_folder;                              // For files that the agent needs
    const struct artifact_port *artifacts;               // NULL: there are none here
    const char *(*input) (void *self, const char *name); // "" where it is not given
    void (*say) (void *self, const char *text);          // A line for the log
    void (*fail) (void *self, const char *text);         // Why it failed
    void (*output) (void *self, const char *name, const char *value);
    void (*variable) (void *self, const char *name, const char *value); // For the programs that it runs
    // Runs a program: false where it did not end with 0. Its output goes to the log, or into `capture`.
    bool (*run) (void *self, char *const *arguments, const char *folder, buffer_t *capture);
    bool (*stopped) (void *self); // Told to stop: return soon
};

typedef struct {
    const char *name;                        // "actions/checkout"; any version of it is this one
    const char *const *inputs;               // Those that it knows; ends with NULL
    bool (*run) (const action_call_t *call); // True: success
} action_t;

const action_t *action_find (const char *uses); // "actions/checkout@v4"; NULL where it is none of ours
const char *action_names (arena_t *arena);      // "actions/checkout, actions/upload-artifact, ..."

bool action_checkout (const action_call_t *call);
bool action_upload (const action_call_t *call);
bool action_download (const action_call_t *call);
extern const char *const action_checkout_inputs[], *const action_upload_inputs[],
                                                       *const action_download_inputs[];

// The inputs of several actions that are flags; false where it is neither true nor false nor absent.
bool action_flag (const action_call_t *call, const char *name, bool fallback, bool *out);
void action_say (const action_call_t *call, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
bool action_fail (const action_call_t *call, const char *format, ...)
    __attribute__ ((format (printf, 2, 3))); // Returns false
// A path of an input, made absolute; NULL (and failed) where it leads out of the workspace.
const char *action_path (const action_call_t *call, const char *path);

#endif
