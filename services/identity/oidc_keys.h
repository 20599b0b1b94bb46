/* oidc_keys.h - the keys that sign identities, and which of them does what when. Pure.
 *
 * A new key is published before it signs, so that whoever keeps a copy of the published ones has it by then; the one before it stays until the
 * last token that it signed has expired. All of it follows from when each begins to sign, so that replicas agree. */

#ifndef OPENCICD_IDENTITY_OIDC_KEYS_H
#define OPENCICD_IDENTITY_OIDC_KEYS_H

#include "common/base/clock.h"
#include "proto/messages.h"

#define OIDC_TOKEN_SECONDS 300           // How long an identity is valid, as on GitHub
#define OIDC_WAIT_US       SECONDS (600) // A new key waits that long before it signs: two copies' lives
#define OIDC_AFTER_US \
    SECONDS (600) // An old one stays after its last signature: a token's life, and clocks that differ
#define OIDC_AGE_US SECONDS (90 * 86400) // A key that has signed so long is replaced

typedef struct {
    const char *id;
    const char *modulus, *exponent; // base64url
    bytes_t sealed;                 // The private one
    const char *key_name;           // That sealed it
    int64_t created_at, signs_at;
} oidc_key_row_t;

typedef struct {
    oidc_key_row_t *items; // The newest first
    size_t count;
} oidc_keys_t;

// The one that signs now; NULL where there is none.
const oidc_key_row_t *oidc_keys_current (const oidc_keys_t *self, int64_t now_us);
// When the key at `i` is to be forgotten; 0: not known yet.
int64_t oidc_keys_end (const oidc_keys_t *self, size_t i);
void oidc_keys_published (oidc_keys_t *self, int64_t now_us);     // Leaves out those whose end has come
bool oidc_keys_pending (const oidc_keys_t *self, int64_t now_us); // Is there one that does not sign yet?
// Is a new one needed, because there is none or the newest is old?
bool oidc_keys_due (const oidc_keys_t *self, int64_t now_us);
const char *oidc_keys_state (const oidc_keys_t *self, size_t i, int64_t now_us); // "next", "current", "old"

#endif
