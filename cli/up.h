/* up.h - `opencicd up`: the whole system in one process, with local agents as its children. */

#ifndef OPENCICD_UP_H
#define OPENCICD_UP_H

#include "common/settings.h"

// Runs until SIGINT or SIGTERM. Gives the exit status: 0, or 1 where it could not start, with the reason on standard error.
int up_run (const settings_t *settings);

#endif
