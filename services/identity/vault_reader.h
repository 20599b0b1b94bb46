/* vault_reader.h - reads the vaults for a job that begins, while identity serves others. */

#ifndef OPENCICD_IDENTITY_VAULT_READER_H
#define OPENCICD_IDENTITY_VAULT_READER_H

#include "services/identity/inside.h"

// What the vaults have for a job: objects of texts, empty where there is no vault.
typedef struct {
    const value_t *environment, *project, *all;
} vaulted_t;

// LATER while they are read. UNAVAILABLE and INVALID with the vault's reason.
MUST_USE fault_t vault_reader_find (identity_t *self, turn_t *turn, const grant_t *grant, vaulted_t *out);

#endif
