/* guard.c - see guard.h. */

#include "agent/guard.h"

#include "agent/guard/terms.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/os/beside.h"
#include "common/os/process.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM    "opencicd-guard"
#define STACK_SIZE (64 << 10)
#define START_US   SECONDS (10)

struct guard {
    int terms;   // Written to
    int watched; // Read by the thread; -1 where it is a process
    process_gate_t *gate;
    int page; // Of the gate
    pthread_t thread;
};

static void *watch (void *self_)
{
    const guard_t *self = self_;
    log_name_thread ("guard");
    (void) guard_watch (self->watched, getpid (), self->gate);
    return NULL;
}

static fault_t start_thread (guard_t *self, turn_t *turn, int terms)
{
    pthread_attr_t attributes;
    self->watched = terms;
    pthread_attr_init (&attributes);
    pthread_attr_setstacksize (&attributes, STACK_SIZE);
    int error = pthread_create (&self->thread, &attributes, watch, self);
    pthread_attr_destroy (&attributes);
    return error ? turn_fail (turn, BROKEN, "cannot start a thread: %s", strerror (error)) : OK;
}

// The process that we start goes on as another one, which is not our child. It gets nothing of our environment, which may hold secrets.
static fault_t start_process (turn_t *turn, const char *program, const char *tracking, int terms, int gate)
{
    arena_t *arena = turn->arena;
    process_t *process;
    process_end_t end = {.status = 1};
    const process_spec_t spec = {
        .argv = (const char *const[]){program, arena_printf (arena, "%d", (int) getpid ()), tracking, NULL},
        .environment = (const char *const[]){arena_printf (arena, "RUNNER_TRACKING_ID=%s", tracking), NULL},
        .in = terms,
        .out = gate,
        .err = PROCESS_OURS};
    TRY (process_start (&process, turn, &spec));
    fault_t fault = process_wait (process, START_US, &end);
    if (!fault && end.status != 0)
        fault = turn_fail (turn, BROKEN, "%s ended with status %d", program, end.status);
    process_release (&process);
    return fault;
}

static fault_t start (guard_t *self, turn_t *turn, const char *program, const char *tracking)
{
    int read_end, write_end;
    TRY (process_pipe (turn, &read_end, &write_end));
    self->terms = write_end;
    fcntl (write_end, F_SETFL, O_NONBLOCK);
    fcntl (read_end, F_SETFL, O_NONBLOCK);
    fault_t fault = process_gate_new (&self->gate, turn, &self->page);
    if (!fault)
        fault = program ? start_process (turn, program, tracking, read_end, self->page)
                        : start_thread (self, turn, read_end);
    else
        self->page = -1;
    if (program || fault) {
        self->watched = -1;
        close (read_end);
    }
    return fault;
}

fault_t guard_new (guard_t **out, turn_t *turn, const char *tracking)
{
    const char *program = getpid () == 1 ? NULL : beside_program (turn->arena, PROGRAM);
    if (!program && getpid () != 1)
        log_warn (PROGRAM
                  " is not in this program's folder: what a job starts will outlive an agent that is killed",
                  NULL);
    guard_t *self = calloc (1, sizeof (guard_t));
    if (!self)
        abort ();
    *self = (guard_t){.terms = -1, .watched = -1, .page = -1};
    *out = self;
    fault_t fault = start (self, turn, program, tracking);
    if (fault)
        guard_destroy (out);
    else {
        process_gate_use (self->gate);
        process_gate_lend (self->page);
    }
    return fault;
}

void guard_destroy (guard_t **self_p)
{
    guard_t *self = *self_p;
    if (!self)
        return;
    if (self->terms >= 0)
        close (self->terms);
    if (self->watched >= 0) {
        pthread_join (self->thread, NULL);
        close (self->watched);
    }
    process_gate_use (NULL);
    process_gate_lend (-1);
    process_gate_destroy (&self->gate);
    if (self->page >= 0)
        close (self->page);
    free (self);
    *self_p = NULL;
}

// A pipe that is full has terms that say nearly the same.
void guard_prolong (const guard_t *self, uint64_t number, int64_t until_us)
{
    const guard_term_t term = {number, until_us};
    if (write (self->terms, &term, sizeof term) != sizeof term)
        log_warn ("the guard of this agent does not answer", NULL);
}

void guard_kill (const guard_t *self, uint64_t number)
{
    guard_prolong (self, number, GUARD_KILL);
}

int guard_handle (const guard_t *self)
{
    return self->terms;
}
