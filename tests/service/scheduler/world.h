/* world.h - a scheduler among pretended scm, logs and identity, with a clock turned by hand, on each engine.
 *
 * Agents are parked: a test asks for their next job and ends it with a word. Texts live as long as the world. */

#ifndef OPENCICD_TEST_SCHEDULER_WORLD_H
#define OPENCICD_TEST_SCHEDULER_WORLD_H

#include "common/bus.h"
#include "common/db.h"
#include "proto/messages.h"
#include "tests/service/on_engines.h"

#define WORLD_BEGINS SECONDS (1900000000) // 2030-03-17T17:46:40Z
#define WAIT_MS      5000                 // For something to become true

typedef struct world world_t;
struct world {
    bus_client_t *client;
    wall_clock_t *clock;
    arena_t *arena;
    turn_t turn;
    caller_t caller; // Of the next requests; ADMIN
    uint32_t lease_seconds, max_attempts;
    struct inside *inside; // world.c's own
};

void on_each_engine (void (*test) (world_t *world));

void world_restart (world_t *self); // The scheduler ends and another one starts on the same database
void world_turn (world_t *self, int64_t seconds); // The clock goes on, and what it brings is done

fault_t world_ask (world_t *self, uint16_t number, const void *ask, void *answer);
#define ASK(world, message, answer, ...) world_ask (world, MSG_##message, &(message##_t){__VA_ARGS__}, answer)
#define MUST(world, message, answer, ...)                                          \
    do {                                                                           \
        fault_t must = ASK (world, message, answer, __VA_ARGS__);                  \
        if (must)                                                                  \
            test_fail (__FILE__, __LINE__, #message ": %s: %s", fault_name (must), \
                       (world)->turn.detail ? (world)->turn.detail : "");          \
    } while (0)

// ---- the pretended repository ----
void world_file (world_t *self, const char *path, const char *text); // "ci.yml"; replaces one of that name
void world_commit (world_t *self, const char *sha);                  // What the branch points to
void world_scm_fails (world_t *self, const char *detail);            // NULL: it works again
int world_seals (world_t *self);                     // Logs that were sealed with what was there
int world_revoked (world_t *self);                   // Subjects whose tokens were revoked
void world_log_fault (world_t *self, fault_t fault); // What log_seal says from now on

// ---- the language of the tests; the project is "demo" ----
void project (world_t *self);
run_t trigger (world_t *self); // The only workflow, which is "ci.yml"
run_t run_of (world_t *self, const char *run);
const job_t *job_of (const run_t *run, const char *name); // Fails the test where there is none
#define CHECK_JOB(world, run, name, state) CHECK_STR (job_text (world, run, name), state)
const char *job_text (world_t *self, const char *run, const char *name); // "queued", "finished success"
const char *run_text (world_t *self, const char *run);                   // Likewise
void wait_for_job (world_t *self, const char *run, const char *name, const char *text);
void wait_for_run (world_t *self, const char *run, const char *text);

typedef struct {
    const char *id, *name;
    job_offer_t offer; // The job it has
} fake_agent_t;

fake_agent_t agent (world_t *self, const char *name, const char *labels); // "linux,gpu"
bool take (world_t *self, fake_agent_t *agent);                           // Its next job, if there is one
const char *takes (world_t *self, fake_agent_t *agent);                   // That job's name, or ""
fault_t say (world_t *self, const fake_agent_t *agent, job_state_t state, result_t result, order_t *order);
void begins (world_t *self, fake_agent_t *agent);
void ends (world_t *self, fake_agent_t *agent, result_t result);
void ends_with (world_t *self, fake_agent_t *agent, result_t result, const char *outputs);
order_t beats (world_t *self, fake_agent_t *agent); // With the job it has

#endif
