/* web.h - the link that opens the web pages. */

#ifndef OPENCICD_CLI_UP_WEB_H
#define OPENCICD_CLI_UP_WEB_H

#include "cli/server/client.h"

// "http://127.0.0.1:8080/sign-in#occ_...": signs in the first browser that opens it, as the client's own token. `minutes` 0: the
// server's default.
MUST_USE fault_t web_link (client_t *client, turn_t *turn, uint32_t minutes, const char **out);

#endif
