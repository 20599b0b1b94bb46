/* watch.c - see terms.h. Nothing here waits for anything but the pipe and a timer, and nothing is shared with the agent: a hung request, a full
 * disk or a frozen agent do not keep it from pausing a job in time. */

#include "agent/guard/terms.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/os/process_tree.h"

#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define AGAIN_MS 100 // While a job is paused: another may have told its processes to go on
#define SOON_MS  5   // While there are such as may not have stopped yet
#define GATE_MS  100 // For starts that are under way. An agent that takes longer is frozen

typedef struct {
    int terms, timer;
    pid_t agent;
    process_gate_t *gate;
    guard_term_t term;
    bool kill;          // The job of the term
    bool gone;          // The agent has closed the pipe
    bool paused, quiet; // And nothing of it was found running
    process_tree_pause_t pause;
} watch_t;

static void take_term (watch_t *self, const guard_term_t *term)
{
    if (term->number > self->term.number) {
        self->term = (guard_term_t){term->number, 0};
        self->kill = false;
    }
    if (term->number < self->term.number)
        return;
    if (term->until_us == GUARD_KILL)
        self->kill = true;
    else if (term->until_us > self->term.until_us)
        self->term.until_us = term->until_us;
}

// All that are there.
static void read_terms (watch_t *self)
{
    guard_term_t term;
    ssize_t size;
    while ((size = read (self->terms, &term, sizeof term)) == sizeof term)
        take_term (self, &term);
    self->gone = !(size < 0 && (errno == EAGAIN || errno == EINTR));
}

// A look at all processes takes long on a busy machine. Meanwhile the job may have ended and the next one begun: its first process is below the
// agent, too. The agent says so before it starts that: where it has not said so yet, none of those that were found is the next job's.
static bool is_still_killed (void *self_)
{
    watch_t *self = self_;
    read_terms (self);
    bool still = self->kill && self->term.until_us != NEVER;
    if (!still)
        self->quiet = false; // What was just stopped goes on soon
    return still;
}

static void set_timer (const watch_t *self)
{
    int64_t until = self->term.until_us;
    struct itimerspec at = {{0, 0}, {0, 0}};
    if (until != NEVER && !self->paused)
        at.it_value = (struct timespec){.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    timerfd_settime (self->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

// The order matters: what was stopped before is noted while only others stop processes; then nothing starts any more; then what there is is
// stopped. A process in the middle of its start is not stopped, except where the agent is frozen there: the thread that starts it could not
// act until that goes on.
static void pause_all (watch_t *self)
{
    if (!self->paused) {
        log_warn (self->kill ? "the job is killed"
                             : "the lease has ended and the server has not answered: the job is paused",
                  NULL);
        process_tree_note (self->agent, &self->pause);
    }
    bool shut = process_gate_shut (self->gate, self->paused ? 0 : MILLISECONDS (GATE_MS));
    self->quiet = process_tree_pause (self->agent, &self->pause) && shut;
    if (self->kill)
        process_tree_kill_below (self->agent, is_still_killed, self);
}

// The gate first: a start that finds it shut stops its own process, and relies on our looking for that later (process_gate_leave).
static void resume_all (watch_t *self)
{
    process_gate_open (self->gate);
    process_tree_resume (self->agent, &self->pause);
    log_info (self->term.until_us == NEVER ? "the paused job has ended" : "the paused job continues", NULL);
}

static void act (watch_t *self)
{
    bool ended = self->term.until_us == NEVER;
    bool over = !ended && (self->kill || clock_boottime_us () >= self->term.until_us);
    if (over)
        pause_all (self);
    else if (self->paused)
        resume_all (self);
    self->paused = over;
    set_timer (self);
}

bool guard_watch (int terms, pid_t agent, process_gate_t *gate)
{
    watch_t self = {.terms = terms,
                    .timer = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK),
                    .agent = agent,
                    .gate = gate,
                    .term = {0, NEVER}};
    do {
        act (&self);
        struct pollfd polls[] = {{terms, POLLIN, 0}, {self.timer, POLLIN, 0}};
        poll (polls, 2, !self.paused ? -1 : self.quiet ? AGAIN_MS : SOON_MS);
        read_terms (&self);
    } while (!self.gone);
    close (self.timer);
    return self.term.until_us != NEVER;
}
