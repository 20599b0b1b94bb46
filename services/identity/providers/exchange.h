/* exchange.h - what a provider's answer stands for: its code is given for an ID token, once, and that is checked.
 *
 * Sources: RFC 6749, 4.1.3 and 2.3.1; RFC 7636; OpenID Connect Core 1.0, 3.1.3. */

#ifndef OPENCICD_PROVIDERS_EXCHANGE_H
#define OPENCICD_PROVIDERS_EXCHANGE_H

#include "services/identity/providers/claims.h"
#include "services/identity/providers/known.h"

typedef struct {
    const provider_row_t *provider;
    const char *secret; // "" for a public client
    const char *code, *verifier, *nonce, *redirect_url;
    const char *state; // Its hash: of two requests with one state the second gets the first one's answer
} code_exchange_t;

// LATER while the provider is asked. UNAUTHORIZED where that refuses, or its token is wrong; UNAVAILABLE where it does not answer, or not
// to us. What it names lives as long as the turn.
MUST_USE fault_t exchange_find (identity_t *self, turn_t *turn, const known_provider_t *known,
                                const code_exchange_t *ask, id_claims_t *out);

#endif
