/* world.h - a scheduler among pretended scm, logs and identity, with a clock turned by hand, on each engine.
 *
 * Agents are parked: a test asks for their next job and ends it with a word. Texts live as long as the world. */

#ifndef OPENCICD_TEST_SCHEDULER_WORLD_H
#define OPENCICD_TEST_SCHEDULER_WORLD_H

#include "common/bus/bus.h"
#include "common/db/db.h"
#include "proto/messages.h"
#include "services/scheduler/scheduler.h"
#include "tests/service/on_engines.h"
#include "tests/service/scheduler/world_agents.h"

#define WORLD_BEGINS SECONDS (1900000000) // 2030-03-17T17:46:40Z
#define WAIT_MS      60000                // For something to become true
#define A_SUM        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

#define MERGED_HEAD "2222222222222222222222222222222222222222" // Whose merges refs/pull/N/merge are

struct world {
    bus_client_t *client;
    wall_clock_t *clock;
    wall_clock_t *leases; // What leases are counted by: the same, or that of the first replica
    arena_t *arena;
    turn_t turn;
    caller_t caller; // Of the next requests; ADMIN
    uint32_t lease_seconds, max_attempts;
    scheduler_keeps_t keeps;
    struct inside *inside; // world.c's own
};

void on_each_engine (void (*test) (world_t *world));

void world_restart (world_t *self); // The scheduler ends and another one starts on the same database
// Another replica on the same database, with services of its own and a clock that is so much ahead; ends with world_end_second.
world_t *world_second (world_t *first, int64_t ahead_s);
void world_end_second (world_t *self);
void world_turn (world_t *self, int64_t seconds); // The clock goes on, and what it brings is done
void world_sleep (world_t *self,
                  int64_t seconds); // Likewise, at once: as if nothing had been served meanwhile
// Within the scheduler's next unit of work, once, before its turns begin: as where its database must be reached anew.
void world_turn_within (world_t *self, int64_t seconds);

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
// What any other repository has at any ref: a file; or why there is none (NULL).
void world_called (world_t *self, const char *sha, const char *path, const char *text, const char *fails);
const char *world_called_asked (world_t *self);           // "SITE REPOSITORY REF COMMIT URL NAME"
void world_scm_fails (world_t *self, const char *detail); // NULL: it works again
void world_scm_fault (world_t *self, fault_t fault,
                      const char *detail);            // Likewise, with this fault; LATER: it does not answer
void world_scm_refuses (world_t *self, bool refuses); // Addresses of projects
bool world_was_trusted (world_t *self);               // The last fetch
bool world_check_was_trusted (world_t *self);         // The last check of a project's address
int world_fetches (world_t *self);                    // So far
int world_seals (world_t *self);                      // Logs that were sealed with what was there
// The next request for a token, or for an address to be checked, does not answer until it is let go; others do.
void world_hold_next (world_t *self);
int world_holds (world_t *self);
void world_let_go (world_t *self);
void world_hold_seals (world_t *self, bool held); // log_seal does not answer until they are let go
int world_seals_waiting (world_t *self);          // How many have come meanwhile
int world_seals_named (world_t *self);   // Of all that were sealed, those of which the project was said
int world_audited (world_t *self);       // Entries that identity was sent for the audit, however often
int world_audit_asked (world_t *self);   // How often it was asked to take some
const char *world_audit (world_t *self); // The last one: "ada run_cancel r1 p1 OK"
int world_revoked (world_t *self);       // Subjects whose tokens were revoked
void world_log_fault (world_t *self, fault_t fault);      // What log_seal says from now on
void world_identity_fault (world_t *self, fault_t fault); // What token_issue and token_revoke say
const char *world_issued (world_t *self); // The last token: "ada AGENT for registrar: linux gpu"
void wait_for_count (world_t *self, int (*count) (world_t *), int least); // world_seals, world_revoked
int64_t world_number (world_t *self, const char *sql);                    // The first of the first row
void world_sql (world_t *self, const char *sql);         // Beside the scheduler, on its database
const char *world_engine (world_t *self);                // The URL of its database
int world_purged_jobs (world_t *self);                   // Whose logs are to go, as the collector was told
int world_most_purged (world_t *self);                   // At once
const char *world_purged_run (world_t *self);            // The last run whose artifacts are to go
const char *world_purged_project (world_t *self);        // The last project whose caches are to go
void world_printed (world_t *self, const char *lines);   // By every step, from now on; a literal
void world_excerpt_fault (world_t *self, fault_t fault); // What log_excerpt says from now on
int world_excerpts (world_t *self);                      // How many were asked for
void world_purge_faults (world_t *self, fault_t logs, fault_t artifacts); // What they say from now on
void world_forget_fault (world_t *self, fault_t fault); // What scm says of a mirror that is to go
int world_forgotten (world_t *self);                    // Mirrors that went
const char *world_forgotten_url (world_t *self);        // "untrusted https://...", or the URL alone

// ---- the language of the tests; the project is "demo" ----
void project (world_t *self); // Its repository was read
void wait_for_project (world_t *self, const char *name, const char *state);
run_t trigger (world_t *self); // The only workflow, which is "ci.yml"
run_t run_of (world_t *self, const char *run);
const job_t *job_of (const run_t *run, const char *name); // Fails the test where there is none
#define CHECK_JOB(world, run, name, state) CHECK_STR (job_text (world, run, name), state)
const char *job_text (world_t *self, const char *run, const char *name); // "queued", "finished success"
const char *run_text (world_t *self, const char *run);                   // Likewise
void wait_for_job (world_t *self, const char *run, const char *name, const char *text);
void wait_for_run (world_t *self, const char *run, const char *text);
size_t count_runs (world_t *self); // Of all projects, on the first page
void wait_for_runs (world_t *self, size_t count);

#endif
