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

#define AGAIN_MS 100 // While a job is paused: what its agent has started meanwhile is paused too

typedef struct {
    int terms, timer;
    pid_t agent;
    guard_term_t term;
    bool paused;
    process_tree_pause_t pause;
} watch_t;

// All that are there. False at the end of the pipe.
static bool read_terms (watch_t *self)
{
    guard_term_t term;
    ssize_t size;
    while ((size = read (self->terms, &term, sizeof term)) == sizeof term)
        if (term.number > self->term.number ||
            (term.number == self->term.number && term.until_us > self->term.until_us))
            self->term = term;
    return size < 0 && (errno == EAGAIN || errno == EINTR);
}

static void set_timer (const watch_t *self)
{
    int64_t until = self->term.until_us;
    struct itimerspec at = {{0, 0}, {0, 0}};
    if (until != NEVER && !self->paused)
        at.it_value = (struct timespec){.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    timerfd_settime (self->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void act (watch_t *self)
{
    bool over = clock_boottime_us () >= self->term.until_us;
    if (over && !self->paused)
        log_warn ("no word from the server until the end of the lease: the job is paused", NULL);
    if (over)
        process_tree_pause (self->agent, &self->pause);
    if (!over && self->paused) {
        process_tree_resume (self->agent, &self->pause);
        log_info (self->term.until_us == NEVER ? "the paused job has ended" : "the paused job goes on", NULL);
    }
    self->paused = over;
    set_timer (self);
}

bool guard_watch (int terms, pid_t agent)
{
    watch_t self = {.terms = terms,
                    .timer = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK),
                    .agent = agent,
                    .term = {0, NEVER}};
    do {
        act (&self);
        struct pollfd polls[] = {{terms, POLLIN, 0}, {self.timer, POLLIN, 0}};
        poll (polls, 2, self.paused ? AGAIN_MS : -1);
    } while (read_terms (&self));
    close (self.timer);
    return self.term.until_us != NEVER;
}
