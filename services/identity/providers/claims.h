/* claims.h - the ID token of a provider: whether it is of this sign-in, and whom it names. Pure.
 *
 * Sources: OpenID Connect Core 1.0, 2 and 3.1.3.7; RFC 7515; RFC 7519; RFC 8725. */

#ifndef OPENCICD_PROVIDERS_CLAIMS_H
#define OPENCICD_PROVIDERS_CLAIMS_H

#include "proto/messages.h"
#include "services/identity/providers/jwks.h"

#define CLAIMS_TOKEN   (64 << 10) // Bytes of an ID token
#define CLAIMS_LEEWAY  60         // Seconds that clocks may differ
#define CLAIMS_SUBJECT 255

// What it must say.
typedef struct {
    const char *issuer, *client_id, *nonce;
    const char *groups_claim; // "": groups are not looked for
    int64_t now_us;
} claims_rules_t;

typedef struct {
    const char *subject;
    const char *user_name, *name,
        *email;      // "" where it does not say; an address only where the provider has verified it
    bool has_groups; // Else nothing is said of groups, which is not that there are none
    strs_t groups;
} id_claims_t;

// NOT_FOUND: it is signed by a key that is not among these, and may be a new one. UNAUTHORIZED for all else that is wrong.
MUST_USE fault_t claims_check (turn_t *turn, const claims_rules_t *rules, const jwks_t *keys,
                               const char *token, id_claims_t *out);

#endif
