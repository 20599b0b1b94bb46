/* known.h - what providers say of themselves, as it was read last: in this process, for an hour.
 *
 * It is read by helper threads, within bounds of size and time, from addresses that the provider's row allows. What was read once is kept
 * while the provider does not answer; after a failure it is left alone for a while, so that a page that many open does not add to its trouble. */

#ifndef OPENCICD_PROVIDERS_KNOWN_H
#define OPENCICD_PROVIDERS_KNOWN_H

#include "common/http/http_client.h"
#include "services/identity/inside.h"
#include "services/identity/providers/discovery.h"
#include "services/identity/providers/jwks.h"
#include "services/identity/providers/provider_store.h"

typedef struct known_providers known_providers_t;

// Lives until the run of the handler ends.
typedef struct {
    discovery_t discovery;
    const char *jwks; // The document
    bool
        keys_may_be_old; // They were not read just now: a token that names another key is reason to look again
} known_provider_t;

known_providers_t *known_new (void);
void known_destroy (known_providers_t **self_p);

// LATER while it is read. UNAVAILABLE, with the reason, where it cannot be.
MUST_USE fault_t known_find (identity_t *self, turn_t *turn, const provider_row_t *provider,
                             known_provider_t *out);
// Its keys were read again.
void known_put_keys (identity_t *self, turn_t *turn, const provider_row_t *provider, const char *jwks);

// In a helper thread, as what follows. 2xx alone is OK. UNAVAILABLE, with the reason, else.
MUST_USE fault_t known_ask (turn_t *turn, const http_request_t *request, bool private_networks,
                            http_answer_t *out);
MUST_USE fault_t known_read_keys (turn_t *turn, const discovery_t *discovery, bool private_networks,
                                  jwks_t *out, const char **text);

#endif
