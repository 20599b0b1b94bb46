/* place.h - where the server is and which token it takes.
 *
 * An address that was named wins; else what `opencicd up` left in the data folder. The token of a data folder is shown to the
 * server of that folder alone. */

#ifndef OPENCICD_CLI_PLACE_H
#define OPENCICD_CLI_PLACE_H

#include "common/settings.h"
#include "common/turn.h"

typedef struct {
    const char *url;   // Without a / at its end
    const char *token; // "" for none
} place_t;

// UNAVAILABLE where a data folder was named in which no server left its address; a fault of reading token_file.
MUST_USE fault_t place_find (turn_t *turn, const settings_t *settings, place_t *out);

#endif
