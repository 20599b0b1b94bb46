/* up.h - `opencicd up`: the whole system in one process, with local agents as its children. */

#ifndef OPENCICD_CLI_UP_UP_H
#define OPENCICD_CLI_UP_UP_H

#include "common/settings/settings.h"

// Runs until SIGINT or SIGTERM. Returns the exit status: 0, or 1 if it could not start, with the reason on standard error.
int up_run (const settings_t *settings);

#endif
