/* job_world.h - an engine in a folder of its own, and a sink that listens: whole jobs with real processes. */

#ifndef OPENCICD_TESTS_JOB_WORLD_H
#define OPENCICD_TESTS_JOB_WORLD_H

#include "agent/engine/builtin/artifact_port.h"
#include "agent/engine/engine.h"
#include "common/base/buffer.h"
#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/test.h"

#include <string.h>

#define STEPS_MAX 32

typedef struct {
    arena_t *arena;
    const char *root;
    engine_t *engine;
    cancel_t *cancel; // Of the job that runs
    buffer_t *log;
    buffer_t *said; // Of the code: "2 error src/a.c:3:7 [title] message" and a line end for each
    buffer_t *summaries;
    bool no_summaries; // The server takes none
    engine_step_t steps[STEPS_MAX + 1];
    uint32_t step_count;               // The number of the last one
    size_t room;                       // Bytes of log that the sink takes
    bool cancels, hard;                // When the log says "ready"
    const engine_variable_t *services; // NULL: none
    const char *token;                 // github.token; NULL: none
    const struct cache_port *caches;   // NULL: none
    engine_result_t result;
} world_t;

void world_begin (world_t *self);
// With these scripts of the machine's administrator; NULL: none. They are started.sh and completed.sh in world.root.
void world_begin_with_hooks (world_t *self, const char *started, const char *completed);
void world_begin_with_containers (world_t *self, const char *host); // Of the container engine
void world_end (world_t *self);
// `steps` is what stands in the definition after the key: "\"steps\":[...]".
void run_with (world_t *self, const char *definition, const char *contexts);
void run (world_t *self, const char *definition);
// What the first step printed: what stands after its ##[endgroup].
const char *printed (const world_t *self);
const char *outcome (const world_t *self, uint32_t step);
bool logged (const world_t *self, const char *text);

#endif
