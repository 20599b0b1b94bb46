/* builtin.h - actions that are part of the agent instead of being fetched: one row each, in builtin.c.
 *
 * To add one: a builtin_*.c with its run function, and a row. */

#ifndef OPENCICD_AGENT_ENGINE_BUILTIN_BUILTIN_H
#define OPENCICD_AGENT_ENGINE_BUILTIN_BUILTIN_H

#include "agent/engine/builtin/artifact_port.h"
#include "agent/engine/builtin/cache_port.h"
#include "common/base/arena.h"
#include "common/base/backoff.h"
#include "common/base/buffer.h"
#include "proto/states.h"

#include <stdbool.h>

typedef struct builtin_call builtin_call_t;

// What an action may use of the engine.
struct builtin_call {
    void *self;
    arena_t *arena; // Until the step's end
    const char *workspace;
    int view;                              // Whose paths a job's are: common/os/rooted.h
    const char *repository, *ref, *sha;    // Of the run; "" where there is none
    const char *name;                      // The repository's, OWNER/NAME
    const char *own_folder;                // For files that the agent needs
    const char *temp;                      // RUNNER_TEMP: emptied after the job
    const char *temp_inside;               // The same as the steps of a job in a container see it; else NULL
    const char *token, *server_url;        // github.token and github.server_url; "" where there is none
    const char *home;                      // HOME of what the steps run; NULL: the agent's own
    const struct artifact_port *artifacts; // NULL: there are none here
    const struct cache_port *caches;       // Likewise
    const char *(*input) (void *self, const char *name); // "" where it is not given
    void (*log) (void *self, const char *text);          // A line for the log
    void (*fail) (void *self, const char *text);         // Why it failed
    void (*mask) (void *self, const char *secret);       // Masked in the log from now on
    void (*output) (void *self, const char *name, const char *value);
    void (*variable) (void *self, const char *name, const char *value);   // For the programs that it runs
    void (*keep_state) (void *self, const char *name, const char *value); // For its post
    const char *(*state) (void *self, const char *name);                  // "" where none was kept
    const char *(*program) (void *self,
                            const char *name); // Its path where `run` runs it; NULL: there is none
    // Runs a program: false where it did not end with 0. Its output goes to the log, or into `capture`.
    bool (*run) (void *self, char *const *arguments, const char *folder, buffer_t *capture);
    bool (*stopped) (void *self);              // The job is being stopped: return soon
    void (*wait) (void *self, int64_t for_us); // Returns early if the job is being stopped
};

typedef struct {
    const char *name;                         // "actions/checkout"; any version of it is this one
    const char *const *inputs;                // Those that it knows; ends with NULL
    bool (*run) (const builtin_call_t *call); // True: success
    const char *const *secrets; // Inputs whose values are masked, before they are shown; NULL: none
    bool (*post) (const builtin_call_t *call); // After all steps; NULL: nothing
    bool
        outside; // Its programs run on this machine, also where the job has a container, and its paths are this machine's
    bool post_on_success; // Its post runs only where nothing has failed
} builtin_t;

// "actions/checkout@v4"; NULL if it is not builtin, or is one of `originals` (action_settings.h). In a trial, which `ref` shows, the
// checkout is always builtin: the original cannot fetch a commit that is in no repository.
const builtin_t *builtin_find (const char *uses, const char *originals, const char *ref);
bool builtin_is_trial (const char *ref);    // Is it of a run's commit that only the server has?
const char *builtin_names (arena_t *arena); // "actions/checkout, actions/upload-artifact, ..."

bool builtin_checkout (const builtin_call_t *call);
bool builtin_upload (const builtin_call_t *call);
bool builtin_download (const builtin_call_t *call);
bool builtin_cache (const builtin_call_t *call);
bool builtin_cache_post (const builtin_call_t *call);
bool builtin_restore (const builtin_call_t *call);
bool builtin_save (const builtin_call_t *call);
extern const char *const builtin_checkout_inputs[],
    *const builtin_checkout_secrets[],
        *const builtin_upload_inputs[], *const builtin_download_inputs[],
                                            *const builtin_cache_inputs[], *const builtin_restore_inputs[],
                                                                               *const builtin_save_inputs[];

// A boolean input, `fallback` if absent. False, and builtin_fail was called, if it is neither true nor false.
bool builtin_flag (const builtin_call_t *call, const char *name, bool fallback, bool *out);
void builtin_log (const builtin_call_t *call, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));
bool builtin_fail (const builtin_call_t *call, const char *format, ...)
    __attribute__ ((format (printf, 2, 3))); // Returns false
// A request to the server failed with this fault; `turn` says why. If it may succeed later: logs that once, waits, longer each time, and
// returns true: try again. It waits for a full disk as long as the step may run, for an answer BUILTIN_AWAY_SECONDS.
#define BUILTIN_AWAY_SECONDS 600
typedef struct {
    backoff_t backoff;
    int64_t until_us;      // Monotonic; 0: nothing has failed yet
    uint32_t away_seconds; // 0: BUILTIN_AWAY_SECONDS
} builtin_retry_t;
bool builtin_retry (const builtin_call_t *call, const turn_t *turn, fault_t fault, builtin_retry_t *retry);
// An input's path, made absolute; NULL, and builtin_fail was called, if it leads out of the workspace.
const char *builtin_path (const builtin_call_t *call, const char *path);

#endif
