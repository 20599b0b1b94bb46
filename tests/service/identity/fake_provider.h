/* fake_provider.h - an OpenID provider, played: discovery, keys, codes that work once with their verifier, ID tokens that are wrong where the
 * test is about that. People "sign in" there by fake_provider_visit(), which answers as the redirect would. */

#ifndef OPENCICD_TEST_IDENTITY_FAKE_PROVIDER_H
#define OPENCICD_TEST_IDENTITY_FAKE_PROVIDER_H

#include "tests/service/identity/world.h"

typedef struct fake_provider fake_provider_t;

// What of it is wrong, or else than usual. Set while nobody asks.
typedef struct {
    const char *sub;          // Who signs in there
    const char *more;         // Claims: ",\"groups\":[]"
    const char *iss;          // Of the ID token; NULL: its own
    const char *aud;          // NULL: "ci"
    const char *nonce;        // NULL: the one that was asked with
    const char *alg;          // NULL: RS256
    int64_t expires_in;       // Seconds; 0: 300
    bool other_key;           // Signed by a key that it does not publish, under the name of one that it does
    bool new_key;             // From now on it signs with, and publishes, another key
    bool sends_issuer;        // And says so
    bool down;                // It answers 503
    const char *other_issuer; // Its discovery document is of this one
} fake_says_t;

fake_provider_t *fake_provider_new (world_t *world);
void fake_provider_destroy (fake_provider_t **self_p);
const char *fake_provider_url (const fake_provider_t *self); // The issuer
void fake_provider_say (fake_provider_t *self, fake_says_t says);
size_t fake_provider_asked (fake_provider_t *self, const char *path); // How often

// What the browser brings back: of the address at the provider, the state and a code.
typedef struct {
    const char *state, *code;
} fake_answer_t;
fake_answer_t fake_provider_visit (fake_provider_t *self, const char *url);

#endif
