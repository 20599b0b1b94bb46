/* oidc.h - the keys of identities, for the identity service's other files. */

#ifndef OPENCICD_IDENTITY_OIDC_H
#define OPENCICD_IDENTITY_OIDC_H

#include "services/identity/inside.h"
#include "services/identity/oidc_keys.h"

// Those that are published; makes one where one is needed: LATER until it is there.
MUST_USE fault_t oidc_take_keys (identity_t *self, turn_t *turn, oidc_keys_t *out);
// The private key as PEM; NULL where the key file lacks what sealed it, or the row was changed.
const char *oidc_open (const identity_t *self, arena_t *arena, const oidc_key_row_t *row);
// Of a tick. Keys whose end has come are removed; *next_us: when the next is.
MUST_USE fault_t oidc_forget_ended (identity_t *self, turn_t *turn, int64_t *next_us);
// Keys that an older key of the key file sealed are sealed by the newest.
MUST_USE fault_t oidc_reseal (identity_t *self, turn_t *turn);

#endif
