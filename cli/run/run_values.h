/* run_values.h - the secrets and variables of `opencicd run`, from flags and dotenv files into files that its server and agents read. */

#ifndef OPENCICD_CLI_RUN_RUN_VALUES_H
#define OPENCICD_CLI_RUN_RUN_VALUES_H

#include "cli/command/command.h"

typedef struct {
    const char *secrets, *variables; // Files; "" where there are none
} run_values_t;

// --secret-file and then --secret, --var-file and then --var: the last of a name counts. NAME without a value is taken from the
// environment. BAD_INPUT where a flag or a file is wrong.
MUST_USE fault_t run_values_write (const cli_t *cli, const char *folder, run_values_t *out);

#endif
