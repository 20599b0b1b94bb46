/* endpoint.h - where the server is and which token it accepts.
 *
 * An address that was given wins; else the one that `opencicd up` left in the data folder. The token of a data folder is sent to the
 * server of that folder only; before it, the one that `opencicd login` has kept for that server. */

#ifndef OPENCICD_CLI_SERVER_ENDPOINT_H
#define OPENCICD_CLI_SERVER_ENDPOINT_H

#include "common/base/turn.h"
#include "common/settings/settings.h"

typedef struct {
    const char *url;   // Without a / at its end
    const char *token; // "" for none
} endpoint_t;

// UNAVAILABLE if a data folder was given in which no server left its address; a fault of reading token_file.
MUST_USE fault_t endpoint_find (turn_t *turn, const settings_t *settings, endpoint_t *out);

#endif
