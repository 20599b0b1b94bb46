/* program.h - what every server program does around its own work: settings, log, signals. */

#ifndef OPENCICD_PROGRAM_H
#define OPENCICD_PROGRAM_H

#include "common/settings/settings.h"

// Reads the settings of the program `name` (program_table.h); prints help or the version if asked. False: *status is what main() returns.
MUST_USE bool program_settings (settings_t *settings, arena_t *arena, const char *name, int argc, char **argv,
                                int *status);
// Before any thread is made: sets up the log, takes the service manager's address (systemd.h), blocks SIGINT and SIGTERM in all threads, ignores SIGPIPE.
void program_begin (const settings_t *settings, const char *name);
// Until SIGINT or SIGTERM. The service manager is notified that we serve, and then that we stop.
void program_wait (void);
void program_linger (int64_t us); // For this long, or until the next of them
// Waits so long while the program starts. True if one of them has come: program_wait returns at once then, and the program need not serve.
bool program_must_end (int64_t us);

#endif
