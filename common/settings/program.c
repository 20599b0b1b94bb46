/* program.c - see program.h. */

#include "common/settings/program.h"

#include "common/base/log.h"
#include "common/os/systemd.h"

#include <czmq.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

// Settings of malloc. Threads here are many and small. The memory of a piece of a log (some blocks of 1 MiB, again in each hop) is kept
// until the next piece comes: page faults and cleared pages would cost more than the work on the piece.
#define ARENAS    2
#define TRIM_FROM (4 << 20)
#define MMAP_FROM (4 << 20)

static sigset_t awaited_signals (void)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    return set;
}

void program_begin (const settings_t *settings, const char *name)
{
    sigset_t set = awaited_signals ();
    mallopt (M_ARENA_MAX, ARENAS);
    mallopt (M_TRIM_THRESHOLD, TRIM_FROM);
    mallopt (M_MMAP_THRESHOLD, MMAP_FROM);
    sigaction (SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    pthread_sigmask (SIG_BLOCK, &set, NULL);
    zsys_handler_set (NULL);
    systemd_begin ();
    log_setup ((log_level_t) settings->log_level, settings->log_format == 1);
    log_name_thread (name);
}

void program_wait (void)
{
    sigset_t set = awaited_signals ();
    int number;
    systemd_ready ();
    while (sigwait (&set, &number) != 0)
        ;
    systemd_stopping ();
    log_info ("stopping", "signal", strsignal (number), NULL);
}

// Its number; not positive where none came.
static int signal_within (int64_t us)
{
    sigset_t set = awaited_signals ();
    const struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    return sigtimedwait (&set, NULL, &time);
}

void program_linger (int64_t us)
{
    if (signal_within (us) > 0)
        log_info ("stopping at once", NULL);
}

bool program_must_end (int64_t us)
{
    int number = signal_within (us);
    if (number > 0)
        kill (getpid (), number); // It is blocked: whoever looks next finds it again
    return number > 0;
}
