/* discovery.h - what an OpenID provider says of itself, and which addresses of it are asked. Pure.
 *
 * Sources: OpenID Connect Discovery 1.0, 3 and 4.3; RFC 9207. */

#ifndef OPENCICD_PROVIDERS_DISCOVERY_H
#define OPENCICD_PROVIDERS_DISCOVERY_H

#include "common/base/turn.h"

#include <stdbool.h>

#define DISCOVERY_MAX (64 << 10) // Bytes of the document

typedef struct {
    const char *issuer;
    const char *authorization_endpoint, *token_endpoint, *jwks_uri;
    bool sends_issuer;   // With its answers: RFC 9207
    bool secret_in_body; // client_secret_post: it does not take client_secret_basic
} discovery_t;

// https to a host, or http to this machine; nothing before the host, no fragment. One that is written as a number is public, unless private
// networks are allowed. INVALID or FORBIDDEN; `what` begins the message.
MUST_USE fault_t discovery_check_url (turn_t *turn, const char *what, const char *text,
                                      bool private_networks);
const char *discovery_url (arena_t *arena, const char *issuer); // Where the document is
// INVALID where it is not what `issuer` has to say, exactly as that was configured.
MUST_USE fault_t discovery_parse (turn_t *turn, const char *issuer, bool private_networks, const char *text,
                                  size_t size, discovery_t *out);

#endif
