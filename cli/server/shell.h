/* shell.h - a shell in a held job, between this program's standard streams and the server.
 *
 * A connection that breaks, as where a gateway is replaced, is taken up again where it was: both streams are counted in bytes. */

#ifndef OPENCICD_CLI_SERVER_SHELL_H
#define OPENCICD_CLI_SERVER_SHELL_H

#include "cli/server/client.h"

#define SHELL_LOST_MS 60000 // Without a server for this long it is given up

typedef struct {
    uint32_t status;    // Of the shell
    const char *reason; // In the turn's arena: why it ended, where it did not exit; "" where it did
} shell_end_t;

// Until it ends. `raw`: keys are sent one by one, and `~.` at the beginning of a line leaves it; else standard input is a file or a pipe,
// whose end is typed as Ctrl-D.
MUST_USE fault_t shell_talk (client_t *client, turn_t *turn, const char *job, const char *shell, bool raw,
                             shell_end_t *out);

#endif
