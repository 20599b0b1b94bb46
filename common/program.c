/* program.c - see program.h. */

#include "common/program.h"

#include "common/log.h"

#include <czmq.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>

#define ARENAS 2 // Of malloc: threads are many and small here

bool program_settings (settings_t *settings, arena_t *arena, unsigned programs, int argc, char **argv,
                       const char *usage, int *status)
{
    const char *error;
    *status = 2;
    if (settings_load (settings, arena, programs, &argc, argv, &error) != OK)
        fprintf (stderr, "%s: %s\n", argv[0], error);
    else if (argc > 1 && !settings->help)
        fprintf (stderr, "%s: %s is not an option\n", argv[0], argv[1]);
    else if (settings->version)
        *status = printf ("%s\n", OPENCICD_VERSION) < 0;
    else if (settings->help) {
        printf ("%s\n\n", usage);
        settings_help (stdout, programs);
        *status = 0;
    } else
        return true;
    return false;
}

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
    sigaction (SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    pthread_sigmask (SIG_BLOCK, &set, NULL);
    zsys_handler_set (NULL);
    log_setup ((log_level_t) settings->log_level, settings->log_format == 1);
    log_name_thread (name);
}

void program_wait (void)
{
    sigset_t set = awaited_signals ();
    int number;
    while (sigwait (&set, &number) != 0)
        ;
    log_info ("stopping", "signal", strsignal (number), NULL);
}

void program_linger (int64_t us)
{
    sigset_t set = awaited_signals ();
    const struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    if (sigtimedwait (&set, NULL, &time) > 0)
        log_info ("stopping at once", NULL);
}
