/* program.h - what every server program does around its own work: settings, log, signals. */

#ifndef OPENCICD_PROGRAM_H
#define OPENCICD_PROGRAM_H

#include "common/settings.h"

// Reads settings; prints help or the version where that was asked for. OK; or *status is what main() returns.
MUST_USE bool program_settings (settings_t *settings, arena_t *arena, unsigned programs, int argc,
                                char **argv, const char *usage, int *status);
// Before any thread is made: sets up the log, blocks SIGINT and SIGTERM in all threads, ignores SIGPIPE.
void program_begin (const settings_t *settings, const char *name);
void program_wait (void);         // Until SIGINT or SIGTERM
void program_linger (int64_t us); // So long, or until the next of them

#endif
