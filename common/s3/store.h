/* store.h - the blob store that the settings name: a directory or a bucket. */

#ifndef OPENCICD_STORE_H
#define OPENCICD_STORE_H

#include "common/blob/blob.h"
#include "common/settings/settings.h"

// Opens and checks it. The detail says what is wrong and what to do.
MUST_USE fault_t store_open (blob_t **out, turn_t *turn, const settings_t *settings);

#endif
